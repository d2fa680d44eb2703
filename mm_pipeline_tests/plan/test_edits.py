"""The plan's table goes out, is edited and comes back: what holds is applied, the rest is said line by line."""

import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.plan.channels import plan_channels
from mm_pipeline.plan.decisions_csv import (
    ACTIONS,
    COLUMNS,
    Plan,
    how_to_edit,
    open_table,
    plan_rows,
    read_edits,
    write_plan,
)
from mm_pipeline.plan.edits import apply_edits
from mm_pipeline.plan.emoji import plan_emoji
from mm_pipeline.plan.people import plan_people
from mm_pipeline_tests.plan.rows import account, channel, emoji, existing, settings, user

ACCOUNTS = [account("boss", "boss@meadow.example"), account("gate", "gate@localhost", is_bot=True)]
CHANNELS = {
    one.name: one
    for one in (existing("town-square"), existing("vault", ChannelKind.PRIVATE), existing("old", delete_at=3))
}


def made() -> Plan:
    people = plan_people(
        [user("U1", "fern", "fern@orchard.example"), user("U2", "=moss"), user("B3", "bell")], ACCOUNTS, settings()
    )
    usernames = {one.slack_id: one.username for one in people}
    rows = [
        channel("C1", "-seeds", members=["U1", "U2"]),
        channel("G2", "cellar", is_private=True, members=["U1"]),
        channel("D3", is_im=True, members=["U1", "U2"]),
    ]
    return Plan(
        people=people,
        emoji=plan_emoji([emoji("+cat"), emoji("dog", "+cat")], (), {"smile"}),
        channels=plan_channels(rows, CHANNELS.get, usernames, settings()),
    )


def edited(*changes: tuple[str, dict[str, str]]) -> tuple[Plan, list[str]]:
    """Write the table, change cells of some lines as a person would, and read it back."""
    plan, change = made(), dict(changes)
    lines = [",".join(COLUMNS)]
    for row in plan_rows(plan):
        cells = row | change.get(row["slack_id"], {})
        lines.append(",".join(f'"{cells[column]}"' for column in COLUMNS))
    return apply_edits(plan, read_edits(io.StringIO("\n".join(lines))), ACCOUNTS, CHANNELS.get, frozenset({"smile"}))


def made_anew(plan: Plan) -> Plan:
    """Return the plan as it was before anybody edited it, with the rows' ids of another one."""
    keys = {(type(one), one.slack_id): one.key for one in plan.decisions}
    before = made()

    def same_row(one: Any) -> Any:
        return msgspec.structs.replace(one, key=keys[type(one), one.slack_id])

    return Plan(
        people=[same_row(one) for one in before.people],
        emoji=[same_row(one) for one in before.emoji],
        channels=[same_row(one) for one in before.channels],
    )


def test_a_table_that_nobody_touched_changes_nothing() -> None:
    file = io.StringIO()
    write_plan(made(), file)
    assert apply_edits(made(), read_edits(io.StringIO(file.getvalue())), ACCOUNTS, CHANNELS.get)[1] == []
    before, after = (
        plan_rows(made()),
        plan_rows(apply_edits(made(), read_edits(io.StringIO(file.getvalue())), ACCOUNTS, CHANNELS.get)[0]),
    )
    assert after == before
    assert {row["type"] for row in before} == {"user", "channel", "custom_emoji"}


def test_who_edits_the_table_sees_there_and_in_the_terminal_what_can_be_written() -> None:
    file = io.StringIO()
    write_plan(made(), file)
    assert "action (create/match/skip)" in file.getvalue().splitlines()[0]
    told = how_to_edit().splitlines()
    assert max(map(len, told)) <= 80
    for action in ACTIONS:
        assert any(line.startswith(f"  action: {action} ") for line in told)


def test_who_would_have_the_name_of_somebody_else_stays_as_planned_and_the_sentence_names_both_as_the_table_does() -> (
    None
):
    plan, (objection,) = edited(("U1", {"mattermost name": "moss"}), ("C1", {"mattermost name": "sowing"}))
    assert objection == "line 3: fern and =moss would have the same username moss: change one of them."
    assert plan.people == made_anew(plan).people
    assert plan.channels[0].name == "sowing"


def test_of_two_who_are_given_one_name_neither_gets_it_and_each_line_is_told() -> None:
    plan, objections = edited(("U1", {"mattermost name": "reed"}), ("U2", {"mattermost name": "Reed"}))
    assert [one.partition(":")[0] for one in objections] == ["line 3", "line 4"]
    assert all("fern and =moss would have the same username reed: change one of them." in one for one in objections)
    assert plan == made_anew(plan)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mattermost name": "boss", "action": "match"}, "account"),
        ({"email": "Lily@pond.example"}, "e-mail"),
    ],
)
def test_two_people_never_become_one_account_nor_share_an_address(changes: dict[str, str], told: str) -> None:
    plan, objections = edited(("U1", changes), ("U2", changes))
    assert [f"fern and =moss would have the same {told}: change one of them." in one for one in objections] == [
        True
    ] * 2
    assert plan == made_anew(plan)


def test_two_who_swap_their_names_do() -> None:
    plan, objections = edited(("U1", {"mattermost name": "moss"}), ("U2", {"mattermost name": "fern"}))
    assert objections == []
    assert [(one.slack_id, one.username) for one in plan.people[1:]] == [("U1", "moss"), ("U2", "fern")]
    assert plan.channels[0].members == ("fern", "moss")


def test_a_line_that_needs_one_that_is_put_back_goes_back_too_and_says_so() -> None:
    plan, (later, earlier) = edited(("U1", {"mattermost name": "moss"}), ("U2", {"mattermost name": "here"}))
    assert "fern and =moss would have the same username moss, as the line of =moss cannot be followed" in later
    assert "no username" in earlier
    assert plan == made_anew(plan)
    # Through several lines as well: the bot has no name of its own to go to.
    names = (("U1", "moss"), ("U2", "bell"), ("B3", "here"))
    plan, objections = edited(*((who, {"mattermost name": name}) for who, name in names))
    assert len(objections) == 3
    assert plan == made_anew(plan)


def test_a_plan_that_had_one_name_twice_is_mended_by_the_table() -> None:
    plan = made()
    twice = msgspec.structs.replace(plan, people=[msgspec.structs.replace(one, username="moss") for one in plan.people])
    table = io.StringIO(
        "\n".join([",".join(COLUMNS[:6]), "user,U1,fern,fern,fern@orchard.example,create", "user,U2,moss,moss,,create"])
    )
    after, objections = apply_edits(twice, read_edits(table), ACCOUNTS, CHANNELS.get)
    assert objections == []
    assert [one.username for one in after.people[1:]] == ["fern", "moss"]


def test_lines_of_one_name_are_told_apart_by_their_ids() -> None:
    people = plan_people([user("U1", "sam"), user("U2", "Sam"), user("U3", "fern")], ACCOUNTS, settings())
    table = io.StringIO("\n".join([",".join(COLUMNS[:6]), "user,U2,Sam,boss,,create", "user,U3,fern,nobody,,match"]))
    _, told = apply_edits(Plan(people=people), read_edits(table), ACCOUNTS, CHANNELS.get)
    assert "give Sam (U2) another name" in told[0]
    assert "no account nobody for fern to become" in told[1]


def test_no_cell_is_a_formula_for_a_spreadsheet() -> None:
    file = io.StringIO()
    write_plan(made(), file)
    cells = [cell for line in file.getvalue().splitlines() for cell in line.split(",")]
    assert not any(cell.lstrip('"').startswith(("=", "+", "-", "@")) for cell in cells)
    assert {edit.slack_id for edit in read_edits(io.StringIO(file.getvalue()))} >= {"+cat"}


def test_a_rename_reaches_the_channels() -> None:
    plan, objections = edited(("U1", {"mattermost name": "Fern.Ashgrove"}))
    assert objections == []
    assert "fern.ashgrove" in next(one for one in plan.channels if one.slack_id == "C1").members


def test_people_channels_and_emoji_can_be_left_out() -> None:
    plan, objections = edited(*((one, {"action": "skip"}) for one in ("U1", "C1", "+cat")))
    assert objections == []
    assert [one.slack_id for one in (*plan.people, *plan.channels, *plan.emoji) if one.skip] == ["U1", "C1", "+cat"]


def test_a_person_can_be_matched_by_hand() -> None:
    plan, objections = edited(("U1", {"mattermost name": "boss", "action": "match"}))
    fern = next(one for one in plan.people if one.slack_id == "U1")
    assert objections == []
    assert (fern.matched_id, fern.email) == ("id-boss", "boss@meadow.example")


def test_a_channel_can_go_into_an_existing_one_of_the_same_openness() -> None:
    plan, objections = edited(("C1", {"mattermost name": "town-square", "action": "match"}))
    assert objections == []
    assert next(one for one in plan.channels if one.slack_id == "C1").matched_id == "id-town-square"


@pytest.mark.parametrize(
    ("written", "name"),
    [("sowing", "sowing"), ("Seeds & Bulbs", "seeds-bulbs"), ("Seeds", "seeds"), ("種", "slack-c1")],
)
def test_people_see_a_channel_by_the_name_that_was_written_and_its_address_is_made_of_it(
    written: str, name: str
) -> None:
    plan, objections = edited(("C1", {"mattermost name": written}))
    seeds = plan.channels[0]
    assert objections == []
    assert (seeds.name, seeds.display_name) == (name, written)
    # Once more, as it was written or as the table tells it by now: it stays. So it does in a plan that is made anew.
    for again in (written, name):
        line = f"channel,C1,-seeds,{again},,create"
        table = io.StringIO("\n".join([",".join(COLUMNS[:-1]), line]))
        assert apply_edits(plan, read_edits(table), ACCOUNTS, CHANNELS.get)[0].channels[0] == seeds
    anew = plan_channels([channel("C1", "-seeds")], CHANNELS.get, {}, settings(), decided={"C1": seeds})
    assert (anew[0].name, anew[0].display_name) == (name, written)


@pytest.mark.parametrize(
    ("slack_id", "change", "word"),
    [
        ("U1", {"action": "delete"}, "create, match or skip"),
        ("U1", {"slack_id": "U99"}, "no user U99"),
        ("U1", {"mattermost name": "here"}, "no username"),
        ("U1", {"mattermost name": "boss"}, "taken"),
        ("U1", {"mattermost name": "nobody", "action": "match"}, "no account nobody"),
        ("U1", {"mattermost name": "gate", "action": "match"}, "a bot on the server"),
        ("U1", {"mattermost name": "moss"}, "same username"),
        ("U1", {"email": "fern.@x"}, "e-mail"),
        ("U1", {"email": "boss@meadow.example"}, "an account's"),
        ("C1", {"mattermost name": "_x", "action": "match"}, "no channel name"),
        ("C1", {"mattermost name": "x" * 65}, "has 65 characters, and Mattermost takes 64"),
        ("C1", {"mattermost name": "se\u0000eds"}, "characters that nobody sees"),
        ("C1", {"mattermost name": f"{'a' * 26}__{'b' * 26}"}, "direct and group channels"),
        ("C1", {"mattermost name": "Vault"}, "has a channel"),
        ("C1", {"mattermost name": "vault"}, "has a channel"),
        ("C1", {"mattermost name": "old", "action": "match"}, "no live channel"),
        ("G2", {"mattermost name": "town-square", "action": "match"}, "private channel never"),
        ("G2", {"mattermost name": "seeds"}, "same channel name"),
        ("+cat", {"mattermost name": "big cat"}, "no emoji name"),
        ("+cat", {"mattermost name": "smile"}, "of its own"),
    ],
)
def test_an_edit_that_cannot_be_is_said_and_the_rest_stands(slack_id: str, change: dict[str, str], word: str) -> None:
    plan, objections = edited((slack_id, change), ("B3", {"action": "skip"}))
    assert len(objections) == 1
    assert word in objections[0]
    assert next(one for one in plan.people if one.slack_id == "B3").skip


def test_a_match_and_a_skip_can_be_taken_back() -> None:
    plan, _ = edited(("U1", {"mattermost name": "boss", "action": "match"}), ("C1", {"action": "skip"}))
    rows: list[dict[str, Any]] = [
        {
            "type": "user",
            "slack_id": "U1",
            "mattermost name": "fern",
            "email": "fern@orchard.example",
            "action": "create",
        },
        {"type": "channel", "slack_id": "C1", "mattermost name": "seeds", "email": "", "action": "create"},
    ]
    table = "\n".join([",".join(COLUMNS), *(",".join(str(row.get(column, "")) for column in COLUMNS) for row in rows)])
    plan, objections = apply_edits(plan, read_edits(io.StringIO(table)), ACCOUNTS, CHANNELS.get)
    assert objections == []
    assert (plan.people[1].matched_id, plan.people[1].username, plan.channels[0].skip) == ("", "fern", "")


def test_once_it_is_on_the_server_the_untouched_table_is_fine_and_a_change_is_not() -> None:
    plan = made()
    there = [*ACCOUNTS, *(account(one.username, one.email or "x@localhost", is_bot=one.is_bot) for one in plan.people)]
    channels = CHANNELS | {"seeds": existing("seeds")}
    table = io.StringIO()
    write_plan(plan, table)
    after, objections = apply_edits(plan, read_edits(io.StringIO(table.getvalue())), there, channels.get)
    assert (objections, plan_rows(after)) == ([], plan_rows(plan))
    changed = table.getvalue().replace(",fern,fern@", ",fern2,fern@").replace(",seeds,", ",weeds,")
    _, objections = apply_edits(plan, read_edits(io.StringIO(changed)), there, channels.get)
    assert len(objections) == 2
    assert all("on the server already" in objection for objection in objections)


@pytest.mark.parametrize("written", ["fern.own", "fern"])
def test_who_came_is_called_as_the_account_is_and_cannot_be_changed_by_the_table(written: str) -> None:
    """`fern` was planned, and the person is called fern.own by now; a table may be older than that."""
    there, came = [*ACCOUNTS, account("fern.own", "own@orchard.example")], {"U1": "fern.own"}
    head, line = "type,slack_id,mattermost name,email,action\n", "user,U1,{},fern@orchard.example,{}\n"
    untouched = io.StringIO(head + line.format(written, "create"))
    after, objections = apply_edits(made(), read_edits(untouched), there, CHANNELS.get, came=came)
    assert (plan_rows(after), objections) == (plan_rows(made()), [])
    for name, action in (("flora", "create"), (written, "skip")):
        touched = io.StringIO(head + line.format(name, action))
        after, objections = apply_edits(made(), read_edits(touched), there, CHANNELS.get, came=came)
        assert plan_rows(after) == plan_rows(made())
        assert objections == ["line 2: fern is on the server already, as fern.own: change the account there."]


def test_semicolons_empty_lines_and_a_missing_note_are_fine() -> None:
    table = "type;slack_id;slack name;mattermost name;email;action\nuser;U1;fern;fern2;;create\n;;;;;\n"
    (edit,) = read_edits(io.StringIO(table))
    assert (edit.line, edit.slack_id, edit.name) == (2, "U1", "fern2")


@pytest.mark.parametrize("action", ["action", "action (create/match/skip)", "Action", "action (create / match / skip)"])
def test_the_column_action_is_read_with_what_can_be_written_behind_it_and_without(action: str) -> None:
    (edit,) = read_edits(io.StringIO(f"type,slack_id,mattermost name,email,{action}\nuser,U1,fern2,,skip\n"))
    assert edit.action == "skip"


def test_a_column_that_lacks_is_named_as_the_written_table_names_it() -> None:
    written = io.StringIO()
    write_plan(made(), written)
    first_line = written.getvalue().splitlines()[0]
    with pytest.raises(AbortRun) as lacks:
        read_edits(io.StringIO("type,slack_id,mattermost name,email,what to do\nuser,U1,fern2,,skip\n"))
    said = "the table lacks the column 'action (create/match/skip)': its first line must be "
    assert str(lacks.value) == f"{said}{first_line}."


@pytest.mark.parametrize("table", ["", "a,b,c\n1,2,3\n", "type,slack_id\nuser,U1\n"])
def test_a_file_that_is_no_such_table_stops(table: str) -> None:
    with pytest.raises(AbortRun, match="column"):
        read_edits(io.StringIO(table))


def _saved(delimiter: str, ends: str, quoted: bool) -> str:
    """The table as a spreadsheet saves it: other separators, line ends, quotes; empty lines and cells behind."""
    cell = '"{}"' if quoted else "{}"
    lines = [COLUMNS, *([row[column] for column in COLUMNS] for row in plan_rows(made()))]
    rows = [delimiter.join([cell.format(value) for value in line] + ["", ""]) for line in lines]
    return ends.join([*rows, delimiter * 8, ""])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("delimiter", "ends", "quoted"),
    [(",", "\n", True), (";", "\r\n", True), (";", "\r\n", False), ("\t", "\r\n", False)],
)
def test_a_table_that_a_spreadsheet_saved_changes_nothing(
    tmp_path: Path, delimiter: str, ends: str, quoted: bool, encoding: str
) -> None:
    table = tmp_path / "plan.csv"
    table.write_bytes(_saved(delimiter, ends, quoted).encode(encoding))
    after, objections = apply_edits(made(), read_edits(open_table(table)), ACCOUNTS, CHANNELS.get, frozenset({"smile"}))
    assert (objections, plan_rows(after)) == ([], plan_rows(made()))


def test_what_a_spreadsheet_would_make_a_number_or_a_date_of_stays_text(tmp_path: Path) -> None:
    names = ("007", "1-2", "may-1", "2024", "12-mai", "1e5", "sep2024")
    rows = [channel(f"C{n}", name) for n, name in enumerate(names)]
    plan = Plan(channels=plan_channels(rows, CHANNELS.get, {}, settings()))
    table = io.StringIO()
    write_plan(plan, table)
    assert all(f",'{name}," in table.getvalue() for name in names)
    read = read_edits(io.StringIO(table.getvalue()))
    assert [edit.name for edit in read] == [*names]
    plain = channel("C9", "2024-planning")
    table = io.StringIO()
    write_plan(Plan(channels=plan_channels([plain], CHANNELS.get, {}, settings())), table)
    assert ",2024-planning," in table.getvalue()


def test_what_is_no_text_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_bytes(b"PK\x03\x04\x81\x8d\x8f")
    with pytest.raises(AbortRun, match="is no table of text: save it as CSV in UTF-8"):
        open_table(tmp_path / "plan.csv")


def test_lines_that_a_spreadsheet_kept_in_one_cell_are_read_all_the_same() -> None:
    table = io.StringIO()
    write_plan(made(), table)
    header, *lines = table.getvalue().splitlines()
    quoted = ['"' + line.replace('"', '""') + '"' if '"' in line or "'" in line else line for line in lines]
    after, objections = apply_edits(
        made(), read_edits(io.StringIO("\n".join([header, *quoted]))), ACCOUNTS, CHANNELS.get
    )
    assert any(line.startswith('"') for line in quoted)
    assert (objections, plan_rows(after)) == ([], plan_rows(made()))
