"""The one factory behind the six entity assets: a barrier, a claim, an export. Knows no type's rules."""

import time

import dagster as dg

from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.export.runner import export_entities
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource


def entity_asset(
    entity_type: EntityType,
    workers: dg.StaticPartitionsDefinition,
    *,
    plan: dg.AssetsDefinition | None = None,
    upstream: dg.AssetsDefinition | None = None,
) -> dg.AssetsDefinition:
    """Return the asset that exports one type; its partitions are shares of the work, one per worker.

    The dependency orders steps inside one run. Across runs the barrier is a count in PostgreSQL (runner.py).
    """
    deps = (
        [dg.AssetDep(upstream, partition_mapping=dg.AllPartitionMapping())]
        if upstream
        else [dg.AssetDep(plan)]
        if plan
        else []
    )

    @dg.asset(
        name=entity_type.value,
        deps=deps,
        partitions_def=workers,
        # One run with all keys as one step, instead of a run per key (facts: 9 runs where 1 does).
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="export",
        kinds={"postgres"},
        description=f"Pending {entity_type.value} rows, exported to Mattermost and settled by what the server has.",
    )
    def export(
        context: dg.AssetExecutionContext,
        mm: MMResource,
        postgres: PostgresResource,
        slack: SlackResource,
        plan_choices: PlanResource,
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        share = Partitions(
            workers=len(workers.get_partition_keys()), keys=tuple(int(key) for key in context.partition_keys)
        )
        with told_to_dagster():
            migration = Migration(mm, postgres, slack, plan_choices)
            began = time.monotonic()
            with migration.step(entity_type.value) as settled:
                written = export_entities(entity_type, migration.run, share)
                settled["rows"] = sum(written.values())
        seconds = time.monotonic() - began
        return dg.MaterializeResult(
            metadata={
                **{f"rows_{status.value}": count for status, count in written.items()},
                "seconds": round(seconds, 1),
                "rows_per_second": round(sum(written.values()) / seconds, 1),
                "server": dg.MetadataValue.url(mm.url),
            }
        )

    return export
