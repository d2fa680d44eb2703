"""Rows against a real server: what a check says where something is missing, and where going on would do damage."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.audit import Audit
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.comparison import Compared
from mm_pipeline_tests.mattermost.people_of import http_of, new_channel
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.rows import WORKSPACE, add_row

NOBODY = "n" * 26
Now = Callable[[], Compared]
_SENT: dict[str, Any] = {"status": Status.SUCCESS, "sent_hash": "hash"}


@pytest.fixture
def rest(mattermost: RunningServer, team: str) -> Rest:
    return Rest(http_of(mattermost.url, mattermost.token), team)


@pytest.fixture
def now(database: str, rest: Rest) -> Now:
    """What compares the rows and the server as they are when it is called."""
    return lambda: Compared(EntityStore(Database(database), WORKSPACE), Audit(rest))


def planned_channel(database: str, slack_id: str, channel_id: str, kind: str = "O") -> None:
    """A conversation that went into a channel of the server."""
    add_row(database, EntityType.CHANNEL, slack_id, mattermost_id=channel_id, target_name="room", **_SENT)
    with psycopg.connect(database) as connection:
        decision = f'{{"kind": "{kind}", "name": "room", "slack_name": "room"}}'
        connection.execute("INSERT INTO plans VALUES (%s, 'channel', %s, %s)", (WORKSPACE, slack_id, decision))


def test_people_of_another_server_are_harm_and_a_missing_one_is_none(database: str, now: Now, rest: Rest) -> None:
    add_row(database, EntityType.USER, "U1", mattermost_id=NOBODY, target_name="gone", **_SENT)
    nobody_there = now().accounts()
    assert (nobody_there.agrees, nobody_there.is_harmful) == (False, True)
    add_row(database, EntityType.USER, "U2", mattermost_id=rest.me.id, target_name="here", **_SENT)
    one_there = now().accounts()
    assert (one_there.agrees, one_there.is_harmful) == (False, False)
    assert one_there.said == "1 of 2 accounts are not on the server any more, like gone."
    assert one_there.lines == [{"missing": "gone"}]


def test_nothing_sent_yet_is_no_harm(now: Now) -> None:
    for verdict in (now().accounts(), now().emoji(), now().channels(), now().openness()):
        assert verdict.agrees, verdict
    for verdict in (now().messages(), now().files(), now().reactions()):
        assert verdict.agrees, verdict


def test_private_messages_never_go_where_everybody_reads(database: str, now: Now, rest: Rest) -> None:
    planned_channel(database, "C1", new_channel(rest.http, rest.team_id)["id"], kind="P")
    assert now().openness().agrees  # nothing is left to be sent
    add_row(database, EntityType.MESSAGE, "C1:1.0", channel="C1", create_at=1)
    verdict = now().openness()
    assert (verdict.agrees, verdict.is_harmful) == (False, True)
    assert "like room: make them private in Mattermost" in verdict.said
    assert verdict.lines == [{"channel": "room", "messages still to be sent": 1}]
    with psycopg.connect(database) as connection:  # what was left out since is never sent
        connection.execute("""UPDATE plans SET decision = decision || '{"skip": "chosen to be left out"}'""")
    assert now().openness().agrees


def test_a_channel_that_is_gone_is_named(database: str, now: Now, rest: Rest) -> None:
    planned_channel(database, "C1", new_channel(rest.http, rest.team_id)["id"])
    planned_channel(database, "C2", NOBODY)
    verdict = now().channels()
    assert (verdict.agrees, verdict.is_harmful, verdict.lines) == (False, False, [{"missing": "room"}])


def test_posts_replies_and_files_that_are_missing_in_number_are_told_by_channel(
    database: str, now: Now, rest: Rest
) -> None:
    room = new_channel(rest.http, rest.team_id)["id"]
    planned_channel(database, "C1", room)
    root = rest.http.post("/posts", {"channel_id": room, "message": "root"})["id"]
    reply = rest.http.post("/posts", {"channel_id": room, "message": "reply", "root_id": root})["id"]
    for number, post in enumerate((root, reply)):
        sent = {"parent": "C1:0.0" if number else None, "mattermost_id": post, **_SENT}
        add_row(database, EntityType.MESSAGE, f"C1:{number}.0", channel="C1", create_at=number, **sent)
    # A join is a post that the server does not count.
    add_row(database, EntityType.MESSAGE, "C1:8.0", {"subtype": "channel_join"}, channel="C1", create_at=8, **_SENT)
    all_there = now().messages()
    assert all_there.agrees, all_there
    assert all_there.lines == [
        {"channel": "room", "in the export": 3, "read back": 3}
        | {"posts / on the server": "2 / 2", "replies / on the server": "1 / 1", "missing": 0}
    ]

    add_row(database, EntityType.MESSAGE, "C1:9.0", channel="C1", create_at=9, mattermost_id=NOBODY, **_SENT)
    add_row(database, EntityType.ATTACHMENT, "C1:9.0:F1", channel="C1", parent="C1:9.0", **_SENT)
    fewer = now().messages()
    assert (fewer.agrees, fewer.is_harmful) == (False, False)
    assert fewer.said.startswith("The server counts 1 post fewer than were read back in 1 channel.")
    assert "Of 3 messages that were asked for by id 1 is missing, like C1:9.0:" in fewer.said
    assert now().files().lines == [{"channel": "room", "read back": 1, "on the server": 0}]


def test_a_message_that_somebody_deleted_is_told_though_the_servers_totals_still_count_it(
    database: str, now: Now, rest: Rest
) -> None:
    room = new_channel(rest.http, rest.team_id)["id"]
    planned_channel(database, "C1", room)
    for number in range(2):
        post = rest.http.post("/posts", {"channel_id": room, "message": "hello"})["id"]
        add_row(
            database, EntityType.MESSAGE, f"C1:{number}.0", channel="C1", create_at=number, mattermost_id=post, **_SENT
        )
    rest.delete_post(post)
    verdict = now().messages()
    assert (verdict.agrees, verdict.is_harmful) == (False, False)
    assert verdict.said == (
        "In the one channel the server counts at least the posts and replies that were read back. "
        "Of 2 messages that were asked for by id 1 is missing, like C1:1.0: deleted by people, or lost by the server."
    )
    assert (verdict.numbers["missing"], verdict.numbers["missing of those asked for by id"]) == (0, 1)


def test_a_reaction_that_is_missing_is_told(database: str, now: Now, rest: Rest) -> None:
    room = new_channel(rest.http, rest.team_id)["id"]
    planned_channel(database, "C1", room)
    post = rest.http.post("/posts", {"channel_id": room, "message": "hello"})["id"]
    add_row(database, EntityType.USER, "U1", mattermost_id=rest.me.id, target_name="here", **_SENT)
    add_row(database, EntityType.MESSAGE, "C1:1.0", channel="C1", create_at=1, mattermost_id=post, **_SENT)
    rest.http.post("/reactions", {"user_id": rest.me.id, "post_id": post, "emoji_name": "tada"})
    hangs: dict[str, Any] = {"channel": "C1", "parent": "C1:1.0", "user": "U1", **_SENT}
    add_row(database, EntityType.REACTION, "C1:1.0:tada:U1", {"name": "tada"}, **hangs)
    assert now().reactions().agrees
    add_row(database, EntityType.REACTION, "C1:1.0:eyes:U1", {"name": "eyes"}, **hangs)
    verdict = now().reactions()
    assert verdict.said == "Of 2 reactions on 1 message that was asked for 1 is missing."
    assert verdict.lines == [{"post": post, "missing": 1}]
