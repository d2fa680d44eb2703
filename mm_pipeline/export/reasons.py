"""Why a row is not exported for another one's sake, in sentences. Settles nothing."""

from mm_pipeline.db.status_writer import CHOSEN
from mm_pipeline.errors import RowSkipped, SkipReason
from mm_pipeline.model import Entity, Status


def leave_out(reason: str) -> None:
    """Raise RowSkipped where the plan says, with a reason, that something is chosen to be left out."""
    if reason:
        raise RowSkipped(SkipReason.LEFT_OUT, reason)


def is_left_out(row: Entity) -> bool:
    """Whether a setting leaves a row out: it comes when more is chosen."""
    return row.status == Status.SKIPPED and (row.error_message or "").startswith(CHOSEN)


def parent_missing(what: str, why: str | None = None) -> RowSkipped:
    """Return the reason of a child whose parent is not on the server; `what` names the parent, `why` is its own reason.

    What hangs on something that is chosen to be left out is chosen so, too: there is nothing to mend, and when more is
    chosen it comes with it.
    """
    chosen, colon, detail = (why or "").partition(": ")
    if chosen == SkipReason.LEFT_OUT.value and colon:
        return RowSkipped(SkipReason.LEFT_OUT, detail)
    return RowSkipped(SkipReason.PARENT, f"{what} is not on the server. Mend that row and run `mm-pipeline retry`")
