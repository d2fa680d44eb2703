"""The list that is read before anything is sent, as a check of slack_export: a table in the UI. Decides nothing of what is on it."""

import dagster as dg

from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.assets.tables import table
from mm_pipeline.backend_logger import masked
from mm_pipeline.finding import stops, warnings
from mm_pipeline.migration import Migration
from mm_pipeline.preflight.as_text import verdict
from mm_pipeline.preflight.in_run import preflight_in_run
from mm_pipeline.preflight.the_list import preflight
from mm_pipeline.report.frames import findings_frame
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource


@dg.asset_check(
    name="preflight",
    asset="slack_export",
    blocking=False,  # the plan stops by itself, and shows itself first
    description="Everything that can be told before anything is sent: what stops, what becomes otherwise than people may wish, "
    "and how to mend it. Sends nothing; stages the export if it was not yet. A run that has nothing to send makes no list; one "
    "whose way an earlier run has gone tries neither large requests nor Slack again.",
)
def preflight_check(
    context: dg.AssetCheckExecutionContext,
    mm: MMResource,
    postgres: PostgresResource,
    slack: SlackResource,
    plan_choices: PlanResource,
) -> dg.AssetCheckResult:
    """Show the list; red where something stops, yellow where something warns."""
    with told_to_dagster():
        migration = Migration(mm, postgres, slack, plan_choices)
        findings = preflight_in_run(migration) if _is_in_run(context) else preflight(migration)
    against, careful = stops(findings), warnings(findings)
    return dg.AssetCheckResult(
        passed=not against and not careful,
        severity=dg.AssetCheckSeverity.ERROR if against else dg.AssetCheckSeverity.WARN,
        description=masked("\n".join(finding.text for finding in against) or verdict(findings)),
        metadata={"stops": len(against), "warnings": len(careful), "list": table(findings_frame(findings))},
    )


def _is_in_run(context: dg.AssetCheckExecutionContext) -> bool:
    """Whether slack_export is in the same run, and has asked and staged what it has to."""
    op = context.op_execution_context
    steps = op.run.step_keys_to_execute or [node.name for node in op.job_def.nodes]
    return "slack_export" in steps
