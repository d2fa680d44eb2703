"""What a newer export, or several parts of one, would add to what is staged and change of it. Stages nothing.

It is read by the code that stages, into a table that goes with the connection, and compared by the rule by which staging joins:
so it says what staging would do, and nothing is pending afterwards that nobody has looked at (docs/decisions/a-diff-stages-nothing.md).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from mm_pipeline.backend_logger import masked
from mm_pipeline.errors import AbortRun
from mm_pipeline.model import EntityType
from mm_pipeline.nouns import counted
from mm_pipeline.staging.container import FileUnreadable
from mm_pipeline.staging.export_reader import ExportReader
from mm_pipeline.staging.fuller import fuller, is_tombstone
from mm_pipeline.staging.loader import QUERIES, Loader
from mm_pipeline.staging.slack_id import slack_id
from mm_pipeline.staging.staged import read_into
from mm_pipeline.staging.workspace import export_workspace
from mm_pipeline.values import object_at, texts, words_at

_FETCH = 500


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody or something that is new, or told otherwise."""

    slack_id: str
    name: str  #: as the newest export calls it
    what: str  #: "new", "renamed, was x", "archived" ...


class ChannelDifference(msgspec.Struct, kw_only=True):
    """What comes into one conversation, and what changes there."""

    slack_id: str
    name: str
    messages: int = 0  #: new ones, replies among them
    replies: int = 0
    files: int = 0
    reactions: int = 0
    edited: int = 0  #: messages whose text is another one by now
    edited_sent: int = 0  #: of these, on the server: their posts get the new text where nobody has edited them there
    deleted: int = 0  #: messages that were deleted in Slack since: they stay


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, and how many rows of each type the exports hold, are new, and are told otherwise."""

    workspace: str
    exports: list[str]
    is_first: bool  #: nothing of this workspace is staged
    seen: dict[str, int]
    added: dict[str, int]
    changed: dict[str, int]
    people: list[Change]
    emoji: list[Change]
    channels: list[Change]
    in_channels: list[ChannelDifference]
    warnings: list[str]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing would be added or changed."""
        return not any(self.added.values()) and not any(self.changed.values())


def compare(
    exports: Sequence[Path | str], connect: Callable[[], psycopg.Connection], workspace: str | None = None
) -> Difference:
    """Compare exports (zips or folders, older ones first) with what is staged. Changes nothing.

    connect: opens a connection to a migrated database, which is closed here. workspace: the name that its rows lie under.
    Raises AbortRun: an export cannot be read, they are not of one workspace, PostgreSQL is away.
    """
    names = []
    warnings: list[str] = []
    try:
        with connect() as connection, connection.transaction(force_rollback=True):
            loader: Loader | None = None
            for export in exports:
                with ExportReader(export) as reader:
                    name = slack_id(workspace) or export_workspace(reader)
                    loader = loader or Loader(connection, name, straight=False)
                    if name != loader.workspace:
                        raise AbortRun(
                            f"{reader.path.name} is of workspace {name}, the one before it of {loader.workspace}: compare "
                            "exports of one workspace, or say in SLACK_WORKSPACE that they are."
                        )
                    read_into(loader, reader)
                    names.append(reader.path.name)
                    warnings += reader.warnings.sentences()
            if loader is None:
                raise AbortRun("Name the export that is to be compared with what is staged.")
            connection.execute(QUERIES["analyze_incoming"])
            return _difference(connection, loader, names, warnings)
    except psycopg.Error as error:
        cause = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise AbortRun(f"PostgreSQL could not compare the export ({masked(cause)}). Nothing was changed.") from error
    except FileUnreadable as error:
        raise AbortRun(f"The export cannot be read any more: {error}. Nothing was changed.") from error


def _difference(connection: psycopg.Connection, loader: Loader, exports: list[str], warnings: list[str]) -> Difference:
    parameters = {"workspace": loader.workspace}
    staged = connection.execute(QUERIES["is_staged"], parameters).fetchone()
    found = _Found(
        {slack: name or slack for slack, name in connection.execute(QUERIES["names_of_channels"], parameters)}
    )
    found.take_new(connection)
    found.take_changed(connection)
    return Difference(
        workspace=loader.workspace,
        exports=exports,
        is_first=not (staged and staged[0]),
        seen=dict(loader.seen),
        added=dict(found.added),
        changed=dict(found.changed),
        people=found.own[EntityType.USER],
        emoji=found.own[EntityType.CUSTOM_EMOJI],
        channels=found.own[EntityType.CHANNEL],
        in_channels=sorted(found.in_channels.values(), key=lambda one: (-one.messages - one.edited, one.name)),
        warnings=list(dict.fromkeys(warnings)),
    )


class _Found:
    """What was found so far."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self.added: dict[str, int] = defaultdict(int)
        self.changed: dict[str, int] = defaultdict(int)
        self.own: dict[EntityType, list[Change]] = defaultdict(list)
        self.in_channels: dict[str, ChannelDifference] = {}

    def take_new(self, connection: psycopg.Connection) -> None:
        """Take in what nothing is staged of."""
        for kind, slack, raw in connection.execute(QUERIES["new_by_themselves"]):
            self.added[kind] += 1
            self.own[EntityType(kind)].append(
                Change(slack_id=slack, name=_name(msgspec.json.decode(raw), slack), what="new")
            )
        columns = {EntityType.MESSAGE: "messages", EntityType.ATTACHMENT: "files", EntityType.REACTION: "reactions"}
        for channel, kind, count, replies in connection.execute(QUERIES["new_in_channels"]):
            self.added[kind] += count
            one = self._channel(channel)
            setattr(one, columns[EntityType(kind)], count)
            one.replies += replies

    def take_changed(self, connection: psycopg.Connection) -> None:
        """Take in what is told otherwise than it is stored, by the rule by which staging joins the two."""
        with psycopg.ServerCursor(connection, "told_anew") as cursor:
            cursor.itersize = _FETCH
            cursor.execute(QUERIES["told_anew"])
            for _, told in groupby(cursor, key=lambda row: row[0]):
                rows = list(told)
                _, kind, slack, stored_json, _, channel, is_sent = rows[0]
                stored = joined = msgspec.json.decode(stored_json)
                for row in rows:
                    is_deleted = is_tombstone(last := msgspec.json.decode(row[4])) and not is_tombstone(stored)
                    joined = fuller(joined, last)
                if kind == EntityType.MESSAGE:
                    self._take_message(channel, stored, joined, is_sent=is_sent, is_deleted=is_deleted)
                if joined != stored:
                    self.changed[kind] += 1
                    if what := _WHAT.get(kind, _nothing)(stored, joined):
                        self.own[EntityType(kind)].append(
                            Change(slack_id=slack, name=_name(joined, slack), what=", ".join(what))
                        )

    def _take_message(
        self, channel: str, stored: dict[str, Any], joined: dict[str, Any], *, is_sent: bool, is_deleted: bool
    ) -> None:
        if is_deleted:
            self._channel(channel).deleted += 1
        elif any(stored.get(key) != joined.get(key) for key in ("text", "blocks")):
            self._channel(channel).edited += 1
            self._channel(channel).edited_sent += is_sent

    def _channel(self, slack: str) -> ChannelDifference:
        fresh = ChannelDifference(slack_id=slack, name=self._names.get(slack, slack))
        return self.in_channels.setdefault(slack, fresh)


def _name(raw: Mapping[str, Any], slack: str) -> str:
    profile = object_at(raw, "profile")
    return words_at(raw, "name") or words_at(profile, "display_name") or words_at(profile, "real_name") or slack


def _nothing(stored: Mapping[str, Any], joined: Mapping[str, Any]) -> list[str]:
    return []


def _of_person(stored: Mapping[str, Any], joined: Mapping[str, Any]) -> list[str]:
    """Say what a person sees of another person's change. What only Slack's own program uses is nothing."""
    then, now = object_at(stored, "profile"), object_at(joined, "profile")
    told = []
    for what, old, new in (
        ("renamed", words_at(stored, "name"), words_at(joined, "name")),
        ("shown as another name", words_at(then, "display_name"), words_at(now, "display_name")),
        ("called otherwise", words_at(then, "real_name"), words_at(now, "real_name")),
    ):
        if old != new:
            told.append(f"{what}, was {old}" if old else what)
    if words_at(then, "email") != words_at(now, "email"):
        told.append("another e-mail address")
    if bool(stored.get("deleted")) != bool(joined.get("deleted")):
        told.append("deactivated" if joined.get("deleted") else "active again")
    return told


def _of_channel(stored: Mapping[str, Any], joined: Mapping[str, Any]) -> list[str]:
    told = []
    if words_at(stored, "name") != words_at(joined, "name"):
        told.append(f"renamed, was {words_at(stored, 'name') or 'without a name'}")
    if bool(stored.get("is_archived")) != bool(joined.get("is_archived")):
        told.append("archived" if joined.get("is_archived") else "opened again")
    if bool(stored.get("is_private")) != bool(joined.get("is_private")):
        told.append("made private" if joined.get("is_private") else "made public")
    for what in ("topic", "purpose"):
        if words_at(object_at(stored, what), "value") != words_at(object_at(joined, what), "value"):
            told.append(f"another {what}")
    then, now = set(texts(stored.get("members"))), set(texts(joined.get("members")))
    if new := len(now - then):
        told.append(counted(new, "new member"))
    if gone := len(then - now):
        told.append(f"{counted(gone, 'member')} left")
    return told


def _of_emoji(stored: Mapping[str, Any], joined: Mapping[str, Any]) -> list[str]:
    return ["another picture"] if stored.get("url") != joined.get("url") else []


_WHAT: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]]] = {
    EntityType.USER: _of_person,
    EntityType.CHANNEL: _of_channel,
    EntityType.CUSTOM_EMOJI: _of_emoji,
}
