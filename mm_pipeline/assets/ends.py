"""What stands around the six types: staging and the plan in front, finish and report behind."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from mm_pipeline import lines as terminal
from mm_pipeline.assets.beginning import begins_run
from mm_pipeline.assets.entity_asset import GROUP, OWNERS, READS, SENDS
from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.assets.tables import table
from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.db.status_writer import retry
from mm_pipeline.errors import AbortRun, PipelineError
from mm_pipeline.export.finishing import finish as finish_run
from mm_pipeline.export.runner import require_settled
from mm_pipeline.imported_ahead import import_ahead
from mm_pipeline.memory import collecting_seldom, give_back
from mm_pipeline.migration import Migration
from mm_pipeline.model import NOUNS, EntityType, Status
from mm_pipeline.nouns import counted
from mm_pipeline.plan.planner import stored_plan
from mm_pipeline.report.channels import channels_frame
from mm_pipeline.report.frames import (
    counts_frame,
    decisions_frame,
    plan_frame,
    reasons_frame,
    reasons_of,
    steps_frame,
)
from mm_pipeline.report.plan_lines import plan_lines
from mm_pipeline.report.report import Report
from mm_pipeline.report.result import Result
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource


class StagingConfig(dg.Config):
    """What a run may be told in the launchpad."""

    try_failed_rows_again: bool = Field(
        default=False,
        description="Sets failed rows, and what they kept from being sent, pending again, as `mm-pipeline retry` does.",
    )


#: Where the report shows that it tells of failures: an asset that was materialized is green by itself.
_COMPLETE = dg.AssetCheckSpec(
    "everything_is_settled",
    asset="report",
    description="No row of any type failed, and none is pending. Red until that is so: the run fails, and nothing is lost by it.",
)


@dg.asset(
    group_name=GROUP,
    owners=OWNERS,
    kinds={"slack", "postgres"},
    tags=READS,
    description="The Slack export, staged as rows, after asking what stands in the way. Staging it again changes nothing.",
)
def slack_export(
    config: StagingConfig,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Ask first whether the migration can work at all, then stage the export that SLACK_EXPORT names, if it names one."""
    import_ahead("pandas")  # 0.4 s, while PostgreSQL starts: the plan is shown in its tables
    with told_to_dagster():
        migration = Migration(mm, postgres, slack, plan_choices)
        migration.exports.look_ahead()  # 0.5 s for a zip of 13,000 day files, likewise
        migration.show_run()
        migration.require_going()
        migration.require_ready()
        with collecting_seldom():
            staged = migration.exports.stage(migration.exports.at_hand) if migration.exports.at_hand else None
        again = retry(migration.database, migration.store.workspace) if config.try_failed_rows_again else 0
    if staged is None:
        return dg.MaterializeResult(
            metadata={"staged": f"nothing new: workspace {migration.store.workspace}", "tried_again": again}
        )
    return dg.MaterializeResult(
        metadata={
            "workspace": staged.workspace,
            **{f"{entity_type}_rows": count for entity_type, count in staged.seen.items()},
            "added": sum(staged.added.values()),
            "changed": sum(staged.changed.values()),
            "tried_again": again,
            "warnings": dg.MetadataValue.md("\n".join(f"- {warning}" for warning in staged.warnings) or "none"),
        }
    )


@dg.asset(
    deps=[slack_export],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"postgres"},
    tags=READS,
    description="Who becomes whom, what is called what: decided before anything is sent.",
)
def plan(
    context: dg.AssetExecutionContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Decide what is undecided, and show it."""
    with told_to_dagster():
        migration = Migration(mm, postgres, slack, plan_choices)
        migration.show_run()
        if begins_run(context):
            migration.require_ready()
        migration.require_going()
        with migration.step("plan") as settled:
            made = migration.planning.make()
            settled["rows"] = len(made.people) + len(made.emoji) + len(made.channels)
        lines = plan_lines(migration.store, made)
    return dg.MaterializeResult(
        metadata={
            "people": len(made.people),
            "people_matched": sum(1 for person in made.people if person.matched_id),
            "channels": len(made.channels),
            "emoji": len(made.emoji),
            "summary": table(plan_frame(lines)),
            "decisions": table(decisions_frame(lines)),
        }
    )


@dg.asset(
    deps=["reaction"],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"mattermost"},
    tags=SENDS,
    description="Archived and read: what may only happen when everything is in. Puts the server's settings back.",
)
def finish(
    context: dg.AssetExecutionContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Archive, disable, mark read, put back; nothing where nothing is due."""
    with told_to_dagster():
        migration = Migration(mm, postgres, slack, plan_choices)
        migration.show_run()
        if begins_run(context):
            migration.require_ready()
        with migration.step("finish") as settled:
            try:
                require_settled(migration.store)
            except AbortRun:
                migration.api.resume()  # too early to finish, but not to put the server's settings back
                raise
            counts = finish_run(migration.run)
            settled["rows"] = sum(counts.values())
    return dg.MaterializeResult(metadata=dict(counts))


@dg.asset(
    deps=[finish],
    check_specs=[_COMPLETE],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"pandas"},
    tags=READS,
    description="What came of every row, and why. Fails if a row failed or is left.",
)
def report(
    context: dg.AssetExecutionContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Store and print the result; then raise Failure if rows failed or are pending."""
    with told_to_dagster():
        give_back()  # what sending needed, before the plots need theirs
        import_ahead("jinja2", "mm_pipeline.report.bar_plots")  # 0.4 s, while PostgreSQL looks through the rows
        migration = Migration(mm, postgres, slack, plan_choices)
        migration.show_run()
        told = migration.report()
        result = told.result
        width = terminal.STARTED_IN
        print(terminal.wrapped(told.as_text(width), width), flush=True)
        page = _written(migration, told)
        remedies = (terminal.wrapped(remedy, width) for remedy in result.remedies)
        print("\n".join([f"\nThe report: {page}", *remedies]), flush=True)
        metadata: dict[str, Any] = {
            "complete": result.is_complete,
            "page": dg.MetadataValue.path(page) if isinstance(page, Path) else page,
            **{f"rows_{status.value}": result.total(status) for status in Status},
            "rows": table(counts_frame(result)),
            "reasons": table(reasons_frame(result)),
            "channels": table(channels_frame(migration.store)),
            # That of the asset plan is of before: here each line says what became of it.
            "plan": table(decisions_frame(plan_lines(migration.store, stored_plan(migration.store)))),
            "steps": table(steps_frame(result)),
            "remarks": dg.MetadataValue.md("\n".join(f"- {remark}" for remark in told.remarks) or "none"),
            "server": dg.MetadataValue.url(mm.url),
        }
        settled = dg.AssetCheckResult(
            passed=result.is_complete,
            description=_said(result),
            metadata={name: metadata[name] for name in ("rows_failed", "rows_pending", "reasons")},
        )
        if not result.is_complete:
            # A step that fails materializes nothing: without this the asset would show the report before.
            context.log_event(dg.AssetMaterialization(context.asset_key, metadata=metadata))
            context.log_event(_evaluated(settled))
            raise AbortRun(settled.description or "")
    return dg.MaterializeResult(metadata=metadata, check_results=[settled])


def _said(result: Result) -> str:
    """Return what it came to, and what to do where something is left."""
    if result.is_complete:
        return "No row failed, and none is pending."
    failed, pending = result.total(Status.FAILED), result.total(Status.PENDING)
    said = f"{counted(failed, 'row')} failed and {counted(pending, 'is', 'are')} pending"
    if failed:
        most = reasons_of(result.reasons)[0]
        these = counted(most["rows"], *NOUNS[EntityType(most["type"])])
        said += f", most often ({these}) for this reason: {masked(most['why'])}"
    return (
        f"{said.rstrip('.')}. `mm-pipeline status` says all of them. When the cause is mended, `mm-pipeline retry`, then the same "
        "command again; in Dagster's launchpad `try_failed_rows_again: true` does both."
    )


def _evaluated(check: dg.AssetCheckResult) -> dg.AssetCheckEvaluation:
    """Return a check's result as a step can log it that is about to fail."""
    return dg.AssetCheckEvaluation(
        asset_key=_COMPLETE.asset_key,
        check_name=_COMPLETE.name,
        passed=check.passed,
        metadata=check.metadata,
        description=check.description,
    )


def _written(migration: Migration, told: Report) -> Path | str:
    """Return where the report stands, or why it does not: a full disk must not hide the result."""
    try:
        written = migration.write_report(told=told, ask_anew=False)
    except PipelineError as error:
        return masked(str(error))
    if written.lacks:
        backend_logger.warning("%s", written.lacks)
    return written.page
