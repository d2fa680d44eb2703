"""The plan as a CSV table that people edit, and their edits read back. Applies only what holds; the rest it says.

One line per person, channel and emoji. `action` is one of ACTIONS; names and e-mails may be changed.
"""

import codecs
import csv
import io
import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.model import EntityType
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.emoji import EmojiDecision
from mm_pipeline.plan.note import joined
from mm_pipeline.plan.people import PersonDecision

COLUMNS = ("type", "slack_id", "slack name", "mattermost name", "email", "action", "real name", "note")
#: Without these an edited table cannot be followed.
_NEEDED = ("type", "slack_id", "mattermost name", "email", "action")
#: What may stand in the column action, and what it means there.
ACTIONS = {
    "create": "comes new",
    "match": "is the account, or goes into the channel, that has this name on the server",
    "skip": "stays behind: somebody with all that they wrote and what others answered in their threads, a channel with all "
    "that is in it",
}
#: The first line as it is written: who edits the table sees there what can be written. Read back without the brackets.
_HEADER = {"action": f"action ({'/'.join(ACTIONS)})"}
_FIRST_LINE = [_HEADER.get(column, column) for column in COLUMNS]
#: A spreadsheet would calculate a cell that begins like this; a leading ' keeps it text, and is taken off again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: And it would make a number or a date of these, and write that back: 007 would be 7, may-1 the 1st of May.
_NUMBER = re.compile(r"[\d.,:/ -]*\d[\d.,:/ -]*|\d[\d.,]*e\d+|true|false", re.IGNORECASE)
_MONTH = "jan|feb|mar|m[aä]r|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
_DATE = re.compile(rf"(\d+[-./ ]*)?({_MONTH})[a-zä]*[-./ ]*\d*", re.IGNORECASE)
#: What separates cells: commas, or what spreadsheets write in other countries, or as "text".
_DELIMITERS = (",", ";", "\t")

Decision = PersonDecision | ChannelDecision | EmojiDecision
_TYPES = {
    PersonDecision: EntityType.USER,
    ChannelDecision: EntityType.CHANNEL,
    EmojiDecision: EntityType.CUSTOM_EMOJI,
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All decisions of a workspace."""

    people: list[PersonDecision] = []
    emoji: list[EmojiDecision] = []
    channels: list[ChannelDecision] = []

    @property
    def decisions(self) -> "list[Decision]":
        """All of them, in the order of the table."""
        return [*self.people, *self.channels, *self.emoji]

    @property
    def skipped(self) -> set[int]:
        """Ids of the rows that it leaves out."""
        return {one.key for one in self.decisions if one.skip}


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table, as somebody left it. `line` counts as editors do."""

    line: int
    type: str
    slack_id: str
    name: str
    email: str
    action: str


def write_plan(plan: Plan, file: TextIO, became: Mapping[int, str] = MappingProxyType({})) -> None:
    """Write the table. Open the file with newline="".

    became: what came of which rows by now (by their ids): a last column, where anything did.
    """
    table = csv.writer(file)
    table.writerow([*_FIRST_LINE, *(["became"] if became else [])])
    for decision, row in zip(plan.decisions, plan_rows(plan), strict=True):
        came = [guarded(became.get(decision.key, ""))] if became else []
        table.writerow([*(guarded(row[column]) for column in COLUMNS), *came])


def how_to_edit() -> str:
    """Return what may be changed in the table, as lines for a terminal of 80 columns."""
    told = (
        *((f"action: {action}", means) for action, means in ACTIONS.items()),
        ("mattermost name", "a username, what people see of a channel, an emoji without colons"),
        ("email", "of a new person; an account that is there keeps its own"),
    )
    width = max(len(what) for what, _ in told)
    lines = [
        line
        for what, means in told
        for line in textwrap.wrap(
            f"{what:<{width}}  {means}", 78, initial_indent="  ", subsequent_indent=" " * (width + 4)
        )
    ]
    return "\n".join([*lines, "The other columns only tell. A line that is deleted stays as it was planned."])


def names_of_lines(plan: Plan) -> dict[int, str]:
    """Return by what people find a line of the table, by the id of its row: fern, or fern (U1) where several are called so."""
    rows = {one.key: row for one, row in zip(plan.decisions, plan_rows(plan), strict=True)}
    often = Counter((row["type"], row["slack name"].lower()) for row in rows.values())
    return {
        key: row["slack_id"]
        if not row["slack name"]
        else f"{row['slack name']} ({row['slack_id']})"
        if often[row["type"], row["slack name"].lower()] > 1
        else row["slack name"]
        for key, row in rows.items()
    }


def plan_rows(plan: Plan) -> list[dict[str, str]]:
    """Return the table as dicts by column name, for any view of it."""
    rows: list[tuple[Decision, str, str, str, str]] = [
        (person, person.slack_name, person.username, person.email, person.matched_id) for person in plan.people
    ]
    rows += [
        (one, one.slack_name, one.called or one.name or ", ".join(one.members), "", one.matched_id or one.merged_into)
        for one in plan.channels
    ]
    rows += [(one, one.slack_id, one.name, "", one.alias_of) for one in plan.emoji]
    return [
        {
            "type": _TYPES[type(decision)].value,
            "slack_id": decision.slack_id,
            "slack name": slack_name,
            "mattermost name": name,
            "email": email,
            "action": "skip" if decision.skip else "match" if matched else "create",
            "real name": decision.display_name if isinstance(decision, PersonDecision) else "",
            "note": decision.skip or joined(_names_only(decision), decision.note),
        }
        for decision, slack_name, name, email, matched in rows
    ]


def open_table(path: Path) -> TextIO:
    """Open a table as spreadsheets leave it: UTF-8, UTF-16 ("Unicode text"), or the letters of an older Windows.

    Raises AbortRun where it is none of these, or cannot be read.
    """
    try:
        data = path.read_bytes()
        return io.StringIO(_decoded(data), newline="")
    except OSError as error:
        raise AbortRun(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise AbortRun(f"{path} is no table of text: save it as CSV in UTF-8.") from error


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")  # what is read of a table (names, e-mails) reads alike in all of them


def read_edits(file: TextIO) -> list[Edit]:
    """Read a table back; commas, semicolons or tabs, as spreadsheets write them. Open the file with newline="".

    Raises AbortRun where it is no such table.
    """
    try:
        first = file.readline().removeprefix("\ufeff")
        delimiter = max(_DELIMITERS, key=first.count)
        cells = next(csv.reader([first], delimiter=delimiter), [])
        header = [cell.partition("(")[0].strip().lower() for cell in cells]
        if missing := [column for column in _NEEDED if column not in header]:
            lacks = _HEADER.get(missing[0], missing[0])
            raise AbortRun(f"the table lacks the column {lacks!r}: its first line must be {','.join(_FIRST_LINE)}.")
        table = csv.reader(file, delimiter=delimiter)
        rows = (dict(zip(header, _cells(cells, delimiter), strict=False)) for cells in table)
        return [
            Edit(
                line=table.line_num + 1,
                type=_cell(row, "type"),
                slack_id=_cell(row, "slack_id"),
                name=_cell(row, "mattermost name"),
                email=_cell(row, "email").lower(),
                action=_cell(row, "action").lower(),
            )
            for row in rows
            if any(value.strip() for value in row.values())
        ]
    except (csv.Error, UnicodeDecodeError) as fault:
        raise AbortRun(f"the table cannot be read as CSV in UTF-8: {fault}.") from fault


def _cells(cells: list[str], delimiter: str) -> list[str]:
    """Return the cells of a line. A spreadsheet of a country that writes semicolons keeps a line with commas in one cell."""
    told = [cell for cell in cells if cell.strip()]
    return next(csv.reader(told, delimiter=delimiter)) if len(told) == 1 and delimiter in told[0] else cells


def _cell(row: dict[str, str], column: str) -> str:
    value = row.get(column, "").strip()
    return value[1:] if value.startswith("'") and _is_touched(value[1:]) else value


def guarded(value: str) -> str:
    """Return a cell that no spreadsheet calculates or makes something else of."""
    return "'" + value if _is_touched(value) else value


def _is_touched(value: str) -> bool:
    return value.startswith(_FORMULA) or bool(_NUMBER.fullmatch(value) or _DATE.fullmatch(value))


def _names_only(decision: Decision) -> str:
    why = decision.names_only if isinstance(decision, PersonDecision) else ""
    if not why:
        return ""
    what = "joins nothing" if decision.matched_id else "a deactivated account"  # type: ignore[union-attr]
    return f"left out by {why}, but what they wrote goes: {what}, for that alone"
