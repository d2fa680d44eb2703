"""Keeps bytes under their SHA-256, the same bytes once, its owner's alone. Knows not whose they are or where from."""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

import msgspec

from mm_pipeline.errors import AbortRun, RowSkipped, SkipReason
from mm_pipeline.model import ARCHIVE_BYTES

_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Seconds after which a half-written file belongs to nobody any more.
_STALE_S = 86_400


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that the store has."""

    sha256: str
    size: int


class ContentStore:
    """A folder of content. Safe for threads and processes: files appear whole, by rename."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        for private in (folder, self._incoming):
            private.mkdir(mode=0o700, parents=True, exist_ok=True)
            private.chmod(0o700)
        for left in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # another process has just finished it
                if left.stat().st_mtime < time.time() - _STALE_S:
                    left.unlink()

    def path(self, sha256: str) -> Path:
        """Return where content lies, or would lie. Anything but a SHA-256 names a file that never exists."""
        if not _SHA256.fullmatch(sha256):
            return self._incoming / "no-content"
        return self.folder / sha256[:2] / sha256

    def size(self, sha256: str) -> int:
        """Return the size of content in bytes; -1 where the store does not have it."""
        path = self.path(sha256)
        return path.stat().st_size if path.is_file() else -1

    def put(self, chunks: Iterable[bytes], limit: int) -> Stored:
        """Store a stream piece by piece. Raises RowSkipped (too large) beyond `limit` bytes, AbortRun when the disk
        is full; whatever the stream raises goes through. Nothing half-written stays."""
        digest, size = hashlib.sha256(), 0
        incoming = self._incoming / secrets.token_hex(16)
        try:
            with _disk_full_stops(self.folder):
                descriptor = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise too_large(size, limit, at_least=True)
                    digest.update(chunk)
                    with _disk_full_stops(self.folder):
                        _write_all(file, chunk)
                os.fsync(file.fileno())
            there = self.path(digest.hexdigest())
            there.parent.mkdir(mode=0o700, exist_ok=True)
            incoming.replace(there)
        finally:
            incoming.unlink(missing_ok=True)
        return Stored(sha256=digest.hexdigest(), size=size)


def _write_all(file: FileIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) :]


@contextmanager
def _disk_full_stops(folder: Path) -> Iterator[None]:
    # Only around our own writing: an OSError of the stream is a matter of that one file.
    try:
        yield
    except OSError as fault:
        raise AbortRun(
            f"{folder} cannot be written ({fault.strerror}): make room or set MM_PIPELINE_STATE to another folder, "
            "then run the same command again."
        ) from fault


def too_large(size: int, limit: int, *, at_least: bool = False) -> RowSkipped:
    """Return the reason of bytes that the server would not take: `limit` is its MaxFileSize less what the archive needs.

    at_least: no more than `size` of them were looked at.
    """
    room = f"{ARCHIVE_BYTES >> 20} MiB for the archive that it comes in"
    wish = (
        f"to the file's size and {room}" if at_least else f"to at least {size + ARCHIVE_BYTES:,} (the file, and {room})"
    )
    return RowSkipped(
        SkipReason.TOO_LARGE,
        f"{'at least ' if at_least else ''}{size:,} bytes, the server takes {limit:,}. Raise FileSettings.MaxFileSize {wish}, "
        "and run `mm-pipeline retry`",
    )
