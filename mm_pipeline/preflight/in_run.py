"""The list in a run: what the run itself, or one before it, has seen to already is not looked at once more. Finds nothing new out.

`mm-pipeline preflight` and the job of that name always make the whole list.
"""

from mm_pipeline.errors import PipelineError
from mm_pipeline.finding import Finding, ok
from mm_pipeline.migration import Migration
from mm_pipeline.preflight.the_list import preflight


def preflight_in_run(migration: Migration) -> list[Finding]:
    """Return the list behind slack_export, which has just staged the export; one line where nothing is to be sent."""
    if not _has_work(migration):
        return [
            ok(
                "rows",
                "Nothing is to be sent: no row is pending, none has changed since it was sent. So nothing else was looked at.",
                "`mm-pipeline preflight` makes the whole list.",
            )
        ]
    return preflight(migration, is_staged=True, is_tried=_went_through(migration))


def _has_work(migration: Migration) -> bool:
    """Whether anything is to be sent, by what is chosen now; true, too, where that cannot be said: the list says why."""
    if migration.store.has_work():
        return True  # unless it was chosen to be left out just now: the list asks for the plan itself, once is enough
    try:
        migration.planning.to_be()
    except PipelineError:
        return True
    return migration.store.has_work() or bool(migration.planning.activated)


def _went_through(migration: Migration) -> bool:
    """Whether an import went well by this very address: what lies in between let its uploads through."""
    target = migration.store.target()
    return target is not None and target[2] == migration.server_url and migration.journal.last_job() is not None
