"""A choice on the rows: what is marked, what stays, and what comes back when more is chosen."""

from typing import Any

import msgspec
import psycopg
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline.plan.choice import Choice
from mm_pipeline.plan.choosing import called_back, choose
from mm_pipeline.plan.decisions_csv import Plan, plan_rows
from mm_pipeline.plan.planner import make_plan, stored_plan
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline_tests.rows import WORKSPACE, add_row

SETTINGS = PlanSettings(staged_at=1_790_000_000_000)
EVERYTHING = Choice()
#: Days of the past: ms.
OLD, NEW, NEWEST = 1_700_000_000_000, 1_710_000_000_000, 1_720_000_000_000  # 2023-11-14, 2024-03-09, 2024-07-03
LEFT = "chosen to be left out: "


@pytest.fixture
def store(database: str) -> EntityStore:
    """Three people and a bot, a channel with a thread that went on, a private one, a DM; files and reactions."""
    for slack_id, name in (("U1", "fern"), ("U2", "moss"), ("U3", "reed"), ("B4", "bell")):
        add_row(database, EntityType.USER, slack_id, {"id": slack_id, "name": name, "is_bot": slack_id == "B4"})
    for slack_id, raw in (
        ("C1", {"name": "seeds", "is_private": False, "members": ["U1", "U2", "U3"]}),
        ("G2", {"name": "cellar", "is_private": True, "members": ["U2", "U3"]}),
        ("D3", {"is_im": True, "members": ["U1", "U3"]}),
    ):
        add_row(database, EntityType.CHANNEL, slack_id, {"id": slack_id, **raw}, channel=slack_id)
    for slack_id, at, author, parent in (
        ("C1:1", OLD, "U1", None),
        ("C1:2", OLD + 5, "U2", None),
        ("C1:3", OLD + 6, "U2", "C1:2"),
        ("C1:4", NEW, "U1", "C1:2"),
        ("C1:5", NEWEST, "U1", "C1:2"),
        ("G2:1", NEW, "U3", None),
        ("D3:1", NEW, "U1", None),
    ):
        channel = slack_id.partition(":")[0]
        add_row(database, EntityType.MESSAGE, slack_id, channel=channel, create_at=at, user=author, parent=parent)
    add_row(database, EntityType.ATTACHMENT, "C1:1:F1", channel="C1", parent="C1:1")
    add_row(database, EntityType.ATTACHMENT, "C1:2:F1", channel="C1", parent="C1:2")
    add_row(database, EntityType.REACTION, "C1:2:tada:U3", channel="C1", parent="C1:2", user="U3")
    add_row(database, EntityType.CUSTOM_EMOJI, "leaf")
    return EntityStore(Database(database), WORKSPACE)


def marked(store: EntityStore, **choice: str) -> dict[str, str]:
    """Choose; return what is left out: Slack id -> the setting."""
    choose(store, Choice(**choice), SETTINGS)
    return {slack_id: why for entity_type in EntityType for slack_id, why in store.left_out(entity_type).items()}


def states(store: EntityStore) -> set[tuple[str, str | None]]:
    return {(row.status, row.error_message) for entity_type in EntityType for row in store.rows(entity_type)}


def change(store: EntityStore, assignment: str, *slack_ids: str) -> None:
    with psycopg.connect(store.database.url, autocommit=True) as connection:
        connection.execute(f"UPDATE entities SET {assignment} WHERE slack_id = ANY(%s)".encode(), (list(slack_ids),))


def test_a_thread_that_went_on_comes_whole_from_its_beginning_and_nothing_later_than_the_last_day(
    store: EntityStore,
) -> None:
    left = marked(store, since="2024-01-01", until="2024-03-31")
    assert {one for one in left if ":" in one} == {"C1:1", "C1:1:F1", "C1:5"}
    assert (left["C1:1"], left["C1:1:F1"], left["C1:5"]) == (
        "MM_SINCE=2024-01-01",
        "MM_SINCE=2024-01-01",
        "MM_UNTIL=2024-03-31",
    )
    (row,) = store.rows_by_slack_id(EntityType.MESSAGE, ["C1:1"])
    assert (row.status, row.error_message) == (Status.SKIPPED, f"{LEFT}MM_SINCE=2024-01-01")


def test_what_hangs_on_what_is_left_out_is_left_out_and_kinds_of_things_by_themselves(store: EntityStore) -> None:
    left = marked(store, skip_channels="seeds", without="emoji")
    assert {"C1", "C1:1", "C1:5", "C1:2:F1", "C1:2:tada:U3", "leaf"} <= left.keys()
    assert {"D3:1", "G2:1"}.isdisjoint(left)
    left = marked(store, without="files,reactions")
    assert left == {
        "C1:1:F1": "MM_WITHOUT=files",
        "C1:2:F1": "MM_WITHOUT=files",
        "C1:2:tada:U3": "MM_WITHOUT=reactions",
    }


def test_choosing_everything_brings_all_of_it_back_and_what_is_on_the_server_is_never_touched(
    store: EntityStore,
) -> None:
    change(store, "status = 'success', mattermost_id = 'there'", "C1", "C1:1")
    change(store, "status = 'failed', error_message = 'the server said no'", "C1:2")
    change(store, "mattermost_id = 'half of it'", "C1:4")
    left = marked(store, only_channels="cellar", without="emoji")
    assert {"C1", "C1:1", "C1:4"}.isdisjoint(left)
    assert {"C1:2", "C1:3", "D3", "D3:1", "leaf"} <= left.keys()
    assert marked(store) == {}
    assert states(store) == {(Status.PENDING, None), (Status.SUCCESS, None)}


def test_rows_that_something_else_skipped_stay_as_they_are(store: EntityStore) -> None:
    other = f"{LEFT}left out in the plan"
    change(store, f"status = 'skipped', error_message = '{other}'", "C1:1")
    assert "C1:1" not in marked(store, skip_channels="seeds")
    marked(store)
    (row,) = store.rows_by_slack_id(EntityType.MESSAGE, ["C1:1"])
    assert row.error_message == other


def test_a_direct_conversation_of_which_no_message_goes_stays_behind_and_so_does_who_is_in_nothing_else(
    store: EntityStore,
) -> None:
    left = marked(store, since="2024-06-01", skip_channels="seeds,cellar")
    assert left["D3"] == left["D3:1"] == "MM_SINCE=2024-06-01"
    assert marked(store, since="2024-06-01").keys().isdisjoint({"C1", "G2"})  # a channel is a place


def test_who_is_left_out_comes_for_what_they_wrote_alone_and_strangers_and_bots_if_they_wrote(
    store: EntityStore,
) -> None:
    names_only = choose(store, Choice(only_people="fern"), SETTINGS).names_only
    # moss wrote in the open channel, reed is the other side of a DM of fern's and reacted; the bot wrote nothing.
    assert names_only == {"U2": "MM_ONLY_PEOPLE=fern", "U3": "MM_ONLY_PEOPLE=fern"}
    assert store.left_out(EntityType.USER) == {"B4": "MM_ONLY_PEOPLE=fern"}
    assert choose(store, Choice(only_channels="cellar"), SETTINGS).names_only == {}
    assert store.left_out(EntityType.USER).keys() == {"U1", "B4"}


def plan(store: EntityStore, **choice: str) -> Plan:
    names_only = choose(store, Choice(**choice), SETTINGS).names_only
    return make_plan(store, FreshServer("team"), SETTINGS, names_only)


def person(made: Plan, slack_id: str) -> Any:
    return next(one for one in made.people if one.slack_id == slack_id)


def test_their_account_is_deactivated_until_they_are_chosen_and_names_do_not_depend_on_the_choice(
    store: EntityStore,
) -> None:
    pilot = plan(store, only_people="fern")
    assert [one.slack_id for one in pilot.people if one.delete_at] == ["U2", "U3"]
    note = next(row["note"] for row in plan_rows(pilot) if row["slack_id"] == "U2")
    assert "left out by MM_ONLY_PEOPLE=fern, but what they wrote goes: a deactivated account" in note
    whole = plan(store)
    assert not any(one.delete_at or one.names_only for one in whole.people)
    assert [one.username for one in pilot.people] == [one.username for one in whole.people]
    assert [one.name for one in pilot.channels] == [one.name for one in whole.channels]


def test_whom_the_server_has_already_is_called_back_and_their_channels_are_seen_to_once_more(
    store: EntityStore,
) -> None:
    plan(store, only_people="fern")
    change(
        store,
        f"status = 'success', sent_hash = raw_hash, mattermost_id = 'id-' || slack_id, origin = '{Origin.CREATED.value}'",
        "U2",
    )
    change(store, "status = 'success', sent_hash = raw_hash, mattermost_id = 'there'", "C1")
    assert store.changed_since_sent() == {}
    names_only = choose(store, EVERYTHING, SETTINGS).names_only
    assert called_back(store, stored_plan(store), names_only) == ["id-U2"]
    assert store.changed_since_sent() == {EntityType.CHANNEL: 1}
    made = make_plan(store, FreshServer("team"), SETTINGS, names_only)
    assert (person(made, "U2").delete_at, person(made, "U2").names_only) == (0, "")


def test_who_is_a_person_of_the_server_by_now_stays_one_whatever_is_chosen(store: EntityStore) -> None:
    plan(store)
    change(store, "status = 'success', mattermost_id = 'there'", "U2")
    assert person(plan(store, only_people="fern"), "U2").delete_at == 0


def test_choosing_the_same_again_writes_nothing(store: EntityStore) -> None:
    def versions() -> list[Any]:
        with psycopg.connect(store.database.url) as connection:
            return connection.execute("SELECT id, xmin::text FROM entities ORDER BY id").fetchall()

    marked(store, only_people="fern", since="2024-01-01", without="files")
    before = versions()
    marked(store, only_people="fern", since="2024-01-01", without="files")
    assert versions() == before


def test_every_choice_can_be_made_in_the_launchpad() -> None:
    from mm_pipeline.definitions import SETTINGS as VARIABLES
    from mm_pipeline.resources import PlanResource

    names = [field.name for field in msgspec.structs.fields(Choice)]
    assert all(f"MM_{name.upper()}" in VARIABLES for name in names)
    assert PlanResource(only_channels="seeds", since="2024-01-01").choice == Choice(
        only_channels="seeds", since="2024-01-01"
    )
