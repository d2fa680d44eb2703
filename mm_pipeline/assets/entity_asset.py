"""The one factory behind the six entity assets: a barrier, a claim, an export. Knows no type's rules."""

import time
from collections.abc import Sequence
from typing import Any

import dagster as dg

from mm_pipeline.assets.beginning import begins_run
from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.assets.tables import links, table, table_of
from mm_pipeline.assets.told_meanwhile import told_meanwhile
from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.export.runner import export_entities
from mm_pipeline.memory import collecting_seldom
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.frames import reasons_frame
from mm_pipeline.report.result import Result
from mm_pipeline.report.samples import Shown, samples
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource

GROUP = "slack_to_mattermost"
#: Who is asked when an asset is red.
OWNERS = ["team:mattermost-administrators"]
#: What an asset does to the server, for those who wonder whether they may click.
READS, SENDS = {"mattermost": "reads"}, {"mattermost": "sends"}
_DESCRIPTIONS = {
    EntityType.USER: "People and bots: accounts are created, or those that are there are taken.",
    EntityType.CUSTOM_EMOJI: "The workspace's own emoji, with their pictures.",
    EntityType.ATTACHMENT: "The bytes of files, fetched and verified; the message that a file hangs on carries it.",
    EntityType.CHANNEL: "Public, private, direct and group channels, with their members; nobody is notified.",
    EntityType.MESSAGE: "Messages and their threads, with authors, times, files and reactions; read back before marked.",
    EntityType.REACTION: "Reactions that did not arrive with their message.",
}
_ABOUT_PARTITIONS = (
    "A partition is one worker's share of the rows (EXPORT_WORKERS of them){dealt}. Materialize all of them together: one run "
    "works on them side by side. What is done is not done twice."
)
#: What is in no channel is dealt one by one, all else with its channel.
_IN_NO_CHANNEL = (EntityType.USER, EntityType.CUSTOM_EMOJI)


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
    dealt = "" if entity_type in _IN_NO_CHANNEL else ", those of a channel all in one"
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
        group_name=GROUP,
        owners=OWNERS,
        kinds={"mattermost", "postgres"},
        tags=SENDS,
        description=f"{_DESCRIPTIONS[entity_type]}\n\n{_ABOUT_PARTITIONS.format(dealt=dealt)}",
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
            migration.show_run()
            if begins_run(context):
                migration.require_ready()
                migration.planning.require()
            began = time.monotonic()
            step = migration.step(entity_type.value)
            with collecting_seldom(), step as settled, told_meanwhile(entity_type, migration):
                now = export_entities(entity_type, migration.run, share)
                settled["rows"] = sum(now.own.values())
            seconds, rows = time.monotonic() - began, settled["rows"]
            of_each = migration.store.counts_by_partition(entity_type, share.workers)
            in_all = {status: sum(one[status] for one in of_each.values()) for status in Status}
            result = Result.of_type(migration.store, entity_type, in_all)
            few = samples(migration.store, entity_type, in_all)
            where = _links(migration, entity_type, few)
            # What is returned stands at each partition of the run: what is one partition's alone is told apart.
            for key in share.keys:
                own = {f"partition_{status.value}": count for status, count in of_each[key].items()}
                context.add_asset_metadata(own, partition_key=str(key))
        return dg.MaterializeResult(
            metadata={
                **{f"rows_{status.value}_now": count for status, count in now.own.items()},
                **{f"{one.value}_rows_with_them": sum(counts.values()) for one, counts in now.with_them.items()},
                **{f"rows_{status.value}_in_all": count for status, count in in_all.items()},
                "seconds": round(seconds, 1),
                # Where there was nothing to do it would be 0, and hide how quick it is.
                **({"rows_per_second": round(rows / seconds, 1)} if rows else {}),
                "reasons": table(reasons_frame(result, entity_type)),
                "samples": table_of([one.line for one in few]),
                **where,
            }
        )

    return export


def _links(migration: Migration, entity_type: EntityType, few: Sequence[Shown]) -> dict[str, dg.MetadataValue[Any]]:
    """Return where on the server to look at what an asset made."""
    places = {"the team": migration.team_url}
    if entity_type is EntityType.USER:
        places["people in the System Console"] = f"{migration.server_url}/admin_console/user_management/users"
    if entity_type is EntityType.CUSTOM_EMOJI:
        places["custom emoji"] = f"{migration.team_url}/emoji"
    places |= {one.in_slack: f"{migration.team_url}{one.path}" for one in few if one.path}
    return {"server": dg.MetadataValue.url(migration.team_url), "look at": links(places)}
