"""Results and plans as pandas frames, for Dagster's metadata. Imports pandas late: 1.6 s that a run without it saves."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mm_pipeline.backend_logger import masked
from mm_pipeline.finding import Finding, Level
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.outline import Line, summary
from mm_pipeline.report.result import Result

if TYPE_CHECKING:
    import pandas as pd

#: Type -> why rows failed or were skipped: status, reason, how many rows.
Reasons = Mapping[EntityType, Sequence[tuple[Status, str, int]]]
#: Above the fold stands what people have to do something about.
_FIRST = (Level.STOP, Level.WARNING, Level.OK)
#: Rows of a table in the UI; the whole is in `mm-pipeline status` and `mm-pipeline plan --csv`.
_MOST = 500


def counts_frame(result: Result) -> "pd.DataFrame":
    """Return rows per type (index) and status (columns)."""
    return _frame([{"type": t.value, **{s.value: c[s] for s in Status}} for t, c in result.counts.items()]).set_index(
        "type"
    )


def reasons_frame(result: Result, only: EntityType | None = None) -> "pd.DataFrame":
    """Return why rows failed or were skipped, as `reasons_of` does."""
    return _frame(reasons_of(result.reasons, only)[:_MOST])


def reasons_of(reasons: Reasons, only: EntityType | None = None) -> list[dict[str, Any]]:
    """Return why rows (of all types, or of one, which is not named then) failed or were skipped: failures, then the most frequent."""
    found = [
        {**({} if only else {"type": entity_type.value}), "status": status.value, "rows": count, "why": reason}
        for entity_type, of_type in reasons.items()
        for status, reason, count in of_type
        if only in (None, entity_type)
    ]
    return sorted(found, key=lambda line: (line["status"] != Status.FAILED, -line["rows"]))


def steps_frame(result: Result) -> "pd.DataFrame":
    """Return how long each step took, and how many rows it settled."""
    return _frame([{"step": step, "seconds": f"{seconds:.1f}", "rows": rows} for step, seconds, rows in result.steps])


def decisions_frame(lines: Sequence[Line]) -> "pd.DataFrame":
    """Return the plan: Slack's name, Mattermost's name, what happens, what became of it by now, why; what changes first."""
    return _frame(
        [
            {
                "type": line.type.value,
                "slack name": line.slack_name,
                "mattermost name": line.name,
                "what": f"{line.fate.value}, renamed" if line.is_renamed else line.fate.value,
                "became": line.became,
                "note": line.note,
                "slack_id": line.slack_id,
            }
            for line in _each_type_first(lines)
        ]
    )


def plan_frame(lines: Sequence[Line]) -> "pd.DataFrame":
    """Return the plan in numbers: per type (index) how many are matched, created, renamed, left out."""
    return _frame([{"type": t.value, **counts} for t, counts in summary(lines).items()]).set_index("type")


def _each_type_first(lines: Sequence[Line]) -> list[Line]:
    """Return as many lines as the UI shows: of each type what changes, before anything that comes as it is."""
    return sorted(lines, key=lambda line: line.is_plain)[:_MOST]


def findings_frame(findings: Sequence[Finding]) -> "pd.DataFrame":
    """Return the list that is read before anything is sent, what stops first: how it stands, what was looked at, what to do."""
    return _frame(
        [
            {"level": one.level.value, "subject": one.subject, "found": masked(one.sentence), "to do": masked(one.mend)}
            for one in sorted(findings, key=lambda one: _FIRST.index(one.level))
        ]
    )


def _frame(records: list[dict[str, Any]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame.from_records(records)
