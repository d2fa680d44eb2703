"""What earlier runs left behind and what brings it, told as lines. Brings nothing."""

from collections.abc import Mapping, Sequence

from mm_pipeline.finding import Finding, Level, told, warning
from mm_pipeline.model import NOUNS, EntityType, Status
from mm_pipeline.nouns import counted, verb
from mm_pipeline.report.remedies import REMEDIES, Missing, other_way, remedy

_RETRY = "`mm-pipeline retry`, then `mm-pipeline export` brings {them}."


def missing_lines(
    missing: Mapping[Missing, int], within_reach: Mapping[Missing, int], are_set: Sequence[str] = ()
) -> list[Finding]:
    """Return what is missing of earlier runs.

    within_reach: how many rows of it can be had by now, which nothing tries by itself. are_set: which of SLACK_TOKEN and
    SLACK_FILES are.
    """
    return [
        _within_reach(one, missing[one], within_reach[one], are_set)
        if within_reach.get(one)
        else told("missing", remedy(one, missing[one], are_set), Level.WARNING)
        for one in REMEDIES
        if missing.get(one)
    ]


def failed_lines(counts: Mapping[EntityType, Mapping[Status, int]]) -> list[Finding]:
    """Return how many rows failed in earlier runs: this one leaves them as they are."""
    failed = sum(of_type[Status.FAILED] for of_type in counts.values())
    if not failed:
        return []
    return [
        warning(
            "failed",
            f"{counted(failed, 'row')} failed in an earlier run, and this one leaves {verb(failed, 'it as it is', 'them as they are')}.",
            "Mend what `mm-pipeline status` says of them, then `mm-pipeline retry`, before `mm-pipeline export`.",
        )
    ]


def _within_reach(what: Missing, count: int, there: int, are_set: Sequence[str]) -> Finding:
    of_them = verb(there, "it", "them")
    now = "can be had now" if there == count else f"{there:,} of them can be had now"
    sentence = f"{counted(count, *NOUNS[what[0]])} {verb(count, 'was', 'were')} missing when an earlier run looked"
    rest = count - there
    others = (
        f" For {verb(rest, 'the other', 'the others')}, {REMEDIES[what]}. {other_way(what, rest, are_set)}"
        if rest
        else ""
    )
    return warning("missing", f"{sentence}, and {now}.", _RETRY.format(them=of_them) + others)
