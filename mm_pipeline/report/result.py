"""The result of a migration: rows per type and status, reasons, times. Reads rows; changes none."""

import textwrap
from typing import Any

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import EntityType, RolledBack, Status
from mm_pipeline.nouns import counted, verb
from mm_pipeline.plan.names import shortened
from mm_pipeline.report.remedies import remedies
from mm_pipeline.report.words import MANY, ONE

#: Ids that are told of those who are known by nothing else; their number says the rest.
_FEW = 5
#: Columns that a cell needs in which sentences are read, and one with a name.
_LEAST_ROOM, _LEAST_NAME = 24, 16


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of each type, why rows failed or were skipped, and how long each step took (seconds)."""

    counts: dict[EntityType, dict[Status, int]]
    reasons: dict[EntityType, list[tuple[Status, str, int]]]
    steps: list[tuple[str, float, int]] = []
    #: Rows that a newer export told otherwise since they were sent, still to be seen to.
    changed: dict[EntityType, int] = {}
    #: What is to be said of rows that are there: type, note, how many, a few of their names.
    notes: list[tuple[EntityType, str, int, list[str]]] = []
    are_set: tuple[str, ...] = ()  #: which of SLACK_TOKEN and SLACK_FILES are set now
    known_by_id_alone: list[str] = []  #: Slack ids of channels' members and creators who have no account
    rolled_back: RolledBack | None = None  #: since when nothing was sent

    @classmethod
    def of(cls, store: EntityStore, are_set: tuple[str, ...] = ()) -> "Result":
        """Read the result as it stands in the rows now. `are_set`: which of SLACK_TOKEN and SLACK_FILES are."""
        return cls(
            counts=store.counts(),
            reasons=store.reasons(),
            steps=store.last_steps(),
            changed=store.changed_since_sent(),
            notes=store.notes(_FEW),
            are_set=are_set,
            known_by_id_alone=store.known_by_id_alone(),
            rolled_back=store.rolled_back(),
        )

    @classmethod
    def of_type(cls, store: EntityStore, entity_type: EntityType, counts: dict[Status, int]) -> "Result":
        """Read why rows of one type failed or were skipped: after each of the six, all of it would read every row six times."""
        return cls(counts={entity_type: counts}, reasons=store.reasons(entity_type))

    def total(self, status: Status) -> int:
        """Return how many rows of all types are in a state."""
        return sum(counts[status] for counts in self.counts.values())

    @property
    def is_complete(self) -> bool:
        """Whether no row failed and none is left pending."""
        return not self.total(Status.FAILED) and not self.total(Status.PENDING)

    @property
    def remedies(self) -> list[str]:
        """Return what is missing and can still come, and what brings it, one sentence each."""
        reasons = ((kind, *one) for kind, found in self.reasons.items() for one in found)
        return remedies(reasons, self.are_set)

    @property
    def remarks(self) -> list[str]:
        """Return what no row tells, one sentence each."""
        said = [
            f"{_counted(entity_type, count)} changed in Slack after {verb(count, 'it was', 'they were')} sent: the next "
            "export brings that."
            for entity_type, count in ({} if self.rolled_back else self.changed).items()
        ]
        said += [
            f"{_counted(entity_type, count)} {verb(count, 'is', 'are')} there with a note "
            f"({', '.join(few)}{', ...' if count > len(few) else ''}): {note}."
            for entity_type, note, count, few in self.notes
        ]
        if ids := self.known_by_id_alone:
            more = ", ..." if len(ids) > _FEW else ""
            said.append(
                f"Of {counted(len(ids), 'person', 'people')} nothing is known but the id that a channel names as member or creator "
                f"({', '.join(ids[:_FEW])}{more}): who wrote nothing has no account."
            )
        return said

    def as_json(self) -> dict[str, Any]:
        """Return {"user": {"pending": 0, ..., "reasons": {"...": 3}}, ...}.

        Beside the types, only where it is so, and as report.json has it: "rolled_back": {"at": ms, "has_ended": true}.
        """
        told: dict[str, Any] = {
            entity_type.value: {
                **{status.value: count for status, count in counts.items()},
                "reasons": {reason: count for _, reason, count in self.reasons[entity_type]},
            }
            for entity_type, counts in self.counts.items()
        }
        return told | ({"rolled_back": msgspec.to_builtins(self.rolled_back)} if self.rolled_back else {})

    def as_text(self, width: int | None = None) -> str:
        """Return tables for a terminal: rows, reasons, steps. Reasons are wrapped at `width` columns, or not at all (None)."""
        rows = [
            [entity_type.value, *(str(counts[status]) for status in Status)]
            for entity_type, counts in self.counts.items()
        ]
        parts = [text_table(["", *(status.value for status in Status)], rows)]
        reasons = [
            [entity_type.value, status.value, str(count), reason]
            for entity_type, found in self.reasons.items()
            for status, reason, count in found
        ]
        if reasons:
            parts.append(text_table(["type", "status", "rows", "why"], reasons, width))
        parts += self.remarks
        if self.steps:
            steps = [[step, f"{seconds:.1f} s", str(count)] for step, seconds, count in self.steps]
            parts.append(text_table(["step", "time", "rows"], steps))
        return "\n\n".join(parts)


def _counted(entity_type: EntityType, count: int) -> str:
    return counted(count, ONE[entity_type], MANY[entity_type])


def text_table(head: list[str], rows: list[list[str]], width: int | None = None) -> str:
    """Return rows under a head, in columns; numbers to the right. The last column is wrapped at `width` columns of a terminal."""
    if width:
        most = max(width // 4, _LEAST_NAME)
        rows = [[*(shortened(cell, most) for cell in row[:-1]), row[-1]] for row in rows]
        room = max(
            width - sum(max(len(row[column]) for row in (head, *rows)) + 2 for column in range(len(head) - 1)),
            _LEAST_ROOM,
        )
        rows = [line for row in rows for line in _wrapped(row, room)]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    numbers = [
        all(row[column].rstrip(" s").replace(".", "").isdigit() for row in rows if row[column])
        for column in range(len(head))
    ]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        for row in (head, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(lines)


def _wrapped(row: list[str], room: int) -> list[list[str]]:
    """Return a row, and further ones for what its last cell has no room for."""
    first, *further = textwrap.wrap(row[-1], room, break_long_words=False, break_on_hyphens=False) or [""]
    return [[*row[:-1], first], *([*[""] * (len(row) - 1), more] for more in further)]
