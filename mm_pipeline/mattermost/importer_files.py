"""Files of new posts -> the server, through the plugin: streamed in parts, and begun where they broke off. Makes no post."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.import_lines import file_name
from mm_pipeline.mattermost.importer import Importer, is_not_running
from mm_pipeline.mattermost.on_server import SeenFile
from mm_pipeline.mattermost.outgoing import FileAttachment

#: A first part has 5 MiB at least, or the server throws it away; what proxies let through is rarely more than 10.
_PART_BYTES = 8 << 20
#: Files of one post that come side by side: the server makes thumbnails meanwhile.
_AT_ONCE = 4
#: Another run sends the same file at this moment, or has just ended: then it is there soon.
_ANOTHER_SENDS = frozenset({"app.upload.upload_data.concurrent.app_error", "com.mm-pipeline.importer.upload.error"})
_PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class ImporterFiles:
    """Brings files to one server. Which file is which is told by its post, its place there and its size."""

    def __init__(self, importer: Importer) -> None:
        self._importer = importer

    def bring(
        self, post: str, channel_id: str, user_id: str, create_at: int, files: Sequence[FileAttachment]
    ) -> tuple[SeenFile, ...]:
        """Have the files of a post (its identity, author, ms) be there. Those that the server does not take are left off."""

        def bring_one(place: int) -> SeenFile | None:
            file = files[place]
            name = file_name(file.name)
            description = {
                "identity": f"{post}:{place}:{file.size}",
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
            return tuple(seen for seen in together.map(bring_one, range(len(files))) if seen)

    def _send(self, description: dict[str, object], file: FileAttachment) -> str:
        state = self._importer.begin_file(description)
        pauses = iter(_PAUSES_S)
        with file.path.open("rb") as content:
            while not state.is_done:
                before = state.offset
                content.seek(before)
                try:
                    state = self._importer.send_part(state.id, content.read(_PART_BYTES))
                except ApiError as refused:
                    if not is_not_running(refused) and refused.error_id not in _ANOTHER_SENDS:
                        raise
                    if (pause_s := next(pauses, None)) is None:
                        if is_not_running(refused):
                            raise AbortRun(f"The plugin goes away time after time: {refused}") from refused
                        raise
                    time.sleep(pause_s)
                    state = self._importer.begin_file(description)
                    continue
                if not state.is_done and state.offset <= before:
                    raise AbortRun(
                        f"The server keeps nothing of the file {file.name}: its log says why; mend that first."
                    )
        return state.id
