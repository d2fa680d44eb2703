"""The job, the sensor and the schedule. All but the job are off until somebody switches them on.

They fail (red in the UI, with a sentence) where they cannot know what to do, and skip where nothing is to be done.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import dagster as dg

from mm_pipeline.assets.entity_asset import SENDS
from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.assets.preflight_check import preflight_check
from mm_pipeline.db.status_writer import retry
from mm_pipeline.export.claims import has_run
from mm_pipeline.migration import Migration
from mm_pipeline.model import Status
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline.runs import JOB as JOB
from mm_pipeline.runs import WORK, hindrance, in_flight, last_run

if TYPE_CHECKING:  # Dagster does not export the type of what define_asset_job returns
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

PREFLIGHT_JOB = "preflight"
#: A row that failed so often is left to a person.
MAX_ATTEMPTS = 5
_IN_FLIGHT = "An export is in flight."
_RETRY = (
    "At every full hour, sets failed rows and what they kept from being sent pending again and starts the job, until each row was "
    f"tried {MAX_ATTEMPTS} times. Waits while a run is at work, and does nothing where no row failed."
)


class _Work(NamedTuple):
    """Something to do, and what tells whether it is due."""

    name: str
    export: Path | None  #: what its run has at hand; None: what the settings say
    since: float  #: when it came (s since 1970): runs that ended later had it
    tags: dict[str, str]  #: of the runs that are for it
    once: bool  #: whether what is left of it after a run that went well stays


def whole_road(workers: int) -> "UnresolvedAssetJobDefinition":
    """Return the job that runs everything in one run: its range tags name all partitions."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description=(
            "The whole road in one run: the export is staged, the plan made, everything sent, read back and reported. Run it again "
            "at any time: what is done is not done twice, and what was cut off goes on.\n\n"
            "To launch it here: the arrow beside *Materialize all*, *Open launchpad*, *Materialize*. Leave the partition empty: "
            "the job's tags name all of them."
        ),
        tags={
            **SENDS,
            "dagster/asset_partition_range_start": "0",
            "dagster/asset_partition_range_end": str(workers - 1),
        },
    )


def preflight_job() -> "UnresolvedAssetJobDefinition":
    """Return the job that makes the list of what stands in the way, without exporting."""
    return dg.define_asset_job(
        PREFLIGHT_JOB,
        selection=dg.AssetSelection.checks(preflight_check),
        description=(
            "Everything that can be told before anything is sent, as a table: the check preflight of slack_export. Changes nothing "
            "on the server; stages the export if it was not yet."
        ),
    )


@dg.sensor(
    job_name=JOB,
    minimum_interval_seconds=15,
    description="Starts the export when a complete zip lies in SLACK_INBOX, new rows are staged, or a newer export tells "
    "sent ones otherwise. What a run left that failed is tried again, after 5 minutes at first, then ever more rarely.",
)
def new_work(
    context: dg.SensorEvaluationContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.RunRequest | dg.SkipReason:
    """Ask for one run at a time; its key names the work and the run before, so that no work starts two at once."""
    with told_to_dagster():
        migration = Migration(mm, postgres, slack, plan_choices)
        if hindered := held_up(context.instance, migration):
            return dg.SkipReason(hindered)
        said = list(migration.exports.inbox.said)
        for work in _work(migration):
            if hindered := hindrance(context.instance, work.since, work.tags, once=work.once):
                said.append(hindered)
                continue
            # A server that is away makes this tick red, not one run after the other.
            migration.require_ready()
            key = f"{work.name} after {last_run(context.instance)[:8] or 'none'}"
            return dg.RunRequest(run_key=key, run_config=_with(work.export), tags={WORK: work.name})
    return dg.SkipReason(" ".join(said) or "No row is pending.")


@dg.schedule(job_name=JOB, cron_schedule="0 * * * *", description=_RETRY)
def retry_failed_rows(
    context: dg.ScheduleEvaluationContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.RunRequest | dg.SkipReason:
    """Set failed rows pending and ask for a run, unless one is in flight or nothing failed."""
    with told_to_dagster():
        migration = Migration(mm, postgres, slack, plan_choices)
        if hindered := held_up(context.instance, migration):
            return dg.SkipReason(hindered)
        if migration.has_rows and migration.store.has_tries_left(MAX_ATTEMPTS):
            migration.require_ready()  # before rows are touched
            retry(migration.database, migration.store.workspace, MAX_ATTEMPTS)
            return dg.RunRequest(run_config=_with(migration.exports.at_hand))
    return dg.SkipReason(f"No row is {Status.FAILED.value} with tries left.")


def _work(migration: Migration) -> Iterator[_Work]:
    """Yield what there is to do: each export of the inbox that is not staged, then what is pending."""
    for path in migration.exports.unstaged:
        told = path.stat()
        name = f"{path.name}-{told.st_size}-{told.st_mtime_ns}"
        yield _Work(name, path, since=0.0, tags={WORK: name}, once=True)
    if migration.has_rows and (newest := migration.store.newest_work()) is not None:
        # A run that goes well leaves no pending row, but may leave what people have edited in Mattermost, too.
        once = not migration.store.has_pending()
        name = f"{migration.store.workspace}-{newest}"
        yield _Work(name, migration.exports.at_hand, since=newest, tags={}, once=once)


def held_up(instance: dg.DagsterInstance, migration: Migration) -> str:
    """Return why no run is to be started now, whatever there is to do, or ""."""
    if pause := migration.pause:
        return f"The work is {pause}: `mm-pipeline resume` lets it go on."
    return _IN_FLIGHT if _is_at_work(instance, migration) else ""


def _is_at_work(instance: dg.DagsterInstance, migration: Migration) -> bool:
    """Whether a run is in flight here, or one of a terminal or another machine is at work."""
    return in_flight(instance) or (migration.has_rows and has_run(migration.store))


def _with(export: Path | None) -> dict[str, Any]:
    """Return the run config with which a run has an export at hand, whatever is put into the inbox meanwhile."""
    return {"resources": {"slack": {"config": {"export": str(export)}}}} if export else {}
