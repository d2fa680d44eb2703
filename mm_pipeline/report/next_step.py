"""What to do next, by what came of the rows so far. Does none of it."""

from collections.abc import Collection

from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted
from mm_pipeline.report.result import Result


def next_step(result: Result, begun: Collection[str] = ()) -> str:
    """Return what to say to whoever looks at a migration at which nobody is at work. begun: steps that began and never ended."""
    pending, failed = result.total(Status.PENDING), result.total(Status.FAILED)
    if pending and not failed and not result.total(Status.SUCCESS):
        if cut_off := [entity_type.value for entity_type in EntityType if entity_type in begun]:
            return (
                f"A run was cut off in the step {cut_off[-1]}, before any row told what came of it: some of it may be on the server. "
                "Next: `mm-pipeline export` looks there first, and sends only what is not there."
            )
        return (
            "Nothing was sent yet. Next: `mm-pipeline preflight` says what stands in the way, `mm-pipeline plan` what becomes of it, "
            "and `mm-pipeline export` does it."
        )
    if pending:
        return f"{counted(pending, 'row is', 'rows are')} pending. Next: `mm-pipeline export` goes on."
    if failed:
        return f"{counted(failed, 'row')} failed. Next: mend what the reasons say, then `mm-pipeline retry` and `mm-pipeline export`."
    if result.changed:
        return "Next: `mm-pipeline export` brings what changed in Slack since it was sent."
    last = "Next: `mm-pipeline report` holds it against the server, as a page to read."
    if result.remedies:
        return "\n".join(["What could be sent has arrived.", *result.remedies, last])
    return f"Every row has arrived, or its reason. {last}"
