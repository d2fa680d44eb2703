"""The chain of assets, in the order of the export. Nothing else."""

import dagster as dg

from mm_pipeline.assets.ends import finish, plan, report, slack_export
from mm_pipeline.assets.entity_asset import entity_asset
from mm_pipeline.model import EntityType


def chain(workers: int) -> list[dg.AssetsDefinition]:
    """Return all assets; the six entity types have one partition per worker."""
    partitions = dg.StaticPartitionsDefinition([str(key) for key in range(workers)])
    user = entity_asset(EntityType.USER, partitions, plan=plan)
    custom_emoji = entity_asset(EntityType.CUSTOM_EMOJI, partitions, upstream=user)
    attachment = entity_asset(EntityType.ATTACHMENT, partitions, upstream=custom_emoji)
    channel = entity_asset(EntityType.CHANNEL, partitions, upstream=attachment)
    message = entity_asset(EntityType.MESSAGE, partitions, upstream=channel)
    reaction = entity_asset(EntityType.REACTION, partitions, upstream=message)
    return [slack_export, plan, user, custom_emoji, attachment, channel, message, reaction, finish, report]
