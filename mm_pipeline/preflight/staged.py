"""Which exports the rows are of, told as lines. Stages nothing."""

from collections.abc import Sequence
from pathlib import Path

from mm_pipeline.finding import Finding, ok, warning
from mm_pipeline.nouns import listed
from mm_pipeline.report.staged_exports import HOW_TO_TAKE_BACK, later_than, staged_exports_text


def staged_lines(at_hand: Path | None, staged: Sequence[tuple[str, int]]) -> list[Finding]:
    """Return the exports (name, ms when staged; the newest last), and what is newer than the one that is named now."""
    found = [ok("staged", f"{staged_exports_text(staged)}.")] if staged else []
    if at_hand and (later := later_than(at_hand.name, staged)):
        found.append(
            warning(
                "staged",
                f"{listed(later)} was staged after {at_hand.name}: what it brought goes, too.",
                HOW_TO_TAKE_BACK,
            )
        )
    return found
