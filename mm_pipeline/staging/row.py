"""A row of `entities` as staging writes it. Holds no rules about Slack."""

from typing import NamedTuple

from mm_pipeline.model import EntityType, Status, shard_of
from mm_pipeline.staging.raw import Raw


class Row(NamedTuple):
    """One row, in the order of COPY's columns (queries.sql), the workspace apart. Times in ms."""

    entity_type: str
    slack_id: str
    raw_data: str
    raw_hash: str
    shard: int
    channel_slack_id: str | None = None
    parent_slack_id: str | None = None
    user_slack_id: str | None = None
    create_at: int | None = None
    status: str = Status.PENDING.value
    error_message: str | None = None


def own_row(
    entity_type: EntityType, slack_id: str, raw: Raw, *, parent: str | None = None, user: str | None = None
) -> Row:
    """Return the row of something that lives in no channel but by itself: a person, an emoji, a channel."""
    channel = slack_id if entity_type is EntityType.CHANNEL else None
    return Row(entity_type.value, slack_id, raw.data.decode(), raw.hash, shard_of(slack_id), channel, parent, user)
