"""What two of a stored plan would share stops it before anything is sent; what is shared on purpose does not."""

import msgspec
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType
from mm_pipeline.plan.channels import plan_channels
from mm_pipeline.plan.decisions_csv import Plan, names_of_lines
from mm_pipeline.plan.emoji import plan_emoji
from mm_pipeline.plan.objections import clash_objections
from mm_pipeline.plan.people import PersonDecision, plan_people
from mm_pipeline.plan.planner import PlanStops, make_plan, require_plan, store_plan, stored_plan
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline_tests.plan.rows import channel, emoji, settings, user
from mm_pipeline_tests.rows import WORKSPACE, add_row

SETTINGS = PlanSettings(staged_at=1)
FERN, MOSS = (
    PersonDecision(slack_id=f"U{key}", key=key, slack_name=name, username=name, email=f"{name}@orchard.example")
    for key, name in ((1, "fern"), (2, "moss"))
)


def said(plan: Plan) -> list[str]:
    found = clash_objections(plan, names_of_lines(plan))
    assert all(one.level == "stop" and "--csv" in one.mend and "--read" in one.mend for one in found)
    return [one.sentence for one in found]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"username": "FERN"}, "username fern"),
        ({"email": "Fern@Orchard.example"}, "e-mail"),
        ({"matched_id": "id-fern", "username": "fern"}, "account"),
    ],
)
def test_two_people_who_would_have_one_name_address_or_account_are_named_once(given: dict[str, str], what: str) -> None:
    plan = Plan(people=[msgspec.structs.replace(FERN, matched_id="id-fern"), msgspec.structs.replace(MOSS, **given)])
    assert said(plan) == [f"fern and moss have the same {what} in the plan, and would become one."]


def test_two_channels_or_two_emoji_of_one_name_are_named() -> None:
    channels = plan_channels([channel("C1", "seeds"), channel("C2", "ponds")], {}.get, {}, settings())
    pictures = plan_emoji([emoji("cat"), emoji("dog")], (), ())
    plan = Plan(
        channels=[channels[0], msgspec.structs.replace(channels[1], name="seeds")],
        emoji=[pictures[0], msgspec.structs.replace(pictures[1], name="cat")],
    )
    assert said(plan) == [
        "seeds and ponds have the same channel name seeds in the plan, and would become one.",
        "cat and dog have the same emoji name cat in the plan, and would become one.",
    ]


def test_who_stays_behind_one_conversation_of_the_same_people_and_another_name_of_an_emoji_share_on_purpose() -> None:
    people = plan_people([user("U1", "fern"), user("U2", "moss"), user("U3", "reed")], [], settings())
    usernames = {one.slack_id: one.username for one in people}
    trio = {"is_mpim": True, "members": ["U1", "U2", "U3"]}
    rows = [
        channel("G1", "mpdm-1", **trio),
        channel("G2", "mpdm-2", **trio),
        channel("D3", is_im=True, members=["U1", "U2"]),
    ]
    channels = plan_channels(rows, {}.get, usernames, settings())
    assert any(one.merged_into for one in channels)
    pictures = plan_emoji([emoji("cat"), emoji("kitty", "cat"), emoji("a b", "a_b"), emoji("a_b", "a b")], (), ())
    people[0] = msgspec.structs.replace(people[0], username="moss", skip="left out in the plan")
    assert said(Plan(people=people, channels=channels, emoji=pictures)) == []


def test_a_stored_plan_in_which_two_would_become_one_is_shown_and_stops_each_run_until_it_is_mended(
    database: str,
) -> None:
    for slack_id, name in (("U1", "fern"), ("U2", "moss")):
        add_row(database, EntityType.USER, slack_id, {"id": slack_id, "name": name})
    store, server = EntityStore(Database(database), WORKSPACE), FreshServer("team")
    good = make_plan(store, server, SETTINGS)
    store_plan(store, Plan(people=[msgspec.structs.replace(one, username="reed") for one in good.people]))
    with pytest.raises(PlanStops, match="fern and moss have the same username reed") as stops:
        make_plan(store, server, SETTINGS)
    assert stops.value.plan == stored_plan(store)
    with pytest.raises(PlanStops, match="fern and moss have the same username reed"):
        require_plan(store, server, SETTINGS, {})
    store_plan(store, good)
    require_plan(store, server, SETTINGS, {})
