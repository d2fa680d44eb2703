"""Stages a Slack export: every person, emoji, channel, message, file and reaction of it becomes a row. Knows nothing of Mattermost.

All in one transaction: a staging that breaks leaves nothing behind, and the next one starts afresh.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import psycopg

from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.db.advisory_lock import advisory_lock, staging_of, work_on
from mm_pipeline.db.statistics import MANY, refresh_statistics
from mm_pipeline.errors import AbortRun
from mm_pipeline.model import NOUNS, EntityType
from mm_pipeline.nouns import counted
from mm_pipeline.staging.channel_rows import ChannelRows
from mm_pipeline.staging.container import FileUnreadable
from mm_pipeline.staging.conversation import Conversation, as_staged
from mm_pipeline.staging.emoji_rows import emoji_row
from mm_pipeline.staging.export_reader import ExportReader
from mm_pipeline.staging.loader import QUERIES, Loader
from mm_pipeline.staging.people import People
from mm_pipeline.staging.raw import RawWriter
from mm_pipeline.staging.row import Row, own_row
from mm_pipeline.staging.slack_id import slack_id
from mm_pipeline.staging.workspace import export_workspace


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """What a staging did: rows per entity type, and what a person should know."""

    workspace: str
    seen: dict[str, int]  #: rows that the export holds
    added: dict[str, int]  #: of these, new
    changed: dict[str, int]  #: of these, told otherwise than before
    warnings: list[str]
    name: str = ""  #: of the zip or folder
    staged_at: int = 0  #: ms


def stage(
    export: Path | str,
    connect: Callable[[], psycopg.Connection],
    workspace: str | None = None,
    *,
    again: bool = False,
) -> Staged:
    """Bring an export (zip or folder) into `entities` of a migrated database.

    connect: opens a connection, which is closed here. workspace: the name the rows lie under; by default the export's own.
    again: read it even if this very export was staged before, as its fingerprint tells.
    Raises AbortRun: the export cannot be read, or PostgreSQL not be written; then nothing was changed.
    """
    with ExportReader(export) as reader:
        workspace = slack_id(workspace) or export_workspace(reader)
        try:
            # Of two runs that begin with it at once, the second finds it staged.
            with connect() as connection, advisory_lock(connection, staging_of(workspace)):
                known = reader.fingerprint()
                before = None if again else _staged_before(connection, workspace, known)
                staged = before or _stage(reader, connection, workspace, known)
        except psycopg.Error as error:
            cause = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise AbortRun(
                f"PostgreSQL did not take the export ({masked(cause)}). "
                "Nothing was changed: all of it is staged or none. Run the same command again when PostgreSQL is well."
            ) from error
        except FileUnreadable as error:
            raise AbortRun(f"{reader.path.name} cannot be read any more: {error}. Nothing was changed.") from error
    for warning in staged.warnings:
        # They were told when it was staged; whoever asks for every detail hears them again.
        backend_logger.log(logging.DEBUG if before else logging.WARNING, "%s", warning)
    if before:
        backend_logger.info("%s is staged already as %s", reader.path.name, workspace)
    else:
        backend_logger.info("staged %s as %s: %s", reader.path.name, workspace, _counts(staged))
    return staged


def preflight(export: Path | str) -> list[str]:
    """Return what is wrong with an export, one sentence each; empty if it can be staged. Reads its lists, not its messages."""
    try:
        with ExportReader(export) as reader:
            people = sum(1 for _ in reader.users())
            conversations = reader.channels()
            grid = reader.grid()
    except AbortRun as error:
        return [str(error)]
    problems = []
    if not people:
        problems.append(f"users.json in {reader.path.name} lists nobody. Download the export from Slack again.")
    if not conversations:
        problems.append(
            grid
            or f"{reader.path.name} holds no channel: neither an index like channels.json nor folders with messages."
        )
    return problems


def _staged_before(connection: psycopg.Connection, workspace: str, known: str) -> Staged | None:
    """Return what the staging of this very export said, with nothing new and nothing changed; None if it is new."""
    key = {"workspace": workspace, "fingerprint": known}
    found = connection.execute(QUERIES["staged_before"], key).fetchone()
    return msgspec.structs.replace(msgspec.json.decode(found[0], type=Staged), added={}, changed={}) if found else None


def _stage(reader: ExportReader, connection: psycopg.Connection, workspace: str, known: str) -> Staged:
    # Not below a step of another run: it would send new messages whose people are not there yet.
    with advisory_lock(connection, work_on(workspace)):
        try:
            with connection.transaction():
                staged = _load_and_remember(reader, Loader(connection, workspace), connection, known)
        except psycopg.errors.UniqueViolation:
            # two different things of a hostile export have one id; comparing takes the first and goes on
            with connection.transaction():
                staged = _load_and_remember(reader, Loader(connection, workspace, straight=False), connection, known)
        if sum(staged.added.values()) >= MANY:
            refresh_statistics(connection)
        return staged


def _load_and_remember(reader: ExportReader, loader: Loader, connection: psycopg.Connection, known: str) -> Staged:
    """Load, and in the same transaction remember that this very export is staged."""
    staged = _told(reader, _load(reader, loader))
    key = {"workspace": staged.workspace, "fingerprint": known, "result": msgspec.json.encode(staged).decode()}
    connection.execute(QUERIES["remember_staged"], key)
    return staged


def _told(reader: ExportReader, loader: Loader) -> Staged:
    if loader.deleted:
        reader.warnings.add(
            "deleted",
            f"Deleted in Slack since it was staged: {counted(loader.deleted, 'message')}. What is here stays.",
        )
    return Staged(
        workspace=loader.workspace,
        seen=dict(loader.seen),
        added=dict(loader.added),
        changed=dict(loader.changed),
        warnings=reader.warnings.sentences(),
        name=reader.path.name,
        staged_at=int(time.time() * 1000),
    )


def _load(reader: ExportReader, loader: Loader) -> Loader:
    loader.finish(read_into(loader, reader).tokens)
    return loader


def read_into(loader: Loader, reader: ExportReader) -> RawWriter:
    """Send every row of an export, and settle nothing yet. Returns what wrote their raw_data: it knows the export's tokens."""
    people, raw = People(), RawWriter()
    with loader.copying():
        _copy_all(loader, reader, people, raw)
    return raw


def _copy_all(loader: Loader, reader: ExportReader, people: People, raw: RawWriter) -> None:
    loader.copy(_people_rows(reader, people, raw))
    for conversation in as_staged(reader.channels(), loader.staged_folders()):
        rows = ChannelRows(reader, conversation, people, raw, loader.staged_times(conversation.slack_id))
        if not conversation.listed and rows.is_timeless:
            name = conversation.entry["name"]
            reader.warnings.add(
                "no channel", f"{name}: no index lists this folder, and no message in it has a time; left out."
            )
            continue
        loader.copy(rows)
        loader.copy(_channel_rows(conversation, rows, raw))
        backend_logger.debug("read %s: %d messages", conversation.slack_id, rows.messages)
    loader.copy(own_row(EntityType.USER, user_id, raw.of(user)) for user_id, user in people.unlisted())
    loader.copy(emoji_row(emoji, raw) for emoji in reader.custom_emoji())


def _people_rows(reader: ExportReader, people: People, raw: RawWriter) -> Iterator[Row]:
    for user in reader.users():
        user_id = slack_id(user["id"])
        if user_id and people.list(user_id, user):
            yield own_row(EntityType.USER, user_id, raw.of(user))
        else:
            reader.warnings.add("twice", f"users.json lists {user_id} twice; the first was taken.")


def _channel_rows(conversation: Conversation, rows: ChannelRows, raw: RawWriter) -> Iterator[Row]:
    """The row of the conversation itself, after its messages: the members of an unlisted one are who wrote there."""
    entry = conversation.entry if conversation.listed else conversation.entry | {"members": sorted(rows.writers)}
    creator = slack_id(entry.get("creator"))
    yield own_row(EntityType.CHANNEL, conversation.slack_id, raw.of(entry), user=creator)


def _counts(staged: Staged) -> str:
    """Return what it holds; where something was there before, what of that is new or told otherwise."""
    if not staged.changed and staged.added == staged.seen:
        return _counted(staged.seen)
    return f"new: {_counted(staged.added) or 'nothing'}; told otherwise: {_counted(staged.changed) or 'nothing'}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(counted(count, *NOUNS[kind]) for kind in EntityType if (count := counts.get(kind)))
