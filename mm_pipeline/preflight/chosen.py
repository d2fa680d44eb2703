"""What is chosen to stay behind, told as a line. Chooses nothing."""

from collections.abc import Mapping, Sequence

from mm_pipeline.errors import SkipReason
from mm_pipeline.finding import Finding, ok
from mm_pipeline.model import EntityType, Status


def chosen_lines(reasons: Mapping[EntityType, Sequence[tuple[Status, str, int]]]) -> list[Finding]:
    """Return how many rows are chosen to be left out; nothing where none is. `reasons`: why rows failed or were skipped."""
    counts = {
        kind.value: sum(rows for _, reason, rows in found if reason.startswith(SkipReason.LEFT_OUT.value))
        for kind, found in reasons.items()
    }
    said = ", ".join(f"{rows:,} {kind}" for kind, rows in counts.items() if rows)
    return [ok("choice", f"Chosen to be left out: {said} rows.")] if said else []
