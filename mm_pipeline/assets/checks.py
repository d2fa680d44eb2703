"""Asset checks: what the UI shows red or green after each type. None of them blocks, because one bad row costs one row."""

import dagster as dg

from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource


def every_row_arrived(entity_type: EntityType) -> dg.AssetChecksDefinition:
    """Return the check that no row of a type failed or is still to be exported."""

    @dg.asset_check(
        name="every_row_arrived",
        asset=entity_type.value,
        blocking=False,
        description=f"No {entity_type.value} row failed, and none is still to be exported.",
    )
    def check(
        mm: MMResource, postgres: PostgresResource, slack: SlackResource, plan_choices: PlanResource
    ) -> dg.AssetCheckResult:
        store = Migration(mm, postgres, slack, plan_choices).store
        counts, undone = store.counts(entity_type)[entity_type], store.undone(entity_type)
        return dg.AssetCheckResult(
            passed=not counts[Status.FAILED] and not undone,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={**{status.value: count for status, count in counts.items()}, "still to be exported": undone},
        )

    return check


CHECKS = [every_row_arrived(entity_type) for entity_type in EntityType]
