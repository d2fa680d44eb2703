"""Files of new posts -> the server, through the plugin: streamed in parts, and begun where they broke off. Makes no post."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.broken_line import PART_BYTES, BrokenLine
from mm_pipeline.mattermost.import_lines import file_name
from mm_pipeline.mattermost.importer import Importer, is_not_running
from mm_pipeline.mattermost.on_server import SeenFile
from mm_pipeline.mattermost.outgoing import FileAttachment

#: Files of one post that come side by side: the server makes thumbnails meanwhile.
_AT_ONCE = 4
#: What says nothing against the file. The first two: another request sends it at this moment, has got further, or has just
#: ended; the others: the server's database was away when the bytes were there.
_PASSING = frozenset(
    {
        "app.upload.upload_data.concurrent.app_error",
        "com.mm-pipeline.importer.upload.error",
        "app.upload.upload_data.update.app_error",
        "app.upload.upload_data.save.app_error",
    }
)


class ImporterFiles:
    """Brings files to one server. Which file is which is told by its post, its name and its bytes."""

    def __init__(self, importer: Importer) -> None:
        self._importer = importer

    def bring(
        self, post: str, channel_id: str, user_id: str, create_at: int, files: Sequence[FileAttachment]
    ) -> tuple[SeenFile, ...]:
        """Have the files of a post (its identity, author, ms) be there. Those that the server does not take are left off."""

        def bring_one(file: FileAttachment, identity: str) -> SeenFile | None:
            name = file_name(file.name)
            description = {
                "identity": identity,
                "channel_id": channel_id,
                "user_id": user_id,
                "name": name,
                "size": file.size,
                "create_at": create_at,
            }
            try:
                file_id = self._send(description, file)
            except ApiError as refused:
                backend_logger.warning("row %s: the server does not take the file: %s", file.key, refused)
                return None
            return SeenFile(id=file_id, name=name, size=file.size)

        with ThreadPoolExecutor(min(len(files), _AT_ONCE), "files") as together:
            return tuple(seen for seen in together.map(bring_one, files, identities(post, files)) if seen)

    def _send(self, description: dict[str, object], file: FileAttachment) -> str:
        state = self._importer.begin_file(description)
        line = BrokenLine(_passes)
        with file.path.open("rb") as content:
            while not state.is_done:
                before = state.offset
                content.seek(before)
                try:
                    state = self._importer.send_part(state.id, before, content.read(PART_BYTES))
                except (AbortRun, ApiError) as cut:
                    line.bear(cut)
                    state = self._importer.begin_file(description)
                    backend_logger.info("the file of row %s broke off and goes on at %d bytes", file.key, state.offset)
                else:
                    if not state.is_done and state.offset <= before:
                        raise AbortRun(
                            f"The server keeps nothing of the file {file.name}: its log says why; mend that first."
                        )
                line.reached(state.offset)
        return state.id


def identities(post: str, files: Sequence[FileAttachment]) -> list[str]:
    """Return what the plugin knows a post's files by. Not by their places: other files may be at hand the next time."""
    alike: Counter[str] = Counter()
    told = []
    for file in files:
        own = hashlib.sha256(f"{file.name}\0{file.sha256}".encode()).hexdigest()[:24]
        told.append(f"{post}:{own}:{alike[own]}")
        alike[own] += 1
    return told


def _passes(refused: ApiError) -> bool:
    return is_not_running(refused) or refused.error_id in _PASSING
