"""The plan as a CSV table that people edit, and their edits read back. Applies only what holds; the rest it says.

One line per person, channel and emoji. `action` is create, match or skip; names and e-mails may be changed.
"""

import csv
from typing import TextIO

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.model import EntityType
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.emoji import EmojiDecision
from mm_pipeline.plan.people import PersonDecision

COLUMNS = ("type", "slack_id", "slack name", "mattermost name", "email", "action", "note")
#: A spreadsheet would calculate a cell that begins like this; a leading ' keeps it text, and is taken off again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

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


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table, as somebody left it. `line` counts as editors do."""

    line: int
    type: str
    slack_id: str
    name: str
    email: str
    action: str


def write_plan(plan: Plan, file: TextIO) -> None:
    """Write the table. Open the file with newline=""."""
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for row in plan_rows(plan):
        table.writerow([guarded(row[column]) for column in COLUMNS])


def plan_rows(plan: Plan) -> list[dict[str, str]]:
    """Return the table as dicts by column name, for any view of it."""
    rows: list[tuple[Decision, str, str, str, str]] = [
        (person, person.slack_name, person.username, person.email, person.matched_id) for person in plan.people
    ]
    rows += [
        (one, one.slack_name, one.name or ", ".join(one.members), "", one.matched_id or one.merged_into)
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
            "note": decision.skip or decision.note,
        }
        for decision, slack_name, name, email, matched in rows
    ]


def read_edits(file: TextIO) -> list[Edit]:
    """Read a table back; commas or semicolons, as spreadsheets write them. Open the file as utf-8-sig, newline="".

    Raises AbortRun where it is no such table.
    """
    try:
        first = file.readline()
        delimiter = ";" if first.count(";") > first.count(",") else ","
        header = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=delimiter), [])]
        if missing := [column for column in COLUMNS[:-1] if column not in header]:
            raise AbortRun(f"the table lacks the column {missing[0]!r}: its first line must be {','.join(COLUMNS)}.")
        table = csv.DictReader(file, fieldnames=header, delimiter=delimiter)
        return [
            Edit(
                line=table.line_num + 1,
                type=_cell(row, "type"),
                slack_id=_cell(row, "slack_id"),
                name=_cell(row, "mattermost name"),
                email=_cell(row, "email").lower(),
                action=_cell(row, "action").lower(),
            )
            for row in table
            if any(isinstance(value, str) and value.strip() for value in row.values())
        ]
    except (csv.Error, UnicodeDecodeError) as fault:
        raise AbortRun(f"the table cannot be read as CSV in UTF-8: {fault}.") from fault


def _cell(row: dict[str, str | None], column: str) -> str:
    value = (row.get(column) or "").strip()
    return value[1:] if value.startswith("'") and value[1:].startswith(_FORMULA) else value


def guarded(value: str) -> str:
    """Return a cell that no spreadsheet calculates."""
    return "'" + value if value.startswith(_FORMULA) else value
