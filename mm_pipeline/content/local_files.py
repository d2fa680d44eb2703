"""Bytes on this machine, in the export or among downloads: uploads, pictures of emoji and people. Never uses a name as a path."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import IO

from mm_pipeline.content.zip_directory import ZipDirectory, zip_directory
from mm_pipeline.content.zip_entries import UNREADABLE, readable_name
from mm_pipeline.errors import RowFailed

_CHUNK = 1 << 18
#: Where exporters put bytes: `__uploads/<id>/<name>`, slackdump's `<channel>/attachments/<id>-<name>` and
#: `<channel id>/<id>-<name>`, or simply `<id>/<name>`.
_UPLOAD = re.compile(r"(?:^|/)(F[A-Z0-9]+)[/-][^/]+$")
#: Where slackdump puts people's pictures: `__avatars/<user id>/<name>`.
_AVATAR = re.compile(r"(?:^|/)__avatars/([A-Z0-9]+)/[^/]+$")
_EMOJI = re.compile(r"(?:^|/)emojis?/([^/]+)\.(?:png|gif|jpe?g|webp)$", re.IGNORECASE)
#: Where messages stand: nobody asks for these here, and there are many (0.3 KB each).
_DAY_FILE = re.compile(r"/[0-9]{4}-[0-9]{2}-[0-9]{2}\.json$")


class LocalFiles:
    """Bytes in a zip or folder, found by file id and emoji name. Safe for threads; opens it on first use.

    `name` is what sentences for people call it.
    """

    def __init__(self, path: Path, name: str = "the export") -> None:
        self.name = name
        self._path = path
        self._lock = Lock()
        self._zip: ZipDirectory | None = None
        self._numbers: dict[str, int] = {}  # entry of the zip -> its number there
        self._uploads: dict[str, list[str]] | None = None
        self._emoji: dict[str, str] = {}
        self._avatars: dict[str, str] = {}
        self._names: dict[str, str] = {}  # as people read it -> entry

    def close(self) -> None:
        """Forget what was found."""
        with self._lock:
            self._zip = self._uploads = None

    def upload(self, file_id: str, name: str = "", size: int = 0) -> str:
        """Return the entry that holds a file, or "". Of several, one of the right size, then of the right name."""
        found = self._index().get(file_id, [])
        return min(
            found,
            key=lambda entry: (bool(size) and self.size(entry) != size, not entry.endswith(name or "/"), entry),
            default="",
        )

    def emoji(self, name: str) -> str:
        """Return the entry that holds an emoji's picture, or ""."""
        self._index()
        return self._emoji.get(unicodedata.normalize("NFC", name), "")

    def avatar(self, user_id: str) -> str:
        """Return the entry that holds a person's picture, or ""."""
        self._index()
        return self._avatars.get(user_id, "")

    def entry(self, path: str) -> str:
        """Return the entry of this path (below the one top folder, if there is one), or ""."""
        self._index()
        return self._names.get(unicodedata.normalize("NFC", path), "")

    def size(self, entry: str) -> int:
        """Return the bytes of an entry, as the zip or folder says."""
        self._index()
        return self._zip[self._numbers[entry]].file_size if self._zip else os.lstat(self._path / entry).st_size

    def chunks(self, entry: str) -> Iterator[bytes]:
        """Yield an entry piece by piece. Raises RowFailed where it cannot be read."""
        try:
            with self._open(entry) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except UNREADABLE as fault:
            raise RowFailed(
                f"its bytes in {self.name} cannot be read ({fault}): unpack or download them anew, "
                "then `mm-pipeline retry`"
            ) from fault

    def _index(self) -> dict[str, list[str]]:
        with self._lock:
            if self._uploads is None:
                uploads: dict[str, list[str]] = {}
                for name, entry in sorted(self._entries()):
                    if hit := _UPLOAD.search(name):
                        uploads.setdefault(hit[1], []).append(entry)
                    if hit := _EMOJI.search(name):
                        self._emoji.setdefault(hit[1], entry)
                    elif hit := _AVATAR.search(name):
                        self._avatars.setdefault(hit[1], entry)
                    self._names[name] = entry
                    if below := name.partition("/")[2]:
                        self._names.setdefault(below, entry)
                self._uploads = uploads
            return self._uploads

    def _entries(self) -> Iterator[tuple[str, str]]:
        """Yield each entry's name as people read it, and as the zip or folder has it."""
        if not self._path.is_dir():
            try:
                self._zip = zip_directory(self._path)
            except UNREADABLE as fault:
                raise RowFailed(f"{self.name}, {self._path.name}, cannot be opened ({fault})") from fault
            for number, packed in enumerate(self._zip):
                if not packed.is_dir() and (not _DAY_FILE.search(packed.filename) or _UPLOAD.search(packed.filename)):
                    self._numbers[packed.filename] = number
                    yield readable_name(packed.filename, packed.flag_bits), packed.filename
            return
        for folder, _, names in os.walk(self._path):  # follows no links
            for name in names:
                path = Path(folder, name)
                if stat.S_ISREG(path.lstat().st_mode):
                    entry = path.relative_to(self._path).as_posix()
                    yield unicodedata.normalize("NFC", entry), entry

    @contextmanager
    def _open(self, entry: str) -> Iterator[IO[bytes]]:
        if self._zip:
            with self._zip.open(self._zip[self._numbers[entry]]) as packed:
                yield packed
        else:
            # Entries are what the walk found, so none leads out; O_NOFOLLOW: nor does one that was swapped since.
            with os.fdopen(os.open(self._path / entry, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                yield file
