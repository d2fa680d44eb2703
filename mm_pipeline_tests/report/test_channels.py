"""What the report says of conversations that are not as Slack had them."""

from typing import Any

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType
from mm_pipeline.plan.choice import Choice
from mm_pipeline.plan.choosing import choose
from mm_pipeline.plan.planner import make_plan, stored_plan
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.report.changed_names import changed_names
from mm_pipeline.report.channels import changed_channels, channels_frame, channels_text
from mm_pipeline_tests.rows import WORKSPACE, add_row


def planned(database: str, *conversations: dict[str, Any], **choices: Any) -> EntityStore:
    store = EntityStore(Database(database), WORKSPACE)
    for number in range(1, 4):
        add_row(database, EntityType.USER, f"U{number}", {"id": f"U{number}", "name": f"person{number}"})
    for raw in conversations:
        add_row(database, EntityType.CHANNEL, raw["id"], raw)
    make_plan(store, FreshServer("team"), PlanSettings(staged_at=1, **choices))
    return store


def test_left_out_merged_renamed_and_closed_ones_are_told_with_the_reason(database: str) -> None:
    group = {"is_mpim": True, "members": ["U1", "U2", "U3"]}
    store = planned(
        database,
        {"id": "C1", "name": "as-it-was"},
        {"id": "C2", "name": "Größe"},
        {"id": "folder:gone", "name": "gone", "unlisted": True, "is_private": True},
        {"id": "G3", "name": "mpdm-a-1", **group},
        {"id": "G4", "name": "mpdm-b-1", **group},
        {"id": "D5", "is_im": True, "members": ["U1", "UNKNOWN"]},
        unknown_channels="skip",
    )
    assert [row[:2] for row in changed_channels(store)] == [
        ["Größe", "public: grosse"],
        ["D5", "private: slack-d5"],
        ["mpdm-b-1", "group: person1, person2, person3"],
        ["gone", "nothing"],
    ]
    text = channels_text(changed_channels(store))
    assert text.startswith("4 conversations are not as Slack had them:\nin Slack")
    for reason in ("grosse in its address", "not all known", "the same people as mpdm-a-1", "MM_UNKNOWN_CHANNELS=skip"):
        assert reason in text
    assert list(channels_frame(store).columns) == ["in Slack", "in Mattermost", "why"]
    assert len(channels_frame(store)) == 4


def test_a_pilot_is_told_nothing_of_conversations_that_its_choice_leaves_out(database: str) -> None:
    store = planned(database, {"id": "C1", "name": "Größe"}, {"id": "C2", "name": "Maße", "members": ["U9GHOST"]})
    choose(store, Choice(only_channels="C1"), PlanSettings(staged_at=1))
    assert [row[0] for row in changed_channels(store)] == ["Größe"]
    assert [one.old for one in changed_names(stored_plan(store), store.left_out(EntityType.CHANNEL))] == ["Größe"]
    assert store.known_by_id_alone() == []


def test_where_all_is_as_it_was_nothing_is_said(database: str) -> None:
    store = planned(database, {"id": "C1", "name": "as-it-was"})
    assert channels_text(changed_channels(store)) == ""
    assert channels_frame(store).empty


def test_of_many_the_first_are_shown_and_the_others_counted(database: str) -> None:
    store = planned(database, *({"id": f"C{n:02}", "name": f"Größe {n:02}"} for n in range(25)))
    text = channels_text(changed_channels(store))
    assert text.splitlines()[-1] == "... and 5 more: `mm-pipeline plan --csv FILE` has all"
    assert len(text.splitlines()) == 1 + 2 + 20 + 1
