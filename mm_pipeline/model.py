"""The words of the whole project: what is exported, in which order, in which state. Knows no SQL, no HTTP, no Slack JSON."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from zlib import crc32

import msgspec

#: Hash slots of the work. Partition k of n owns the slots with `slot % n == k`; 1024 so that a change of n only re-deals.
SHARDS = 1024
#: What an import archive needs beside the bytes of one file: its line, its entries (messages are at most 64 KiB).
ARCHIVE_BYTES = 2 << 20


class EntityType(StrEnum):
    """The six kinds of rows, in the order in which they are exported."""

    USER = "user"
    CUSTOM_EMOJI = "custom_emoji"
    ATTACHMENT = "attachment"
    CHANNEL = "channel"
    MESSAGE = "message"
    REACTION = "reaction"


#: What people call one of each, and several.
NOUNS = {
    EntityType.USER: ("person", "people"),
    EntityType.CUSTOM_EMOJI: ("custom emoji", "custom emoji"),
    EntityType.ATTACHMENT: ("file", "files"),
    EntityType.CHANNEL: ("conversation", "conversations"),
    EntityType.MESSAGE: ("message", "messages"),
    EntityType.REACTION: ("reaction", "reactions"),
}


class Status(StrEnum):
    """The state of a row. Changes by UPDATE alone, through the status writer alone."""

    PENDING = "pending"  #: staged, or set back by retry: still to be exported
    SUCCESS = "success"  #: seen on the server
    FAILED = "failed"  #: the server, or we, refused it; error_message says why and what to do
    SKIPPED = "skipped"  #: nothing to export, for a reason of the closed list


class Origin(StrEnum):
    """Where the Mattermost object of a row comes from."""

    CREATED = "created"  #: made by us
    MATCHED = "matched"  #: was there before; it is only ever added to


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """One row of `entities`: a Slack object and what became of it. Times in ms since the epoch."""

    id: int
    entity_type: str
    slack_id: str
    raw_data: dict[str, Any]
    status: str = Status.PENDING
    mattermost_id: str | None = None
    error_message: str | None = None
    origin: str | None = None
    target_name: str | None = None
    content_sha256: str | None = None
    channel_slack_id: str | None = None
    parent_slack_id: str | None = None
    user_slack_id: str | None = None
    create_at: int | None = None
    shard: int = 0
    attempts: int = 0
    is_changed: bool = False  #: a newer export told it otherwise after it was sent
    sent_data: dict[str, Any] | None = None  #: then: raw_data as it was sent, if that is known


class ToCome(msgspec.Struct, frozen=True, kw_only=True):
    """What is still to be sent, counted as a server's limits ask for it."""

    messages: int = 0
    too_long: int = 0  #: messages of more characters than a post holds
    bridged: int = 0  #: messages that carry a name of their own
    expired: int = 0  #: messages so old that the server deletes them
    reactions: int = 0
    emoji: int = 0
    file_bytes: int = 0  #: of files that can be had, each once, however many messages show it
    too_large: int = 0  #: files larger than the server takes
    largest_file: int = 0  #: bytes


class JobRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An import job that was begun: found again after a crash instead of being sent a second time."""

    id: int
    import_file: str
    job_id: str | None


class JobAtWork(msgspec.Struct, frozen=True, kw_only=True):
    """An import job whose end nobody has seen yet. Seconds from now."""

    job_id: str  #: "" while it is uploaded
    lines: int
    bytes: int
    sent_s: float  #: since it was uploaded
    began_s: float | None  #: since the server began it; None while it waits for its turn


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A server that does not answer, and is tried again."""

    what: str  #: "chat.example.org is away (status 502)"
    since: datetime
    until: datetime  #: then the run ends


def shard_of(slack_id: str) -> int:
    """Return the stable hash slot (0-1023) of a channel's, user's or emoji's Slack id."""
    return crc32(slack_id.encode("utf-8", "surrogatepass")) % SHARDS


class Fate(StrEnum):
    """What becomes of a thing that is to be taken back from the server."""

    REMOVED = "removed"  #: for good
    HIDDEN = "hidden"  #: deleted as people delete: nobody sees it, the server keeps it
    CLOSED = "closed"  #: deactivated or archived, under another name, because it cannot be removed
    KEPT = "kept"  #: stays as it is: somebody has done something with it since
    TRACE = "trace"  #: nothing that people see: what the server remembers of everything


class RolledBack(msgspec.Struct, frozen=True, kw_only=True):
    """A rollback since which nothing was sent."""

    at: int  #: ms when it began
    has_ended: bool  #: False: it was cut off


class Residue(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of ours, or what is left of it, on the server after it was taken back."""

    kind: str
    id: str
    name: str
    fate: str
    remains: str  #: what is left and why, as the end of a sentence that begins with the thing
