"""Rows that people look up: by name, failed ones first, with no words of anybody and nobody of a direct message."""

from typing import Any

import psycopg

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.samples import samples
from mm_pipeline_tests.rows import WORKSPACE, add_row

MORNING_MS = 1714550400_000


def shown(database: str, entity_type: EntityType) -> list[list[str]]:
    store = EntityStore(Database(database), WORKSPACE)
    return [list(one.line.values()) for one in samples(store, entity_type, store.counts(entity_type)[entity_type])]


def planned(database: str, slack_id: str, kind: str, name: str = "") -> None:
    add_row(database, EntityType.CHANNEL, slack_id, {"name": name}, status=Status.SUCCESS, target_name=name)
    with psycopg.connect(database) as connection:
        decision = f'{{"kind": "{kind}", "name": "{name}", "slack_name": "mpdm-ada--ben-1"}}'
        connection.execute("INSERT INTO plans VALUES (%s, 'channel', %s, %s)", (WORKSPACE, slack_id, decision))


def test_messages_are_told_by_author_place_and_time_rather_public_ones(database: str) -> None:
    planned(database, "D1", "D")
    planned(database, "C1", "O", "garden")
    add_row(database, EntityType.USER, "U1", status=Status.SUCCESS, target_name="ada")
    sent: dict[str, Any] = {"user": "U1", "create_at": MORNING_MS, "status": Status.SUCCESS}
    for channel in ("D1", "C1"):
        for number in range(2):
            more = {"mattermost_id": f"post{number}", **sent}
            add_row(
                database, EntityType.MESSAGE, f"{channel}:{number}", {"text": "our secret"}, channel=channel, **more
            )
    refused = {**sent, "status": Status.FAILED, "error_message": "the server does not like it"}
    add_row(database, EntityType.MESSAGE, "D1:9", {"text": "our secret"}, channel="D1", **refused)
    assert shown(database, EntityType.MESSAGE) == [
        ["failed", "ada in a direct message, 2024-05-01 08:00 UTC", "the server does not like it"],
        ["success", "ada in a direct message, 2024-05-01 08:00 UTC", "the same"],
        ["success", "ada in garden, 2024-05-01 08:00 UTC", "in ~garden"],
        ["success", "ada in garden, 2024-05-01 08:00 UTC", "in ~garden"],
    ]


def test_what_everybody_may_look_at_has_a_path_and_what_is_private_none(database: str) -> None:
    planned(database, "C1", "O", "garden")
    planned(database, "C2", "P", "attic")
    for channel in ("C1", "C2"):
        there: dict[str, Any] = {"mattermost_id": f"in{channel}", "status": Status.SUCCESS}
        add_row(database, EntityType.MESSAGE, f"{channel}:1", channel=channel, **there)
    store = EntityStore(Database(database), WORKSPACE)
    paths = {t: [one.path for one in samples(store, t, store.counts()[t])] for t in EntityType}
    assert paths[EntityType.CHANNEL] == ["/channels/garden", ""]
    assert paths[EntityType.MESSAGE] == ["/pl/inC1", ""]


def test_who_is_in_a_group_message_is_not_told(database: str) -> None:
    planned(database, "G1", "G")
    assert shown(database, EntityType.CHANNEL) == [["success", "a group message", "the same"]]


def test_people_emoji_files_and_reactions_have_names(database: str) -> None:
    planned(database, "C1", "O", "garden")
    ada = {"name": "ada", "profile": {"real_name": "Ada Fern"}}
    add_row(database, EntityType.USER, "U1", ada, status=Status.SUCCESS, target_name="ada.fern")
    add_row(database, EntityType.CUSTOM_EMOJI, "sprout", status=Status.SUCCESS, target_name="sprout2")
    add_row(database, EntityType.MESSAGE, "C1:1", channel="C1", mattermost_id="post1", status=Status.SUCCESS)
    hangs: dict[str, Any] = {"channel": "C1", "parent": "C1:1", "user": "U1", "status": Status.SUCCESS}
    add_row(database, EntityType.ATTACHMENT, "C1:1:F1", {"name": "menu.pdf"}, **hangs)
    add_row(database, EntityType.REACTION, "C1:1:tada:U1", {"name": "tada"}, **hangs)
    assert shown(database, EntityType.USER) == [["success", "Ada Fern (ada)", "@ada.fern"]]
    assert shown(database, EntityType.CUSTOM_EMOJI) == [["success", ":sprout:", ":sprout2:"]]
    assert shown(database, EntityType.ATTACHMENT) == [["success", "menu.pdf in garden", "in ~garden"]]
    assert shown(database, EntityType.REACTION) == [["success", ":tada: by ada.fern in garden", "in ~garden"]]
