"""Threads -> shipments: what can be sent is put into archives as large as they may be. Sends nothing."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from mm_pipeline.errors import RowFailed
from mm_pipeline.mattermost.archive_writer import ArchiveWriter, size_of
from mm_pipeline.mattermost.departure import Departure
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.hidden import hides
from mm_pipeline.mattermost.import_lines import names_in, post_line, thread_lines
from mm_pipeline.mattermost.job_clock import JobClock
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import FileAttachment, Post, Thread
from mm_pipeline.mattermost.sendable import sendable
from mm_pipeline.mattermost.shipment import Shipment

#: Threads that are looked up together.
_BATCH = 500
#: Posts of one archive: what is remembered of each must fit into memory, whatever the limit in bytes.
_POSTS = 100_000
#: The server counts a little more than the file.
_MARGIN_BYTES = 64 << 10
_TOO_LARGE = (
    "Its files together are larger than one upload that the server takes (FileSettings.MaxFileSize). "
    "Raise that setting for the migration, then try again."
)


class Packed(NamedTuple):
    """A shipment ready to go (None at the end, if there is nothing left), and what was refused while it was packed."""

    shipment: Shipment | None
    refused: list[Refused]
    is_last: bool = False


class Packer:
    """Packs threads for one server. `max_archive_bytes` bounds an archive, unless one thread alone is larger.

    `archiving` gives the lines for channels that are to be archived by then; the last of new threads takes them along.
    """

    def __init__(
        self,
        server: Server,
        existing: Existing,
        work_folder: Path,
        max_archive_bytes: int | None,
        archiving: Callable[[], list[bytes]],
        clock: JobClock,
    ) -> None:
        self._server = server
        self._existing = existing
        self._work_folder = work_folder
        self._archiving = archiving
        self._clock = clock
        self._most = server.max_file_bytes - _MARGIN_BYTES
        self.limit_bytes = archive_limit(server.max_file_bytes, max_archive_bytes)  #: of one archive

    def pack(self, threads: Iterable[Thread], *, known: bool = False) -> Iterator[Packed]:
        """Yield shipments, written and closed. `known`: the server has the roots, and the lines bring something for them.

        The first is closed early where the server would stand still beside it: what is ready goes, and the others are
        packed meanwhile.
        Raises AbortRun where the server goes away or an archive cannot be written.
        """
        refused: list[Refused] = []
        shipment = self._new(known)
        parts: dict[tuple[str, int], int] = {}
        departure = Departure(None if known else self._clock.next_look(), full=_POSTS)
        stream = iter(threads)
        while batch := list(islice(stream, _BATCH)):
            for thread in self._prepared(batch, refused, known=known):
                for line, replies in self._lines(thread, refused):
                    files = [file for post in (thread.root, *replies) for file in post.files]
                    full = shipment.posts >= _POSTS or not self._has_room(shipment, line, files)
                    if shipment.units and (full or departure.is_now(shipment.posts)):
                        yield Packed(_closed(shipment), refused)
                        shipment, refused, parts = self._new(known), [], {}
                        departure = Departure(None, full=_POSTS)
                    root = (thread.channel.id, thread.root.create_at)
                    parts[root] = parts.get(root, -1) + 1
                    shipment.add(thread, line, replies, self._existing.user_ids, self._server.team_name, parts[root])
        if shipment.units and not known:
            shipment.change_channels(self._archiving())
        yield Packed(_closed(shipment) if shipment.units else None, refused, is_last=True)

    def new_path(self) -> Path:
        """Return where an archive may be written."""
        return self._work_folder / f"{uuid4().hex}.zip"

    def _new(self, known: bool) -> Shipment:
        writer = ArchiveWriter(self.new_path(), self.limit_bytes)
        return Shipment(writer, known=known, keeps_everything=self._server.replies_keep_everything)

    def _prepared(self, batch: list[Thread], refused: list[Refused], *, known: bool) -> Iterator[Thread]:
        """Yield the threads as they can be sent; what cannot goes to `refused`. A root is only reported if it is new."""
        self._existing.learn_people(name for thread in batch for name in names_in(thread))
        there = self._existing.posts(thread.root.id for thread in batch if thread.root.id)
        for thread in batch:
            fresh = tuple(reply for reply in thread.replies if not reply.id)
            if thread.root.id and not fresh and not known:
                continue
            thread = msgspec.structs.replace(thread, replies=fresh)
            try:
                thread = self._addressed(thread, there, known=known)
            except RowFailed as error:
                found, why = None, [Refused(key=post.key, error=error) for post in (thread.root, *fresh)]
            else:
                found, why = sendable(thread, self._server.max_post_runes, self._existing.user_ids)
            refused += why[1:] if thread.root.id and not known and why and found is None else why
            if found is not None and (found.replies or known or not found.root.id):
                yield found

    def _addressed(self, thread: Thread, there: dict[str, dict[str, Any]], *, known: bool) -> Thread:
        """Return the thread in its channel as it is called now, with its root as it is now."""
        channel, root = self._existing.channel(thread.channel), thread.root
        if channel is None:
            raise RowFailed("Its channel is not on the server any more: export the channel first, then try again.")
        if root.id:
            if root.id not in there:
                if root.create_at < self._server.hidden_before:
                    raise hides(self._server.hidden_before)
                raise RowFailed(
                    "The post that begins its thread was deleted on the server: trying again will not help."
                )
            kept = self._existing.as_it_is(root, there[root.id])
            root = kept if known else msgspec.structs.replace(kept, reactions=())
        return msgspec.structs.replace(thread, channel=channel, root=root)

    def _lines(self, thread: Thread, refused: list[Refused]) -> Iterator[tuple[bytes, tuple[Post, ...]]]:
        """Yield the thread's lines that fit into an archive; posts whose files are too much for any go to `refused`."""
        alone = msgspec.structs.replace(thread, replies=())
        root_is_done = bool(thread.root.id)
        for line, replies in thread_lines(thread, self._server.team_name, self._most - self._most // 20):
            if self._fits(line, thread.root, *replies):
                root_is_done = True
                yield line, replies
                continue
            refused += [Refused(key=reply.key, error=RowFailed(_TOO_LARGE)) for reply in replies]
            if not root_is_done:
                root_is_done = True
                line = post_line(alone, self._server.team_name)
                if self._fits(line, thread.root):
                    yield line, ()
                else:
                    refused.append(Refused(key=thread.root.key, error=RowFailed(_TOO_LARGE)))

    def _has_room(self, shipment: Shipment, line: bytes, files: list[FileAttachment]) -> bool:
        # Replies stand there twice where the server makes them poorer.
        twice = line if self._server.replies_keep_everything else line * 2
        return shipment.writer.room_for(twice, files)

    def _fits(self, line: bytes, *posts: Post) -> bool:
        return size_of(line, [file for post in posts for file in post.files]) + _MARGIN_BYTES <= self._most


def _closed(shipment: Shipment) -> Shipment:
    shipment.writer.close()
    return shipment


def archive_limit(max_file_bytes: int, wish: int | None = None) -> int:
    """Return how many bytes an archive has at most: what is wished (MM_ARCHIVE_MAX_BYTES), or what the server takes."""
    most = max_file_bytes - _MARGIN_BYTES
    return min(wish or most, most)
