"""Turns one conversation of an export into rows: messages, their files and reactions. Writes none, and never holds them all.

The day file is where a message lies, never when it was: its ts alone says that.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mm_pipeline.model import EntityType, Status, shard_of
from mm_pipeline.nouns import counted
from mm_pipeline.staging.container import FileUnreadable
from mm_pipeline.staging.conversation import Conversation
from mm_pipeline.staging.export_reader import ExportReader
from mm_pipeline.staging.people import People
from mm_pipeline.staging.raw import Raw, RawWriter, raw_part
from mm_pipeline.staging.row import Row
from mm_pipeline.staging.slack_id import message_id, microseconds, slack_id, ts_of
from mm_pipeline.staging.slack_json import Element, NotJson
from mm_pipeline.staging.timeline import Moment, Timeline, ascending, repeated
from mm_pipeline.staging.warnings import Warnings

_MESSAGE, _ATTACHMENT, _REACTION = EntityType.MESSAGE.value, EntityType.ATTACHMENT.value, EntityType.REACTION.value
_NO_TS = "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at {file}, entry {index} (from 0)."
_UNREADABLE = "This is no message that can be read. Look at {file}, entry {index} (from 0), or download the export from Slack again."


#: More people than react to anything.
_ABSURD = 1_000_000_000


class StagedTimes(msgspec.Struct, frozen=True):
    """What an earlier export left of a channel: the ms of its messages, and further ms in use."""

    moments: Mapping[Moment, int] = {}
    taken: frozenset[int] = frozenset()


class ChannelRows:
    """The rows of one conversation, to be iterated once. Afterwards `writers` and `messages` tell who wrote, and how much."""

    def __init__(
        self, reader: ExportReader, conversation: Conversation, people: People, raw: RawWriter, staged: StagedTimes
    ) -> None:
        self.writers: set[str] = set()
        self.messages = 0
        self._reader, self._people, self._raw = reader, people, raw
        self._warnings: Warnings = reader.warnings
        self._channel, self._files = conversation.slack_id, conversation.files
        self._folder = self._files[0].split("/", 1)[0] if self._files else ""
        self._shard = shard_of(self._channel)
        # first reading: times alone, 8 bytes a message
        stamps = ascending(self._stamps())
        self.is_timeless = not stamps  #: no message tells when it was
        #: per ts that several messages share: their hashes, numbered in order. The same content twice is one message.
        self._copies = self._contents(repeated(stamps))
        self._given: set[Moment] = set()
        counts = {us: len(contents) for us, contents in self._copies.items()}
        self._timeline = Timeline(stamps, counts, staged.moments, staged.taken)
        self._nameless_reactions = 0

    def __iter__(self) -> Iterator[Row]:
        for file in self._files:
            for index, message in enumerate(self._readable(file)):
                if isinstance(message, dict):
                    yield from self._message_rows(file, index, message)
                elif message is not None:
                    yield self._failed(file, index, raw_part({"unreadable": message.text}), _UNREADABLE)
        if self._nameless_reactions:
            self._warnings.add(
                "reactions",
                f"{self._folder}: {counted(self._nameless_reactions, 'reaction')} "
                "by people whom the export does not name (Slack stops at 50).",
            )

    # --- readings

    def _stamps(self) -> Iterator[int]:
        for file in self._files:
            try:
                for stamp in self._reader.stamps(file):
                    if ts := ts_of(stamp):
                        yield microseconds(ts)
            except (NotJson, FileUnreadable) as error:
                self._warnings.add("not read", f"{file} was not read: {error}. Its messages are missing.")

    def _contents(self, shared: set[int]) -> dict[int, dict[str, int]]:
        contents: dict[int, dict[str, int]] = {us: {} for us in shared}
        for file in self._files if shared else ():
            for message in self._readable(file):
                if isinstance(message, dict) and (ts := ts_of(message.get("ts"))) and microseconds(ts) in shared:
                    hashes = contents[microseconds(ts)]
                    hashes.setdefault(self._raw.of(message).hash, len(hashes) + 1)
        return contents

    def _readable(self, file: str) -> Iterator[Element]:
        try:
            yield from self._reader.messages(file)
        except (NotJson, FileUnreadable):
            return  # told by the first reading

    # --- rows

    def _message_rows(self, file: str, index: int, message: dict[str, Any]) -> Iterator[Row]:
        raw = self._raw.of(message)
        author = self._people.author(raw.value)
        self.writers.add(author)
        ts = ts_of(message.get("ts"))
        thread = ts_of(message["thread_ts"]) if "thread_ts" in message else None
        if ts is None:
            row = self._failed(file, index, raw, _NO_TS)
            row = row._replace(user_slack_id=author, parent_slack_id=thread and message_id(self._channel, thread))
        else:
            us = microseconds(ts)
            copy = self._copies[us].get(raw.hash, 1) if us in self._copies else 1
            if us in self._copies and not self._is_new(us, copy, ts):
                return
            is_reply = thread is not None and microseconds(thread) != us
            row = Row(
                _MESSAGE,
                message_id(self._channel, ts, copy),
                raw.data.decode(),
                raw.hash,
                self._shard,
                self._channel,
                message_id(self._channel, thread) if is_reply and thread else None,
                author,
                self._timeline.ms(us, copy),
            )
        self.messages += 1
        yield row
        if "files" in raw.value or "file" in raw.value:
            yield from self._attachment_rows(row.slack_id, raw.value, author)
        if "reactions" in raw.value:
            yield from self._reaction_rows(row.slack_id, raw.value)

    def _is_new(self, us: int, copy: int, ts: str) -> bool:
        if (us, copy) in self._given:
            return False
        self._given.add((us, copy))
        if copy > 1:
            self._warnings.add(
                "same ts",
                f"{self._folder}: several messages have the ts {ts}; one of them was staged as {message_id(self._channel, ts, copy)}.",
            )
        return True

    def _attachment_rows(self, message: str, value: dict[str, Any], author: str | None) -> Iterator[Row]:
        """The files of `files`, and the singular `file` of old exports."""
        files = value.get("files")
        given: set[str] = set()
        for number, file in enumerate([*(files if isinstance(files, list) else [files]), value.get("file")]):
            if not isinstance(file, dict) or not file:
                if file:
                    self._warnings.add("wrong type", f"{message}: what stands as its file is none; left out.")
                continue
            file_id = slack_id(file.get("id")) or f"index:{number}"
            if file_id not in given:
                given.add(file_id)
                raw = raw_part(file)
                uploader = slack_id(file.get("user")) or author
                yield Row(
                    _ATTACHMENT,
                    f"{message}:{file_id}",
                    raw.data.decode(),
                    raw.hash,
                    self._shard,
                    self._channel,
                    message,
                    uploader,
                )

    def _reaction_rows(self, message: str, value: dict[str, Any]) -> Iterator[Row]:
        """One row per name and person; both may stand in several entries."""
        reactions = value.get("reactions")
        given: set[str] = set()
        for reaction in reactions if isinstance(reactions, list) else ():
            name = slack_id(reaction.get("name")) if isinstance(reaction, dict) else None
            users = reaction.get("users") if name else None
            if name is None or not isinstance(users, list):
                self._warnings.add("wrong type", f"{message}: one of its reactions has no name or no people; left out.")
                continue
            for user in users:
                user_id = slack_id(user)
                slack = f"{message}:{name}:{user_id}"
                if user_id is not None and slack not in given:
                    given.add(slack)
                    self._people.reacted(user_id)
                    raw = raw_part({"name": reaction["name"], "user": user})
                    yield Row(
                        _REACTION, slack, raw.data.decode(), raw.hash, self._shard, self._channel, message, user_id
                    )
            if isinstance(count := reaction.get("count"), int) and count < _ABSURD:
                self._nameless_reactions += max(0, count - len(users))

    def _failed(self, file: str, index: int, raw: Raw, reason: str) -> Row:
        folder, name = file.split("/", 1)
        # two folders of one conversation may have a day file of the same name
        place = name if folder == self._folder else file
        return Row(
            _MESSAGE,
            f"{self._channel}:{slack_id(place)}#{index}",
            raw.data.decode(),
            raw.hash,
            self._shard,
            self._channel,
            status=Status.FAILED.value,
            error_message=reason.format(file=file, index=index),
        )
