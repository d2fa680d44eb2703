"""When a stored plan is made anew, and when it stays."""

import msgspec
import psycopg
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.model import EntityType
from mm_pipeline.plan.planner import PlanStops, make_plan, require_plan, with_people_anew
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline_tests.rows import WORKSPACE, add_row

SETTINGS = PlanSettings(staged_at=1)
OTHER = msgspec.structs.replace(SETTINGS, email_domain="nobody.example")


def _emails(database: str, settings: PlanSettings) -> list[str]:
    plan = make_plan(EntityStore(Database(database), WORKSPACE), FreshServer("team"), settings)
    return [person.email for person in plan.people]


def test_other_choices_make_another_plan_before_anything_is_exported(database: str) -> None:
    add_row(database, EntityType.USER, "U1", {"id": "U1", "name": "moss"})
    assert _emails(database, SETTINGS) == ["u1@slack.invalid"]
    assert _emails(database, OTHER) == ["u1@nobody.example"]


def test_a_plan_that_has_begun_to_come_true_stays_whatever_is_chosen_later(database: str) -> None:
    add_row(database, EntityType.USER, "U1", {"id": "U1", "name": "moss"})
    assert _emails(database, SETTINGS) == ["u1@slack.invalid"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE entities SET status = 'success', mattermost_id = 'm1'")
    assert _emails(database, OTHER) == ["u1@slack.invalid"]


def test_conversations_follow_when_somebody_is_left_out_and_keep_what_was_decided_about_them(database: str) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    for number, name in enumerate(("moss", "fern", "reed", "sage"), start=1):
        add_row(database, EntityType.USER, f"U{number}", {"id": f"U{number}", "name": name})
    conversations = {
        "C1": {"name": "seeds", "members": ["U1", "U2"], "is_private": False, "topic": {"value": "ask <@U3>"}},
        "D1": {"is_im": True, "members": ["U1", "U2"]},
        "D2": {"is_im": True, "members": ["U1", "U3"]},
        "G1": {"name": "mpdm-x-1", "is_mpim": True, "members": ["U1", "U2", "U3", "U4"]},
    }
    for slack_id, raw in conversations.items():
        add_row(database, EntityType.CHANNEL, slack_id, {"id": slack_id, **raw})
    plan = make_plan(store, FreshServer("team"), SETTINGS)
    edits: dict[str, dict[str, str]] = {"U2": {"skip": "left out"}, "U3": {"username": "rush"}}
    people = [msgspec.structs.replace(one, **edits.get(one.slack_id, {})) for one in plan.people]
    renamed = msgspec.structs.replace(plan.channels[0], name="sprouts", note="as written in the plan")
    edited = msgspec.structs.replace(plan, people=people, channels=[renamed, *plan.channels[1:]])
    after = {one.slack_id: one for one in with_people_anew(store, FreshServer("team"), SETTINGS, edited).channels}
    assert (after["C1"].name, after["C1"].note, after["C1"].members) == (
        "sprouts",
        "as written in the plan",
        ("moss",),
    )
    assert after["C1"].header == "ask @rush"
    assert (after["D1"].kind, after["D1"].name, after["D1"].members) == ("P", "slack-d1", ("moss",))
    assert (after["D2"].kind, after["D2"].members) == ("D", ("moss", "rush"))
    assert (after["G1"].kind, after["G1"].members) == ("G", ("moss", "rush", "sage"))


def test_asking_again_with_the_same_choices_at_another_time_changes_nothing(database: str) -> None:
    add_row(database, EntityType.USER, "U1", {"id": "U1", "name": "moss"})
    first = _emails(database, SETTINGS)
    assert _emails(database, msgspec.structs.replace(SETTINGS, staged_at=2, allow_over_limit=True)) == first


class Limited(FreshServer):
    """A server whose licence shows one post."""

    def server(self) -> Server:
        return msgspec.structs.replace(super().server(), history_limit=1)


def test_a_licence_that_would_hide_what_comes_stops_the_plan_until_all_is_there(database: str) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    for number in (1, 2):
        add_row(database, EntityType.MESSAGE, f"C1:{number}.0", channel="C1", create_at=number * 1000)
    with pytest.raises(PlanStops, match="2 messages are to come"):
        make_plan(store, Limited("team"), SETTINGS)
    make_plan(store, FreshServer("team"), SETTINGS)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE entities SET status = 'success'")
    make_plan(store, Limited("team"), SETTINGS)


class Full(FreshServer):
    """A server whose edition lets nobody more in."""

    def server(self) -> Server:
        return msgspec.structs.replace(super().server(), hard_user_limit=1, active_users=1)


def test_accounts_that_become_people_are_counted_where_nothing_else_is_to_come(database: str) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    make_plan(store, Full("team"), SETTINGS)
    with pytest.raises(PlanStops, match="the plan adds 0 and activates 1"):
        make_plan(store, Full("team"), SETTINGS, activated=1)
    with pytest.raises(PlanStops, match="activates 1"):
        require_plan(store, Full("team"), SETTINGS, {}, activated=1)
