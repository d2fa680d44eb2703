"""Rows for tests, straight into the table. Knows nothing of exports."""

from typing import Any

import msgspec
import psycopg

from mm_pipeline.model import EntityType, Status, shard_of

WORKSPACE = "T0TEST"


def add_row(
    url: str,
    entity_type: EntityType,
    slack_id: str,
    raw: dict[str, Any] | None = None,
    *,
    status: Status = Status.PENDING,
    channel: str | None = None,
    parent: str | None = None,
    user: str | None = None,
    create_at: int | None = None,
    **columns: Any,
) -> int:
    """Insert one row; returns its id."""
    values = {
        "workspace": WORKSPACE,
        "entity_type": entity_type.value,
        "slack_id": slack_id,
        "raw_data": msgspec.json.encode(raw or {}).decode(),
        "raw_hash": "hash",
        "status": status.value,
        "channel_slack_id": channel,
        "parent_slack_id": parent,
        "user_slack_id": user,
        "create_at": create_at,
        "shard": shard_of(channel or slack_id),
        **columns,
    }
    names = ", ".join(values)
    marks = ", ".join(f"%({name})s" for name in values)
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(f"INSERT INTO entities ({names}) VALUES ({marks}) RETURNING id", values).fetchone()
    assert row is not None
    return int(row[0])
