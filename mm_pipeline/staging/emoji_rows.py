"""Rows of custom emoji: those of an export, and those that only Slack itself lists. Asks Slack nothing."""

from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from mm_pipeline.model import EntityType
from mm_pipeline.staging.custom_emoji import CustomEmoji, custom_emoji, listed
from mm_pipeline.staging.loader import QUERIES, Loader
from mm_pipeline.staging.raw import RawWriter
from mm_pipeline.staging.row import Row, own_row


def emoji_row(emoji: CustomEmoji, raw: RawWriter) -> Row:
    """Return the row of an emoji."""
    told = {"name": emoji.name, "url": emoji.url, "alias": emoji.alias, "file": emoji.file}
    kept = raw.of({key: value for key, value in told.items() if value is not None})
    return own_row(EntityType.CUSTOM_EMOJI, emoji.name, kept, parent=emoji.alias)


def stage_emoji(said: Mapping[str, Any], connect: Callable[[], psycopg.Connection], workspace: str) -> int:
    """Add those of Slack's emoji (name -> URL or "alias:name", as emoji.list gives them) that no export listed.

    Slack's own exports list none. Returns how many were added.
    """
    raw = RawWriter()
    with connect() as connection, connection.transaction():
        loader = Loader(connection, workspace, straight=False)
        found = connection.execute(QUERIES["staged_emoji"], {"workspace": workspace}).fetchall()
        staged = {name for (name,) in found}
        emoji = (custom_emoji(name, value, {}, ()) for name, value in listed(said))
        loader.copy(emoji_row(one, raw) for one in emoji if one and one.name not in staged)
        loader.finish(raw.tokens)
    return loader.added[EntityType.CUSTOM_EMOJI.value]
