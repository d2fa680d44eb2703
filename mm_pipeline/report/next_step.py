"""What to do next, by what came of the rows so far. Does none of it."""

from mm_pipeline.model import Status
from mm_pipeline.nouns import counted
from mm_pipeline.report.result import Result


def next_step(result: Result) -> str:
    """Return one sentence for whoever looks at a migration at which nobody is at work."""
    pending, failed = result.total(Status.PENDING), result.total(Status.FAILED)
    if pending and not failed and not result.total(Status.SUCCESS):
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
    return "Every row has arrived, or its reason. Next: `mm-pipeline report` holds it against the server, as a page to read."
