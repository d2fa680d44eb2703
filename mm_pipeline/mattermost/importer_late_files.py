"""Files that come later to posts that are there, through the server plugin. Takes no file from a post, and makes no post."""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.mattermost.import_lines import file_name
from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.importer_files import ImporterFiles
from mm_pipeline.mattermost.on_server import SeenFile
from mm_pipeline.mattermost.outgoing import FileAttachment, Post
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.sendable import missing_bytes


class ImporterLateFiles:
    """Hangs files on the posts of one server."""

    def __init__(self, importer: Importer, rest: Rest) -> None:
        self._importer = importer
        self._rest = rest
        self._files = ImporterFiles(importer)

    def hang(self, post: Post) -> tuple[SeenFile, ...]:
        """Have a post (its id set) have its files; return all that it has then. Of one that is gone, none.

        A file that hangs on it already is told by its name and size, as an import line tells it.
        """
        there = self._rest.http.get_or_none(f"/posts/{post.id}")
        if there is None:
            return ()
        seen = self._on(post.id)
        missing = _without(post.files, seen)
        if not missing:
            return seen
        if why := missing_bytes(post):
            backend_logger.warning("row %s: %s", post.key, why)
            return seen
        where = (there["channel_id"], there["user_id"], there["create_at"])
        brought = self._files.bring(post.id, *where, missing)
        (answer,) = self._importer.attach([{"id": post.id, "file_ids": [one.id for one in brought]}])
        if answer.reason:
            backend_logger.warning("row %s: files do not hang on its post: %s", post.key, answer.reason)
        self._rest.invalidate_caches()
        return self._on(post.id)

    def _on(self, post_id: str) -> tuple[SeenFile, ...]:
        found = self._rest.http.get(f"/posts/{post_id}/files/info") or ()
        return tuple(SeenFile(id=one["id"], name=one["name"], size=one["size"]) for one in found)


def _without(files: tuple[FileAttachment, ...], seen: tuple[SeenFile, ...]) -> list[FileAttachment]:
    """Return the files that are not among those seen, each of which stands for one."""
    left = [(one.name, one.size) for one in seen]
    missing = []
    for file in files:
        told = (file_name(file.name), file.size)
        if told in left:
            left.remove(told)
        else:
            missing.append(file)
    return missing
