"""Archives on their way to the server, in parts, and away from it again. Begins no job.

A broken connection costs no more than the part that was under way.
"""

from pathlib import Path

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.broken_line import PART_BYTES, BrokenLine

FILE_NAME = "mm_pipeline.zip"
#: What the server says while it is still writing what came before a connection broke: the offset it told was too low.
_STILL_AT_IT = frozenset(
    {"api.upload.upload_data.invalid_content_length", "app.upload.upload_data.concurrent.app_error"}
)


class Uploads:
    """The archives of one server."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def send(self, archive: Path, file_name: str = FILE_NAME) -> str:
        """Send a file in parts, on from where the server has it after a broken connection. Returns its name there."""
        size = archive.stat().st_size
        try:
            session = self._http.post("/uploads", {"type": "import", "filename": file_name, "file_size": size})
        except ApiError as refused:
            raise AbortRun(
                f"The server did not take an archive of {size:,} bytes ({refused.error_id or refused.status}): give "
                "MM_ARCHIVE_MAX_BYTES less than its FileSettings.MaxFileSize, and the token the right to import."
            ) from refused
        name = f"{session['id']}_{file_name}"
        offset, line = 0, BrokenLine(lambda refused: refused.error_id in _STILL_AT_IT)
        with archive.open("rb") as file:
            while offset < size:
                file.seek(offset)
                part = file.read(PART_BYTES)
                try:
                    self._http.upload(f"/uploads/{session['id']}", part)
                    offset += len(part)
                except (AbortRun, ApiError) as cut:
                    line.bear(cut)
                    offset = self._offset(session["id"], name, size)
                    backend_logger.info("the upload broke off and goes on at %d of %d bytes", offset, size)
                line.reached(offset)
        return name

    def remove(self, import_file: str) -> None:
        """Remove an archive that no job is to read any more, where the server can."""
        try:
            self._http.delete(f"/imports/{import_file}")
        except ApiError:
            backend_logger.debug("%s stays on the server: it has no way to remove it, or has done so", import_file)

    def _offset(self, session_id: str, name: str, size: int) -> int:
        session = self._http.get_or_none(f"/uploads/{session_id}")
        if session is not None:
            return int(session["file_offset"])
        if name in self._http.get("/imports"):
            return size  # the last part arrived, only its answer did not
        raise AbortRun("The server forgot an upload that was under way. Run the same command again.")
