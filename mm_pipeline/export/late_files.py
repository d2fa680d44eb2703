"""Files whose bytes were had only after their message was there: they join its post. Sends no message a second time."""

from collections.abc import Iterable, Sequence
from itertools import count, groupby, islice

import msgspec

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.errors import RowFailed, RowSkipped
from mm_pipeline.export.arrivals import posts_of
from mm_pipeline.export.attachment_exporter import FILE_DROPPED, AttachmentExporter
from mm_pipeline.export.exporter_base import Statuses, build_all
from mm_pipeline.export.message_exporter import MessageExporter, shares_of
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.limits import FILES_PER_POST
from mm_pipeline.mattermost.on_server import PostArrived
from mm_pipeline.mattermost.outcome import IN_ARCHIVED, Refused
from mm_pipeline.mattermost.outgoing import FileAttachment, Post, PostChannel, Thread
from mm_pipeline.model import Entity, EntityType, Status
from mm_pipeline.render.files import TOO_LARGE

#: Messages whose late files are looked at together.
_BATCH = 200
#: What the rows of messages say whose channel was archived when their files came: told once, with how many there are.
STALE_NOTE = f"the text still says that a file is missing, though it hangs there now: {IN_ARCHIVED}"
_NO_ROOM = "its post has no room for it, and the message that began the thread is not in the export: add it by hand"


def late_files(run: Run, share: Partitions) -> list[Entity]:
    """Return the prepared files whose message is on the server already."""
    pending = run.store.pending_children(share)
    return [row for row, parent, _ in pending if parent is Status.SUCCESS and row.entity_type == EntityType.ATTACHMENT]


def send_late_files(files: Iterable[Entity], run: Run, statuses: Statuses) -> None:
    """Add files to the posts of their messages, and take away the notes that said that they were missing."""
    rows = sorted(files, key=lambda row: row.parent_slack_id or "")
    groups = ((parent, list(found)) for parent, found in groupby(rows, key=lambda row: row.parent_slack_id or ""))
    while batch := dict(islice(groups, _BATCH)):
        late: dict[int, _LateFiles] = {}
        for message in run.store.rows_by_slack_id(EntityType.MESSAGE, list(batch)):
            exporters = [AttachmentExporter(row, statuses) for row in batch[message.slack_id]]
            try:
                late[message.id] = _LateFiles(message, exporters, run, statuses)
            except (RowFailed, RowSkipped) as error:
                for exporter in exporters:
                    exporter.refuse(error)
        _send(late, run)


def _send(late: dict[int, "_LateFiles"], run: Run) -> None:
    # First what a run that was killed between sending and marking has brought there.
    for seen in posts_of([one.message for one in late.values()], run):
        late[seen.key].settle(seen)
        late[seen.key].pack(seen)
    posts = [(one.channel, one.post) for one in late.values() if one.post]
    for outcome in run.api.add_reactions(posts) if posts else ():
        late[outcome.key].settle(outcome)
    threads = {reply.key: one for one in late.values() if one.thread for reply in one.thread.replies}
    for outcome in run.api.send_threads(one.thread for one in late.values() if one.thread) if threads else ():
        if outcome.key in threads:
            threads[outcome.key].settle(outcome)
    for one in late.values():
        one.end()


class _LateFiles:
    """The late files of one message. Raises RowSkipped or RowFailed where its channel or author is not on the server."""

    def __init__(self, message: Entity, exporters: Sequence[AttachmentExporter], run: Run, statuses: Statuses) -> None:
        self.message = message
        self.channel: PostChannel = run.directory.channel(message.channel_slack_id)
        self.post: Post | None = None  #: the message's own, with those late files that it has room for
        self.thread: Thread | None = None  #: further posts for the others
        self._author = run.directory.person(message.user_slack_id, "author").username
        self._run, self._statuses = run, statuses
        self._hanging = run.store.children([message.slack_id], EntityType.ATTACHMENT)
        self._left = list(exporters)  # not seen on the server yet
        self._late = {exporter.entity.id for exporter in exporters}

    def settle(self, outcome: PostArrived | Refused) -> None:
        """Settle those files that a post has."""
        if isinstance(outcome, Refused):
            for exporter in self._left:
                exporter.refuse(outcome.error)
            self._left, self._late = [], set()
            return
        if outcome.key < 0:
            self._run.store.derived_arrived([(-outcome.key, outcome.id)])
        claimed = {row.mattermost_id for row in self._hanging if row.status == Status.SUCCESS}
        new = [file for file in outcome.files if file.id not in claimed]
        self._left = AttachmentExporter.settle_seen(self._left, new, self._run.content)

    def pack(self, seen: PostArrived) -> None:
        """Put the files that are not there into the message's own post as far as it has room, else into further posts."""
        run = self._run
        files = list(build_all(self._left, lambda one: one.file(run, one.entity.content_sha256 or "")))
        if len(files) < len(
            self._left
        ):  # some were refused just now, and the text goes on to say that they are missing
            self._left = [one for one in self._left if one.entity.id in {file.key for file in files}]
            self._late = set()
        room, size = FILES_PER_POST - len(seen.files), sum(file.size for file in seen.files)
        joining: list[FileAttachment] = []
        for file in files[: max(room, 0)]:
            size += file.size
            if size > self._run.largest_file:
                break
            joining.append(file)
        # Named with the new ones, because what a line does not name is deleted; the seam fetches what we do not have.
        there = {file.id for file in seen.files}
        kept = [
            AttachmentExporter(row, self._statuses).file(run, row.content_sha256 or "")
            for row in self._hanging
            if row.mattermost_id in there and run.has(row.content_sha256)
        ]
        own = self._post(self.message, kept)
        if joining:
            self.post = self._post(self.message, [*kept, *joining])
        if others := files[len(joining) :]:
            self._pack_further(others, own)

    def end(self) -> None:
        """Refuse what did not come. Where all came, the text says no longer that they are missing."""
        for exporter in self._left:
            exporter.refuse(RowFailed(FILE_DROPPED))
        if self._late and not self._left:
            # As they were when the post was sent: without bytes.
            new = MessageExporter(self.message, self._statuses, self._run, self._hanging)
            for why in ({}, {"file_access": TOO_LARGE}):
                rows = [self._without_bytes(row, why) if row.id in self._late else row for row in self._hanging]
                old = MessageExporter(self.message, self._statuses, self._run, rows)
                stays = self._run.api.replace_text(self.message.mattermost_id or "", old.text, new.text)
                # A row that changed in Slack, too, is looked at by edits.py, which must find it changed.
                if stays == IN_ARCHIVED and not self.message.is_changed:
                    new.keep(STALE_NOTE)

    def _without_bytes(self, row: Entity, why: dict[str, str]) -> Entity:
        return msgspec.structs.replace(row, content_sha256=None, raw_data=row.raw_data | why)

    def _pack_further(self, files: Sequence[FileAttachment], own: Post) -> None:
        root = own
        if self.message.parent_slack_id:
            found = self._run.store.rows_by_slack_id(EntityType.MESSAGE, [self.message.parent_slack_id])
            if not found or not found[0].mattermost_id:
                refused = [one for one in self._left if one.entity.id in {file.key for file in files}]
                for exporter in refused:
                    exporter.refuse(RowFailed(_NO_ROOM))
                self._left = [one for one in self._left if one not in refused]
                self._late = set()
                return
            root = self._post(found[0], ())
        parts = count(1)
        replies = [self._further_post(parts, share) for share in shares_of(files, self._run.largest_file)]
        self.thread = Thread(channel=self.channel, root=root, replies=tuple(replies))

    def _further_post(self, parts: "count[int]", files: tuple[FileAttachment, ...]) -> Post:
        # The same part again after a crash: the server finds the post by its ms and adds none.
        derived = next(
            one for one in (self._run.store.derive_post(self.message, p) for p in parts) if not one.mattermost_id
        )
        return Post(key=-derived.id, username=self._author, message="", create_at=derived.create_at, files=files)

    def _post(self, message: Entity, files: Sequence[FileAttachment]) -> Post:
        """Return a post that the server has; the seam takes its text from there."""
        return Post(
            key=message.id,
            id=message.mattermost_id or "",
            username=self._author,
            message="",
            create_at=message.create_at or 0,
            files=tuple(files),
        )
