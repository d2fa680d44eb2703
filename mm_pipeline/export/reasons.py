"""Why a row is not exported for another one's sake, in sentences. Settles nothing."""

from mm_pipeline.db.status_writer import CHOSEN
from mm_pipeline.errors import RowSkipped, SkipReason
from mm_pipeline.model import Entity, Status
from mm_pipeline.plan.edits import LEFT_OUT as BY_TABLE

#: What the reason says of a line of the plan's table: that it is left out stands before it.
_IN_TABLE = "in the plan's table"


def leave_out(reason: str) -> None:
    """Raise RowSkipped where the plan says, with a reason, that something is chosen to be left out."""
    if reason:
        raise RowSkipped(SkipReason.LEFT_OUT, _IN_TABLE if reason == BY_TABLE else reason)


def is_left_out(row: Entity) -> bool:
    """Whether a setting leaves a row out: it comes when more is chosen."""
    return row.status == Status.SKIPPED and (row.error_message or "").startswith(CHOSEN)


#: How the reasons begin of messages that are left out with people: with their author, or with who began their thread.
OF_PEOPLE = ("the author, ", "the author of the first reply, ", "the message that began the thread is left out, ")
#: How the reasons begin that are as true of what hangs on a thing: they name what is left out, and it is not the thing itself.
_SHARED = ("MM_", "the conversation, ", OF_PEOPLE[-1])


def parent_missing(what: str, why: str | None = None) -> RowSkipped:
    """Return the reason of a child whose parent is not on the server; `what` names the parent, `why` is its own reason.

    What hangs on something that is chosen to be left out is chosen so, too: there is nothing to mend, and when more is
    chosen it comes with it. It says on what it hangs: "the author" of its parent is not its own.
    """
    chosen, colon, detail = (why or "").partition(": ")
    if chosen == SkipReason.LEFT_OUT.value and colon:
        shared = detail.startswith(_SHARED)
        return RowSkipped(SkipReason.LEFT_OUT, detail if shared else f"{what} is left out, because {detail}")
    return RowSkipped(SkipReason.PARENT, f"{what} is not on the server. Mend that row and run `mm-pipeline retry`")
