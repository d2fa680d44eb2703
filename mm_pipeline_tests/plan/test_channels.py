"""Which channel a conversation becomes: kinds, names, people, and what must never be opened to others."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from mm_pipeline.mattermost.on_server import ChannelKind, ExistingChannel
from mm_pipeline.model import Origin
from mm_pipeline.plan.channels import ChannelDecision, plan_channels
from mm_pipeline_tests.plan.rows import channel, existing, settings

PEOPLE = {f"U{n}": f"person{n}" for n in range(1, 11)} | {"ALIAS2": "person2", "TWIN2": "person2"}
NAMES = {"fern": "U1", "moss": "U2", "reed": "U3"}


def plan(
    *rows: Any,
    there: tuple[ExistingChannel, ...] = (),
    decided: Mapping[str, ChannelDecision] | None = None,
    left_out: tuple[str, ...] = (),
    planned_elsewhere: tuple[str, ...] = (),
    **choices: Any,
) -> dict[str, ChannelDecision]:
    server = {one.name: one for one in there}
    decisions = plan_channels(
        rows, server.get, PEOPLE, settings(**choices), str, NAMES, decided, left_out, planned_elsewhere
    )
    return {one.slack_id: one for one in decisions}


def plan_one(row: Any, **more: Any) -> ChannelDecision:
    return plan(row, **more)[row.slack_id]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (channel("C1", "seeds", is_private=False), "O"),
        (channel("C1", "seeds", is_private=True), "P"),
        (channel("G1", "seeds", is_private=False, is_channel=True), "O"),
        (channel("D1", is_im=True, members=["U1", "U2"]), "D"),
        (channel("D1", is_im=True, members=["U1"]), "D"),
        (channel("D1", is_im=True, members=["U1", "U1"]), "D"),
        (channel("D1", is_im=True, members=["U1", "UGONE"]), "P"),
        (channel("D1", is_im=True, members=[]), "P"),
        (channel("D1", is_im=True, user="U1"), "P"),
        (channel("C1", "mpdm-a--b--c-1", is_mpim=True, members=["U1", "U2", "U3"]), "G"),
        (channel("C1", "mpdm-x-1", is_mpim=True, members=[f"U{n}" for n in range(1, 9)]), "G"),
        (channel("C1", "mpdm-x-1", is_mpim=True, members=[f"U{n}" for n in range(1, 10)]), "P"),
        (channel("C1", "mpdm-x-1", is_mpim=True, members=["U1", "U2", "UGONE"]), "P"),
        (channel("C1", "mpdm-x-1", is_mpim=True, members=["U1", "U2"]), "P"),
        (channel("C1", "mpdm-x-1", is_mpim=True, members=["U1", "U2", "ALIAS2"]), "D"),
        (channel("C1", "mpdm-x-1", is_mpim=True, members=["U2", "ALIAS2", "TWIN2"]), "D"),
        (channel("C1", "mpdm-x-1", is_mpim=True, members=["U1", "U2", "ALIAS2", "UGONE"]), "P"),
        (channel("D1", is_im=True, members=["U2", "ALIAS2"]), "D"),
        (channel("C1", "seeds", is_private=True, is_ext_shared=True), "P"),
        (channel("C1", "seeds", is_private=False, is_shared=True, is_org_shared=True), "O"),
        (channel("G1", "seeds", is_private=True, is_channel=True), "P"),
        (channel("folder:x", "x", unlisted=True, is_private=True), "P"),
        (channel("folder:D0123ABCD", "D0123ABCD", unlisted=True, is_im=True, members=["U1"]), "P"),
        (channel("folder:D0123ABCD", "D0123ABCD", unlisted=True, is_im=True, members=["U1", "U2"]), "D"),
        (channel("folder:m", "mpdm-fern--moss--reed-1", unlisted=True, members=["U1"]), "G"),
    ],
)
def test_kinds_come_from_flags_and_from_who_is_left(row: Any, kind: str) -> None:
    assert plan_one(row).kind == kind


def test_old_private_groups_without_any_flag_are_not_opened() -> None:
    row = channel("G1", "seeds")
    del row.raw_data["is_private"]
    assert plan_one(row).kind == "P"


def test_folders_that_no_index_names_can_be_public_or_left_out() -> None:
    row = channel("folder:seeds", "seeds", unlisted=True, is_private=True, members=["U2", "U1"])
    private = plan_one(row)
    assert (private.kind, private.members, private.name) == ("P", ("person1", "person2"), "seeds")
    assert "not in any index" in private.note
    assert plan_one(row, unknown_channels="public").kind == "O"
    assert plan_one(row, unknown_channels="skip").skip


def test_a_group_dm_of_nine_says_what_became_of_it() -> None:
    decision = plan_one(channel("C1", "mpdm-x-1", is_mpim=True, members=[f"U{n}" for n in range(1, 10)]))
    assert "9 people" in decision.note
    assert len(decision.members) == 9
    assert decision.name == "mpdm-x-1"
    assert decision.display_name.startswith("person1, person2")
    assert len(decision.display_name) <= 64


def test_group_dms_of_the_same_people_share_one_channel() -> None:
    decided = plan(
        channel("C2", "mpdm-b-1", is_mpim=True, members=["U3", "U2", "U1"]),
        channel("C1", "mpdm-a-1", is_mpim=True, members=["U1", "U2", "U3"]),
        channel("C3", "mpdm-c-1", is_mpim=True, members=["U1", "U2", "U4"]),
    )
    assert [one.merged_into for one in decided.values()] == ["", "C1", ""]
    assert decided["C2"].note == "the same people as mpdm-a-1: one channel"


@pytest.mark.parametrize(
    ("slack", "name"),
    [
        ("seeds", "seeds"),
        ("-seeds", "seeds"),
        ("seeds-", "seeds-"),
        ("español", "espanol"),
        ("日本語", "slack-c0abc"),
        ("日本語-help", "slack-c0abc"),
        ("Big Seeds", "big-seeds"),
        ("a.b", "a-b"),
        ("0" * 40, "0" * 40 + "-2"),
        ("a" * 26 + "__" + "b" * 26, "a" * 26 + "__" + "b" * 26 + "-2"),
        ("s" * 80, "s" * 64),
        ("", "slack-c0abc"),
    ],
)
def test_names_become_valid_and_the_display_name_stays_slack_s(slack: str, name: str) -> None:
    decision = plan_one(channel("C0ABC", slack))
    assert decision.name == name
    assert decision.display_name == ((slack if len(slack) <= 64 else slack[:63] + "…") or name)
    assert bool(decision.note) == (name != slack)


def test_conversations_of_the_same_accounts_share_one_channel_whatever_slack_called_them() -> None:
    """Three Slack people of whom two are one account here: their group DM is the direct channel of the two."""
    decided = plan(
        channel("D5", is_im=True, members=["U1", "U2"]),
        channel("C1", "mpdm-a-1", is_mpim=True, members=["U1", "U2", "ALIAS2"], topic={"value": "seeds"}),
    )
    assert [(one.kind, one.members) for one in decided.values()] == [("D", ("person1", "person2"))] * 2
    assert [one.merged_into for one in decided.values()] == ["", "C1"]
    assert decided["C1"].header == "seeds"
    assert "3 people are 2 accounts" in decided["C1"].note
    assert decided["D5"].note == "the same people as mpdm-a-1: one channel"


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ({"is_shared": True, "is_ext_shared": True}, "another workspace"),
        ({"is_shared": True, "is_org_shared": True}, "of the organisation"),
        ({"previous_names": ["sprouts", "seeds", 7, "", "sprouts"]}, "was called sprouts before"),
        ({"previous_names": "sprouts"}, ""),
        ({"is_shared": False, "is_ext_shared": False, "is_org_shared": False}, ""),
    ],
)
def test_what_a_channel_was_in_slack_is_told(raw: dict[str, Any], word: str) -> None:
    decision = plan_one(channel("C1", "seeds", **raw))
    assert decision.name == "seeds"
    assert (word in decision.note) if word else decision.note == ""


def test_a_folder_called_as_a_channel_once_was_is_no_part_of_it_and_is_told() -> None:
    decided = plan(
        channel("C1", "seeds", previous_names=["sprouts"]),
        channel("folder:sprouts", "sprouts", unlisted=True, is_private=True, members=["U1"]),
    )
    folder = decided["folder:sprouts"]
    assert (folder.kind, folder.name, folder.matched_id) == ("P", "sprouts", "")
    assert "seeds was once called like this" in folder.note


def test_an_archived_channel_that_goes_into_a_live_one_says_that_it_stays_open() -> None:
    decision = plan_one(channel("C1", "seeds", is_archived=True), there=(existing("seeds"),))
    assert decision.matched_id == "id-seeds"
    assert "seeds is left as it is: it was there before" in decision.note


def test_direct_channels_are_not_archived_and_that_is_told() -> None:
    decision = plan_one(channel("C1", "mpdm-a-1", is_mpim=True, members=["U1", "U2", "U3"], is_archived=True))
    assert "archives no direct channels" in decision.note


@pytest.mark.parametrize("name", ["town-square", "off-topic"])
@pytest.mark.parametrize(("private", "expected"), [(False, "{}"), (True, "{}-2")])
def test_channels_called_as_mattermosts_own_join_these_if_they_are_public(
    name: str, private: bool, expected: str
) -> None:
    decision = plan_one(channel("C1", name, is_private=private), there=(existing(name),))
    assert (decision.name, bool(decision.matched_id)) == (expected.format(name), not private)


def test_general_takes_the_channel_that_was_asked_for_before_one_that_has_its_name() -> None:
    decided = plan(
        channel("C1", "town-square"),
        channel("C2", "general", is_general=True),
        there=(existing("town-square"),),
        general="town-square",
    )
    assert [one.name for one in decided.values()] == ["town-square-2", "town-square"]
    assert "asked" in decided["C2"].note


def test_group_dms_of_nine_of_the_same_people_keep_channels_of_their_own() -> None:
    nine = [f"U{n}" for n in range(1, 10)]
    decided = plan(
        channel("C1", "mpdm-a-1", is_mpim=True, members=nine), channel("C2", "mpdm-a-2", is_mpim=True, members=nine)
    )
    assert [(one.kind, one.name) for one in decided.values()] == [("P", "mpdm-a-1"), ("P", "mpdm-a-2")]


def test_names_that_come_to_the_same_are_numbered_and_live_ones_go_first() -> None:
    decided = plan(channel("C1", "Seeds", is_archived=True), channel("C2", "seeds"), channel("C3", "séeds"))
    assert [one.name for one in decided.values()] == ["seeds-3", "seeds", "seeds-2"]
    assert decided["C1"].archived


@pytest.mark.parametrize(
    ("private", "there", "matched"),
    [
        (False, existing("seeds"), True),
        (True, existing("seeds", ChannelKind.PRIVATE), False),
        (True, existing("seeds"), False),
        (False, existing("seeds", ChannelKind.PRIVATE), False),
        (False, existing("seeds", delete_at=7), False),
    ],
)
def test_only_a_live_public_channel_takes_a_public_one_in(private: bool, there: ExistingChannel, matched: bool) -> None:
    decision = plan_one(channel("C1", "seeds", is_private=private), there=(there,))
    assert (decision.matched_id, decision.name) == (("id-seeds", "seeds") if matched else ("", "seeds-2"))
    assert "server" in decision.note or matched


def test_a_numbered_name_is_never_matched() -> None:
    decision = plan_one(
        channel("C1", "seeds", is_private=True), there=(existing("seeds"), existing("seeds-2", ChannelKind.PRIVATE))
    )
    assert (decision.name, decision.matched_id) == ("seeds-3", "")


def test_general_becomes_a_channel_of_its_own_unless_it_is_merged() -> None:
    square = existing("town-square")
    row = channel("C1", "general", is_general=True)
    assert (plan_one(row, there=(square,)).name, plan_one(row, there=(square,)).matched_id) == ("general", "")
    merged = plan_one(row, there=(square,), general="town-square")
    assert (merged.name, merged.matched_id) == ("town-square", "id-town-square")
    lost = plan_one(row, general="town-square")
    assert (lost.name, lost.matched_id) == ("general", "")
    assert "MM_GENERAL" in lost.note


def test_the_flagged_general_is_merged_under_whatever_name() -> None:
    decided = plan(
        channel("C1", "company", is_general=True),
        channel("C2", "general"),
        there=(existing("town-square"),),
        general="town-square",
    )
    assert [one.name for one in decided.values()] == ["town-square", "general"]


def test_topic_and_purpose_are_rendered_cut_and_told() -> None:
    row = channel("C1", "seeds", topic={"value": "t" * 2000}, purpose={"value": "p" * 300})
    (decision,) = plan_channels([row], {}.get, {}, settings(), lambda text: "*" + text)
    assert (decision.header[:2], len(decision.header), decision.header[-1]) == ("*t", 1024, "…")
    assert len(decision.purpose) == 250
    assert "2001" in decision.note
    assert "301" in decision.note


def test_members_without_an_account_are_left_out_and_counted() -> None:
    decision = plan_one(channel("C1", "seeds", members=["U2", "UGONE", "U1", "U1", None, 7]))
    assert decision.members == ("person1", "person2")
    assert decision.note.startswith("1 of its people")


def test_a_channel_begun_by_an_earlier_run_is_finished_not_matched() -> None:
    row = channel("C1", "seeds")
    first = plan(row)
    again = plan(row, channel("C2", "weeds"), there=(existing("seeds"),), decided=first)
    assert (again["C1"].name, again["C1"].matched_id) == ("seeds", "")


def test_a_channel_that_was_migrated_keeps_its_decision_and_gains_people() -> None:
    first = plan(channel("C1", "seeds", members=["U1"]))
    row = channel(
        "C1",
        "seeds-renamed",
        members=["U2"],
        is_archived=True,
        row={"mattermost_id": "id-seeds", "target_name": "seeds"},
    )
    again = plan(row, there=(existing("seeds", delete_at=9),), decided=first)["C1"]
    assert (again.name, again.members, again.archived) == ("seeds", ("person1", "person2"), True)


@pytest.mark.parametrize(("origin", "is_others"), [(Origin.CREATED, False), (Origin.MATCHED, True)])
def test_a_channel_that_is_planned_once_more_is_told_apart_from_one_of_others(origin: Origin, is_others: bool) -> None:
    row = channel("C1", "seeds", row={"mattermost_id": "id-seeds", "target_name": "seeds", "origin": origin})
    again = plan_one(row, there=(existing("seeds"),))
    assert (again.matched_id, again.is_others) == ("id-seeds", is_others), again.note


def test_a_later_channel_never_takes_a_name_that_was_decided() -> None:
    first = plan(channel("C5", "seeds"))
    again = plan(channel("C1", "seeds"), channel("C5", "seeds"), decided=first)
    assert (again["C1"].name, again["C5"].name) == ("seeds-2", "seeds")


def test_what_was_left_out_stays_out() -> None:
    row = channel("C1", "seeds")
    left_out = {"C1": msgspec.structs.replace(plan_one(row), skip="left out in the plan")}
    assert plan(row, decided=left_out)["C1"].skip


def test_of_people_whom_the_plans_table_leaves_out_nobody_says_that_they_are_known_by_an_id_alone() -> None:
    direct = channel("D1", members=["U1", "U0DORA"], is_im=True)
    group = channel("G1", "mpdm-a--b--c--d-1", members=["U1", "U2", "U3", "U0DORA"], is_mpim=True)
    garden = channel("C1", "garden", members=["U1", "U0DORA", "U0GHOST"])
    told = plan(direct, group, garden, left_out=("U0DORA",))
    assert told["D1"].note == "a DM with somebody who is left out: a private channel; slack-d1 in its address"
    assert (told["G1"].kind, told["G1"].note) == (ChannelKind.GROUP, "1 of its people is left out in the plan")
    assert told["C1"].note == "1 of its people is known by nothing but an id and left out"  # the ghost
    unknown = "a DM whose people are not all known: a private channel; 1 of its people is known by nothing but an id and left out"
    assert plan_one(direct).note == f"{unknown}; slack-d1 in its address"


@pytest.mark.parametrize(
    "raw", [{"members": "U1"}, {"topic": 7, "purpose": []}, {"name": None}, {"members": None, "is_im": True}]
)
def test_odd_fields_do_no_harm(raw: dict[str, Any]) -> None:
    row = channel("C0ABC", "seeds")
    row.raw_data.update(raw)
    assert plan_one(row).name in ("seeds", "slack-c0abc")


def _told_anew(now: dict[str, Any], sent: dict[str, Any], **decided: Any) -> ChannelDecision:
    before = ChannelDecision(
        slack_id="C1", key=1, slack_name="seeds", kind=ChannelKind.PUBLIC, name="seeds", members=("person1",), **decided
    )
    row = channel("C1", "seeds", row={"mattermost_id": "c", "is_changed": True, "sent_data": sent}, **now)
    return plan_one(row, decided={"C1": before})


def test_a_channel_that_is_told_anew_gains_people_and_texts_and_knows_what_it_was_given() -> None:
    now = {"members": ["U2"], "topic": {"value": "new"}, "purpose": "p", "is_archived": True}
    again = _told_anew(now, {"topic": {"value": "old"}, "purpose": "p"})
    assert again.members == ("person1", "person2")
    assert (again.header, again.purpose, again.texts_before, again.archived) == ("new", "p", ("old", "p"), True)


def test_a_channel_that_was_closed_in_slack_is_closed_and_one_that_was_opened_stays_as_it_is() -> None:
    assert _told_anew({"is_private": True}, {"is_private": False}).kind is ChannelKind.PRIVATE
    assert _told_anew({"is_private": True, "unlisted": True}, {"is_private": False}).kind is ChannelKind.PUBLIC
    assert _told_anew({}, {"is_private": False}).kind is ChannelKind.PUBLIC


def test_a_channel_that_was_there_before_us_gains_people_alone() -> None:
    again = _told_anew({"members": ["U2"], "topic": {"value": "new"}}, {"topic": {"value": "old"}}, matched_id="m")
    assert (again.members, again.header, again.texts_before) == (("person1", "person2"), "", None)


@pytest.mark.parametrize("is_private", [False, True])
def test_a_name_that_another_workspace_has_planned_is_its_own(is_private: bool) -> None:
    row = channel("C1", "seeds", is_private=is_private)
    decision = plan_one(row, planned_elsewhere=("seeds", "seeds-2"))
    assert (decision.name, decision.matched_id) == ("seeds-3", "")
    assert "the name seeds is planned for a channel of another workspace" in decision.note
    # Once it is there, it is a channel like any other of the server's.
    there = plan_one(row, planned_elsewhere=("seeds",), there=(existing("seeds", "O"),))
    assert there.name == ("seeds-2" if is_private else "seeds")
