"""Rows of custom emoji: those of an export, of a folder of downloads, and those that only Slack lists. Asks Slack nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.model import EntityType
from mm_pipeline.staging.custom_emoji import CustomEmoji, custom_emoji, listed
from mm_pipeline.staging.export_reader import ExportReader
from mm_pipeline.staging.loader import QUERIES, Loader
from mm_pipeline.staging.raw import RawWriter
from mm_pipeline.staging.row import Row, own_row


def emoji_row(emoji: CustomEmoji, raw: RawWriter) -> Row:
    """Return the row of an emoji."""
    told = {"name": emoji.name, "url": emoji.url, "alias": emoji.alias, "file": emoji.file}
    kept = raw.of({key: value for key, value in told.items() if value is not None})
    return own_row(EntityType.CUSTOM_EMOJI, emoji.name, kept, parent=emoji.alias)


def emoji_of_slack(said: Mapping[str, Any]) -> Iterator[CustomEmoji]:
    """Yield the emoji of Slack's emoji.list: name -> URL or "alias:name"."""
    return (emoji for name, value in listed(said) if (emoji := custom_emoji(name, value, {}, ())))


def emoji_of_downloads(path: Path) -> list[CustomEmoji]:
    """Return the emoji among downloads (zip or folder): slackdump's emojis/ and index.json, or any list of an export."""
    with ExportReader(path) as reader:
        emoji = reader.custom_emoji()
    for warning in reader.warnings.sentences():
        backend_logger.warning("%s", warning)
    return emoji


def stage_emoji(emoji: Iterable[CustomEmoji], connect: Callable[[], psycopg.Connection], workspace: str) -> int:
    """Add those emoji that no export listed: Slack's own exports list none. Returns how many were added."""
    raw = RawWriter()
    with connect() as connection, connection.transaction():
        loader = Loader(connection, workspace, straight=False)
        found = connection.execute(QUERIES["staged_emoji"], {"workspace": workspace}).fetchall()
        staged = {name for (name,) in found}
        loader.copy(emoji_row(one, raw) for one in emoji if one.name not in staged)
        loader.finish(raw.tokens)
    return loader.added[EntityType.CUSTOM_EMOJI.value]
