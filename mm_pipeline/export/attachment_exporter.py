"""Files: their bytes are fetched and verified here (prepared); the message carries them, and they are settled with it."""

from collections.abc import Iterator, Sequence
from typing import Self

from mm_pipeline.content.store import ContentStore
from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.export.exporter_base import ExporterBase, Statuses, build_all
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.import_lines import file_name
from mm_pipeline.mattermost.on_server import SeenFile
from mm_pipeline.mattermost.outgoing import FileAttachment
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline.side_by_side import side_by_side


class AttachmentExporter(ExporterBase):
    """A file on a message. One file on two messages is two attachments of one content."""

    entity_type = EntityType.ATTACHMENT

    @classmethod
    def export(cls, run: Run, share: Partitions, statuses: Statuses) -> None:
        """Bring the bytes into the content store, one stream per partition."""

        def fetched(key: int) -> Iterator[None]:
            rows = run.store.rows(cls.entity_type, [Status.PENDING], Partitions(workers=share.workers, keys=(key,)))
            unprepared = (cls.from_entity(row, statuses, run) for row in rows if not row.content_sha256)
            for _ in build_all(unprepared, lambda exporter: exporter.prepare(run)):
                run.require_going()
                yield

        for _ in side_by_side([fetched(key) for key in share.keys]):
            pass

    def prepare(self, run: Run) -> None:
        """Fetch the bytes; the row stays pending until its message is there. Raises RowSkipped where there are none to send."""
        run.directory.leave_out_conversation(self.entity.channel_slack_id)
        stored = run.fetch_file(self.entity, run.largest_file)
        self.set_status(Status.PENDING, content_sha256=stored.sha256)

    def file(self, run: Run, sha256: str) -> FileAttachment:
        """Return the file as its post carries it; bytes that another machine prepared are fetched here once more.

        Raises RowFailed where they are not to be had here.
        """
        here = sha256 if run.has(sha256) else run.fetch_again(self.entity)
        path = run.content.path(here)
        return FileAttachment(key=self.entity.id, name=self.name, path=path, size=path.stat().st_size, sha256=here)

    @property
    def name(self) -> str:
        """What people see: Slack's file name."""
        raw = self.entity.raw_data
        found = next((raw[key] for key in ("name", "title") if isinstance(raw.get(key), str) and raw[key].strip()), "")
        return found or str(raw.get("id") or "file")

    @classmethod
    def settle_seen(cls, exporters: Sequence[Self], seen: Sequence[SeenFile], content: ContentStore) -> list[Self]:
        """Settle those of a message's prepared files that its post really carries. Returns the others."""
        left, unmatched = list(seen), list(exporters)
        for is_it in (cls._is_by_name_and_size, cls._is_by_size, cls._is_by_name):
            for exporter in tuple(unmatched):
                match = next((file for file in left if is_it(exporter, file, content)), None)
                if match:
                    left.remove(match)
                    unmatched.remove(exporter)
                    exporter.set_status(Status.SUCCESS, mattermost_id=match.id, origin=Origin.CREATED)
        return unmatched

    def _is_by_name_and_size(self, file: SeenFile, content: ContentStore) -> bool:
        return self._is_by_size(file, content) and file.name == file_name(self.name)

    def _is_by_size(self, file: SeenFile, content: ContentStore) -> bool:
        size = content.size(self.entity.content_sha256 or "")
        return file.size == (size if size >= 0 else self.entity.raw_data.get("size"))

    def _is_by_name(self, file: SeenFile, content: ContentStore) -> bool:
        """For bytes that another machine sent, of which Slack tells no size, or a wrong one, as of pages."""
        return content.size(self.entity.content_sha256 or "") < 0 and file.name == file_name(self.name)


FILE_DROPPED = (
    "the server took the message but not this file: its log says why (size, picture resolution, file store). "
    "Mend that, then `mm-pipeline retry`"
)
