"""What the report says of reactions: those that have no person, no picture, or no place of their own."""

from typing import Any

import msgspec

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.reactions import Reactions
from mm_pipeline_tests.rows import WORKSPACE, add_row


def _message(database: str, ts: str, reactions: Any, status: Status = Status.SUCCESS) -> None:
    """A message with its reactions as Slack tells them, and a row for each that has a name and people."""
    message = f"C0BAY:{ts}"
    raw = {"ts": ts, "text": "tide", "reactions": reactions}
    add_row(database, EntityType.MESSAGE, message, raw, status=status, channel="C0BAY")
    for reaction in msgspec.to_builtins(reactions) if isinstance(reactions, list) else ():
        users = reaction.get("users") if isinstance(reaction, dict) else None
        for user in users if isinstance(users, list) else ():
            slack_id = f"{message}:{reaction['name']}:{user}"
            told = {"name": reaction["name"], "user": user}
            add_row(
                database, EntityType.REACTION, slack_id, told, status=status, channel="C0BAY", parent=message, user=user
            )


def _reactions(database: str, *without_picture: str) -> Reactions:
    return Reactions.of(EntityStore(Database(database), WORKSPACE), without_picture)


def test_where_all_is_as_in_slack_there_is_nothing_to_say(database: str) -> None:
    _message(database, "1.000001", [{"name": "+1", "users": ["U1", "U2"], "count": 2}])
    assert _reactions(database).sentences() == []


def test_people_beyond_slack_s_fifty_are_counted_with_the_worst_examples(database: str) -> None:
    add_row(database, EntityType.CHANNEL, "C0BAY", {"name": "bay"}, status=Status.SUCCESS, target_name="the-bay")
    fifty = [f"U{number}" for number in range(50)]
    _message(database, "1.000001", [{"name": "blue_heart", "users": fifty, "count": 55}])
    _message(
        database, "2.000001", [{"name": "tada", "users": ["U1"], "count": 1}, {"name": "+1", "users": [], "count": 84}]
    )
    _message(database, "3.000001", [{"name": "eyes", "users": fifty, "count": 60}], status=Status.FAILED)
    found = _reactions(database)
    assert (found.nameless, found.nameless_entries) == (89, 2)
    (sentence,) = found.sentences()
    assert sentence.startswith("89 reactions have no person")
    assert "the worst: the-bay 2.000001 :+1: 84 of 84; the-bay 1.000001 :blue_heart: 5 of 55" in sentence


def test_counts_of_any_shape_do_no_harm(database: str) -> None:
    for number, odd in enumerate(
        [
            "none",
            {"name": "+1", "count": 9},
            [3, None, {"name": 5, "count": "9", "users": ["U1"]}],
            [{"count": 7, "users": "all"}, {"name": "eyes", "count": -3, "users": []}],
            [{"name": "eyes", "count": 1e300, "users": []}],
        ]
    ):
        raw = {"ts": f"{number}.1", "reactions": odd}
        add_row(database, EntityType.MESSAGE, f"C0BAY:{number}.1", raw, status=Status.SUCCESS, channel="C0BAY")
    assert _reactions(database).nameless_entries == 1


def test_emoji_that_the_server_got_for_reactions_are_counted_though_they_are_no_rows(database: str) -> None:
    _message(database, "1.000001", [{"name": "melting_face", "users": ["U1", "U2"], "count": 2}])
    assert _reactions(database).sentences() == [
        "2 reactions stand under emoji that Mattermost lacks; it got 1 custom emoji for them, which are no rows: melting_face (2)."
    ]


def test_one_persons_reactions_that_share_a_name_in_mattermost_are_counted(database: str) -> None:
    tones = [{"name": f"handshake::skin-tone-{tone}", "users": ["U1"], "count": 1} for tone in (2, 3)]
    kept = [{"name": f"+1::skin-tone-{tone}", "users": ["U1"], "count": 1} for tone in (2, 3)]
    others = [{"name": "handshake", "users": ["U2"], "count": 1}]
    _message(database, "1.000001", tones + kept + others)
    _message(database, "2.000001", tones[:1])
    assert _reactions(database).merged == 1
    assert "1 reaction fell together" in _reactions(database).sentences()[0]


def test_emoji_of_ours_and_emoji_without_a_picture_are_listed_with_counts(database: str) -> None:
    names = ["melting_face", "melting_face", "goose", "party_blob", "schrödinger's-cat", "smile"]
    for number, name in enumerate(names):
        _message(database, f"{number}.000001", [{"name": name, "users": ["U1"], "count": 1}])
    found = _reactions(database, "party_blob", "schrodinger_s-cat", "goose", "of_another_workspace")
    assert found.made == {"melting_face": 2}
    assert found.without_picture == {"goose": 1, "party_blob": 1, "schrodinger_s-cat": 1}
    assert "melting_face (2)" in found.sentences()[0]
    assert "goose (1), party_blob (1), schrodinger_s-cat (1)" in found.sentences()[1]
