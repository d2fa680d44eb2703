"""The plan as people read it: numbers first, what changes before what does not, long lists folded, narrow enough."""

import io

import msgspec
import pytest

from mm_pipeline.model import EntityType
from mm_pipeline.plan.channels import plan_channels
from mm_pipeline.plan.decisions_csv import Plan, read_edits, write_plan
from mm_pipeline.plan.edits import LEFT_OUT
from mm_pipeline.plan.emoji import plan_emoji
from mm_pipeline.plan.outline import Line, Staying, outline, summary
from mm_pipeline.plan.people import plan_people
from mm_pipeline.report.frames import decisions_frame, plan_frame
from mm_pipeline.report.plan_text import plan_text
from mm_pipeline_tests.plan.rows import account, channel, emoji, existing, settings, user


@pytest.fixture
def lines() -> list[Line]:
    """fern is there, moss gets another name, bramble-nn are as in Slack; two channels, one of them left out; an emoji."""
    users = [user("U1", "fern", "fern@orchard.example"), user("U2", "moss", "moss@orchard.example")]
    users += [user(f"U1{n:02}", f"bramble-{n:02}", f"bramble-{n}@orchard.example") for n in range(60)]
    accounts = [account("fern", "fern@orchard.example"), account("moss", "another.moss@meadow.example")]
    people = plan_people(users, accounts, settings())
    rows = [channel("C1", "seeds", members=["U1"]), channel("C2", "Teich und Moor", members=["U1"])]
    plan = Plan(
        people=people,
        emoji=plan_emoji([emoji("leaf")], (), ()),
        channels=plan_channels(rows, lambda name: None, {one.slack_id: one.username for one in people}, settings()),
    )
    return outline(plan, {EntityType.CHANNEL: {"C1": "MM_ONLY_CHANNELS=ponds"}})


def test_it_counts_who_is_there_who_is_new_whose_name_changes_and_what_stays_behind(lines: list[Line]) -> None:
    counts = summary(lines)
    assert counts[EntityType.USER] == {
        "in all": 62,
        "created": 61,
        "matched": 1,
        "with another": 0,
        "author only": 0,
        "left out": 0,
        "renamed": 1,
    }
    assert counts[EntityType.CHANNEL] == {
        "in all": 2,
        "created": 1,
        "matched": 0,
        "with another": 0,
        "author only": 0,
        "left out": 1,
        "renamed": 1,
    }
    assert plan_frame(lines).loc["user", "renamed"] == 1


@pytest.mark.parametrize("width", [80, 120])
def test_in_a_terminal_no_line_is_wider_and_long_lists_are_folded(lines: list[Line], width: int) -> None:
    said = plan_text(lines, width=width).splitlines()
    assert max(map(len, said)) <= width
    assert "people        62       61        1         0        1" in said
    assert next(line for line in said if line.startswith("~ moss")).split()[:3] == ["~", "moss", "moss-2"]
    assert next(line for line in said if line.startswith("- seeds")).endswith("MM_ONLY_CHANNELS=ponds")
    assert any(line.startswith("  ... and 51 more come as they are") for line in said)


def test_changes_alone_or_everything_is_shown_where_it_is_asked_for(lines: list[Line]) -> None:
    changes = plan_text(lines, width=None, only_changes=True)
    assert "bramble" not in changes
    assert "moss-2" in changes
    assert plan_text(lines, width=None, everything=True).count("+ bramble-") == 60
    assert "\n... and" not in plan_text(lines, width=None, everything=True)


def test_the_table_of_the_ui_begins_with_what_changes(lines: list[Line]) -> None:
    frame = decisions_frame(lines)
    assert [*frame["what"][:3]] == ["created, renamed", "created, renamed", "left out"]
    assert [*frame.columns[:3]] == ["type", "slack name", "mattermost name"]


def test_what_came_of_a_line_stands_in_terminal_ui_and_csv_and_the_csv_can_be_read_back() -> None:
    users = [user(f"U{n}", name, f"{name}@orchard.example") for n, name in enumerate(("fern", "moss", "sage", "rue"))]
    plan = Plan(people=plan_people(users, [account("fern", "fern@orchard.example")], settings()))
    fern, moss, sage, _ = (one.key for one in plan.people)
    became = {fern: "matched", moss: "made", sage: "failed: the server said no"}
    lines = outline(plan, {}, became=became)
    said = plan_text(lines, width=120)
    assert [" ".join(line.split()) for line in said.splitlines()[-4:]] == [
        "! sage failed: the server said no",
        "= fern matched by e-mail",
        "= moss made",
        "+ rue",
    ]
    assert "! did not come" in said
    assert [*decisions_frame(lines)["became"]] == ["failed: the server said no", "matched", "made", ""]
    written = io.StringIO()
    write_plan(plan, written, became)
    head, *rows = written.getvalue().splitlines()
    assert head.endswith(",note,became")
    assert [row.rpartition(",")[2] for row in rows] == ["matched", "made", "failed: the server said no", ""]
    written.seek(0)
    assert [edit.name for edit in read_edits(written)] == ["fern", "moss", "sage", "rue"]


def test_another_name_of_an_emoji_is_not_said_to_be_on_the_server() -> None:
    lines = outline(Plan(emoji=plan_emoji([emoji("leaf"), emoji("blatt", alias="leaf")], (), ())), {})
    counts = summary(lines)[EntityType.CUSTOM_EMOJI]
    assert (counts["created"], counts["matched"], counts["with another"]) == (1, 0, 1)
    said = plan_text(lines, width=80).splitlines()
    assert "> blatt  leaf  alias of leaf: written as leaf" in said
    assert sum(line.startswith("> with another: ") for line in said) == 1
    assert not any(line.startswith("= blatt") for line in said)


def test_an_emoji_of_a_name_that_the_server_has_is_said_to_be_there() -> None:
    (line,) = outline(Plan(emoji=plan_emoji([emoji("leaf")], {"leaf"}, ())), {})
    assert plan_text([line], width=80).splitlines()[-1] == "= leaf    the server has it already: its picture stays"


def test_people_of_one_name_are_told_apart_by_real_name_and_e_mail() -> None:
    twins = [
        user(slack_id, "sam", f"sam@{where}.example", profile={"real_name": real})
        for slack_id, where, real in (("U1", "orchard", "Samuel Reed"), ("U2", "meadow", "Samira Moss"))
    ]
    found = {line.slack_id: line for line in outline(Plan(people=plan_people(twins, [], settings())), {})}
    assert found["U1"].note == "Samuel Reed, sam@orchard.example"
    assert found["U2"].note == (
        "Samira Moss, sam@meadow.example; "
        "the name sam is another's in Slack (Samuel Reed, sam@orchard.example): becomes sam-2"
    )


def test_the_line_of_somebody_who_is_left_out_says_what_stays_behind_with_them() -> None:
    fern, moss = (
        msgspec.structs.replace(one, skip=LEFT_OUT)
        for one in plan_people([user("U1", "fern"), user("U2", "moss")], [], settings())
    )
    lines = outline(Plan(people=[fern, moss]), {}, {"U1": Staying(own=3, replies=1)})
    assert [line.note for line in lines] == [
        "left out in the plan; and with them 3 messages and 1 reply of others in threads that they began",
        "left out in the plan",
    ]


def test_what_goes_into_a_channel_of_the_server_and_who_is_matched_by_name_alone_are_among_the_changes() -> None:
    rows = [user("U1", "fern"), user("U2", "moss", "moss@orchard.example")]
    people = plan_people(
        rows, [account("fern", "f@meadow.example"), account("moss", "moss@orchard.example")], settings()
    )
    rows = [channel("C1", "seeds"), channel("C2", "ponds"), channel("C3", "ours", row={"mattermost_id": "id-ours"})]
    there = {"seeds": existing("seeds"), "ours": existing("ours")}
    plan = Plan(people=people, channels=plan_channels(rows, there.get, {}, settings()))
    said = plan_text(outline(plan, {}), width=None, only_changes=True)
    assert [line.split()[:2] for line in said.splitlines() if line.startswith(("=", "+")) and "new" not in line] == [
        ["=", "fern"],
        ["=", "seeds"],
    ]
