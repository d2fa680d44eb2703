"""What is chosen to stay behind, told as a line. Chooses nothing."""

from collections.abc import Mapping, Sequence

from mm_pipeline.errors import SkipReason
from mm_pipeline.finding import Finding, ok
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted
from mm_pipeline.report.words import MANY, ONE


def chosen_lines(reasons: Mapping[EntityType, Sequence[tuple[Status, str, int]]]) -> list[Finding]:
    """Return how many rows are chosen to be left out; nothing where none is. `reasons`: why rows failed or were skipped."""
    counts = {
        kind: sum(rows for _, reason, rows in found if reason.startswith(SkipReason.LEFT_OUT.value))
        for kind, found in reasons.items()
    }
    said = ", ".join(rows_of(kind, rows) for kind, rows in counts.items() if rows)
    return [ok("choice", f"Chosen to be left out: {said}.")] if said else []


def rows_of(kind: EntityType, count: int) -> str:
    """Return how many rows of a type there are: an attachment is a file in a message, and may be in others too."""
    if kind is EntityType.USER:
        return counted(count, "person or bot", "people and bots")
    return counted(count, "attachment") if kind is EntityType.ATTACHMENT else counted(count, ONE[kind], MANY[kind])
