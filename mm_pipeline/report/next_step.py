"""What to do next, by what came of the rows so far. Does none of it."""

import time
from collections.abc import Collection

from mm_pipeline.db.pauses import before_export
from mm_pipeline.model import EntityType, RolledBack, Status
from mm_pipeline.nouns import counted
from mm_pipeline.report.result import Result


def next_step(result: Result, begun: Collection[str] = (), *, is_paused: bool = False) -> str:
    """Return what to say to whoever looks at a migration at which nobody is at work.

    begun: steps that began and never ended. is_paused: nothing begins until somebody lifts the pause.
    """
    resume = before_export(is_paused)
    pending, failed = result.total(Status.PENDING), result.total(Status.FAILED)
    if result.rolled_back:
        return _after_rollback(result.rolled_back, pending, result.total(Status.SUCCESS), resume)
    if pending and not failed and not result.total(Status.SUCCESS):
        if cut_off := [entity_type.value for entity_type in EntityType if entity_type in begun]:
            return (
                f"A run was cut off in the step {cut_off[-1]}, before any row told what came of it: some of it may be on the server. "
                f"Next: {resume}`mm-pipeline export` looks there first, and sends only what is not there."
            )
        return (
            "Nothing was sent yet. Next: `mm-pipeline preflight` says what stands in the way, `mm-pipeline plan` what becomes of it, "
            f"and {resume}`mm-pipeline export` does it."
        )
    if pending:
        return f"{counted(pending, 'row is', 'rows are')} pending. Next: {resume}`mm-pipeline export` goes on."
    if failed:
        mend = f"mend what the reasons say, then `mm-pipeline retry` and {resume}`mm-pipeline export`"
        return f"{counted(failed, 'row')} failed. Next: {mend}."
    if result.changed:
        return f"Next: {resume}`mm-pipeline export` brings what changed in Slack since it was sent."
    last = "Next: `mm-pipeline report` holds it against the server, as a page to read."
    if result.remedies:
        paused = ["The work is paused: `mm-pipeline resume` before `mm-pipeline export`."] if is_paused else []
        return "\n".join(["What could be sent has arrived.", *result.remedies, *paused, last])
    return f"Every row has arrived, or its reason. {last}"


def _after_rollback(back: RolledBack, pending: int, staying: int, resume: str) -> str:
    """Return the choices that there are. staying: rows of what people use."""
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(back.at / 1000))
    anew = f"{resume}`mm-pipeline export` brings it anew"
    if not back.has_ended:
        return f"The rollback of {when} was cut off. Next: `mm-pipeline rollback` takes back the rest, or {anew}."
    kept = f", {counted(staying, 'row tells', 'rows tell')} of what people use and stays there" if staying else ""
    return (
        f"It was taken back from the server on {when}: {counted(pending, 'row is', 'rows are')} pending again{kept}. "
        f"Nothing has to be done; {anew}, if that is wanted."
    )
