"""The job, the sensor and the schedule. All but the job are off until somebody switches them on."""

from typing import TYPE_CHECKING

import dagster as dg

from mm_pipeline.db.status_writer import retry
from mm_pipeline.errors import PipelineError
from mm_pipeline.migration import Migration
from mm_pipeline.model import Status
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource

if TYPE_CHECKING:  # Dagster does not export the type of what define_asset_job returns
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

JOB = "slack_to_mattermost"
#: A row that failed so often is left to a person.
MAX_ATTEMPTS = 5


def whole_road(workers: int) -> "UnresolvedAssetJobDefinition":
    """Return the job that runs everything in one run: its range tags name all partitions."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description=(
            "A staged or named Slack export goes into Mattermost. Running it again is safe. "
            "Here in the UI: Materialize all > All > Launch, which makes one run."
        ),
        tags={
            "dagster/asset_partition_range_start": "0",
            "dagster/asset_partition_range_end": str(workers - 1),
        },
    )


@dg.sensor(
    job_name=JOB,
    minimum_interval_seconds=30,
    description="Starts the export when new pending rows are staged, or a newer export tells sent ones otherwise.",
)
def new_pending_rows(
    context: dg.SensorEvaluationContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run per batch of work; the key tells it from other work, so that the same rows never start two runs."""
    try:
        store = Migration(mm, postgres, slack, plan_choices).store
    except PipelineError as nothing:
        return dg.SkipReason(str(nothing))
    newest = store.newest_work()
    if not newest:
        return dg.SkipReason("No row is pending.")
    if _is_in_flight(context.instance):
        return dg.SkipReason("An export is in flight.")
    return dg.RunRequest(run_key=f"{store.workspace}-{newest}")


@dg.schedule(job_name=JOB, cron_schedule="0 * * * *", description="Tries failed rows again, each at most five times.")
def retry_failed_rows(
    context: dg.ScheduleEvaluationContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.RunRequest | dg.SkipReason:
    """Set failed rows pending and ask for a run, unless one is in flight or nothing failed."""
    if _is_in_flight(context.instance):
        return dg.SkipReason("An export is in flight.")
    try:
        migration = Migration(mm, postgres, slack, plan_choices)
        again = retry(migration.database, migration.store.workspace, MAX_ATTEMPTS)
    except PipelineError as nothing:
        return dg.SkipReason(str(nothing))
    return dg.RunRequest() if again else dg.SkipReason(f"No row is {Status.FAILED.value} with tries left.")


def _is_in_flight(instance: dg.DagsterInstance) -> bool:
    """Whether the job runs, or assets that somebody materializes by themselves."""
    return any(run.job_name in (JOB, "__ASSET_JOB") for run in instance.get_runs(dg.RunsFilter(statuses=_IN_FLIGHT)))


_IN_FLIGHT = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
