"""The list that is read before anything is sent, as a check of slack_export: a table in the UI. Decides nothing of what is on it."""

import dagster as dg

from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.assets.tables import table
from mm_pipeline.backend_logger import masked
from mm_pipeline.finding import stops, warnings
from mm_pipeline.migration import Migration
from mm_pipeline.preflight.as_text import verdict
from mm_pipeline.preflight.the_list import preflight
from mm_pipeline.report.frames import findings_frame
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource


@dg.asset_check(
    name="preflight",
    asset="slack_export",
    blocking=False,  # the plan stops by itself, and shows itself first
    description="Everything that can be told before anything is sent: what stops, what becomes otherwise than people may wish, "
    "and how to mend it. Sends nothing; stages the export if it was not yet.",
)
def preflight_check(
    mm: MMResource, postgres: PostgresResource, slack: SlackResource, plan_choices: PlanResource
) -> dg.AssetCheckResult:
    """Show the list; red where something stops, yellow where something warns."""
    with told_to_dagster():
        findings = preflight(Migration(mm, postgres, slack, plan_choices))
    against, careful = stops(findings), warnings(findings)
    return dg.AssetCheckResult(
        passed=not against and not careful,
        severity=dg.AssetCheckSeverity.ERROR if against else dg.AssetCheckSeverity.WARN,
        description=masked("\n".join(finding.text for finding in against) or verdict(findings)),
        metadata={"stops": len(against), "warnings": len(careful), "list": table(findings_frame(findings))},
    )
