"""Everybody is counted once, and every number is a part of another one."""

import msgspec

from mm_pipeline.model import EntityType
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.outline import Fate, fates, outline, summary
from mm_pipeline.plan.people import BY_HAND, plan_people
from mm_pipeline.preflight.head_count import HeadCount, head_count
from mm_pipeline.staging.people import UNKNOWN
from mm_pipeline_tests.plan.rows import account, settings, user

ROWS = [
    user("U1", "moss", email="moss@orchard.example"),
    user("U2", "fern"),
    user("U3", "rush", deleted=True),
    user("U4", "sage", email="sage@orchard.example"),
    user("U5", "left"),
    user("U6", "wrote"),
    user("B7", "gull"),
    user(UNKNOWN, "unknown-in-slack", is_bot=True),
]
THERE = [account("moss2", "moss@orchard.example"), account("fern")]
LEFT_OUT = {EntityType.USER: {"U5": "MM_SKIP_PEOPLE=left"}}


def counted(waiting: set[str]) -> tuple[HeadCount, dict[str, int]]:
    """Return the count, and the line `people` of the plan."""
    people = plan_people(ROWS, THERE, settings())
    author = next(one for one in people if one.slack_id == "U6")
    people[people.index(author)] = msgspec.structs.replace(author, names_only="MM_SKIP_PEOPLE=wrote", delete_at=1)
    lines = outline(Plan(people=people), LEFT_OUT)
    return head_count(people, fates(lines)[EntityType.USER], waiting), summary(lines)[EntityType.USER]


def test_the_sum_is_that_of_the_plan() -> None:
    count, plan = counted({row.slack_id for row in ROWS})
    assert count.people + count.bots == plan["in all"] == len(ROWS)
    assert {fate.value: number for fate, number in count.fates.items()} == {
        name: number for name, number in plan.items() if name not in ("in all", "renamed") and number
    }
    assert count.to_make == plan["created"] + plan["author only"]
    assert count.sentences() == (
        "6 people and 2 bots, one of these for all whom Slack does not name: 2 matched (1 by e-mail, 1 by name), 4 created, "
        "1 author only, 1 left out. To be made: 5 accounts (1 active person, 2 deactivated, 2 bots)."
    )


def test_who_was_matched_by_hand_is_told_apart() -> None:
    (one,) = plan_people([user("U1", "moss")], [], settings())
    one = msgspec.structs.replace(one, matched_id="there", note=BY_HAND)
    count = head_count([one], {"U1": Fate.MATCHED}, {"U1"})
    assert count.sentences().startswith("1 person and 0 bots: 1 matched (1 by hand). ")


def test_what_an_earlier_run_made_is_not_made_again() -> None:
    count, _ = counted({"U4", "B7"})
    assert count.sentences().endswith(
        "An earlier run made 3 accounts. To be made: 2 accounts (1 active person, 1 bot)."
    )
    done, _ = counted(set())
    assert done.sentences().endswith("An earlier run made 5 accounts; none is left to be made.")
    assert HeadCount().sentences() == "0 people and 0 bots: nobody comes. No account is to be made."
