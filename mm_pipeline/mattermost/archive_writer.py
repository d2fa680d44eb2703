"""One bulk-import archive in the making: a zip that begins with import.jsonl, its files after it under data/.

Knows no server and judges no line: whether something may be sent is asked elsewhere.
"""

import fcntl
import re
import shutil
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.import_lines import avatar_path, file_path, version_line
from mm_pipeline.mattermost.outgoing import FileAttachment, NewAccount
from mm_pipeline.nouns import counted, verb

LINES_ENTRY = "import.jsonl"
#: The order that the server wants; a change of type makes it wait until all lines before are in.
SECTIONS = ("emoji", "channel", "user", "bot", "post", "direct_channel", "direct_post")
#: A change of type makes the server wait; a built-in emoji is skipped without a word (>= 6.5, seen on 9.9 and 11.4).
BARRIER_LINE = b'{"type":"emoji","emoji":{"name":"smile","image":"smile.png"}}'
#: Deflating these again costs time and gains nothing.
_PACKED = re.compile(
    r"\.(7z|avi|bz2|docx|gif|gz|heic|jpe?g|m4[av]|mov|mp[34]|odt|ogg|pdf|png|pptx|rar|tgz|web[mp]|xlsx|xz|zip|zst)$",
    re.I,
)
#: Of one entry: its two headers, with the sizes of a large one (its name counts twice besides).
_ENTRY_BYTES = 160
_BLOCK_BYTES = 1 << 20


class _Section(NamedTuple):
    part: int
    kind: int  #: position in SECTIONS


class ArchiveWriter:
    """One archive in the making. Lines may come in any order of types; `path` appears when it is closed.

    It stays locked for this process until `release`, so that another knows it is in use.
    """

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self.path = path
        self.limit_bytes = limit_bytes
        self.size = len(version_line()) + 4 * _ENTRY_BYTES  #: bytes that the zip will have at most
        self.files: dict[str, Path] = {}  #: path below data/ -> where the bytes lie
        self._sections: dict[_Section, IO[bytes]] = {}
        self._keys: dict[_Section, array[int]] = {}
        self._zip: IO[bytes] | None = None

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))

    def room_for(self, line: bytes, files: Iterable[FileAttachment] = ()) -> bool:
        """Whether the line with its files still fits."""
        return self.size + size_of(line, files) <= self.limit_bytes

    def add(self, kind: str, line: bytes, files: Mapping[str, Path], key: int = 0, part: int = 0) -> None:
        """Take in a line of a type, with its files by their paths below data/. `key` will stand at its number in `keys`.

        Lines of a higher `part` are read by the server when all of a lower one are in: for a root that stands in
        several lines. The bytes must be there (see `require_bytes`): for one missing file the server silently loses
        those of the thread after it too.
        """
        place = _Section(part, SECTIONS.index(kind))
        if place not in self._sections:
            with self._writing():
                # Unlinked at once, so that a crash leaves nothing behind.
                self._sections[place] = tempfile.TemporaryFile(dir=self.path.parent)  # noqa: SIM115
            self._keys[place] = array("q")
        with self._writing():
            self._sections[place].write(line)
            self._sections[place].write(b"\n")
        self._keys[place].append(key)
        new = {path: file for path, file in files.items() if path not in self.files}
        self.size += len(line) + 1 + sum(_entry_size(path, file.stat().st_size) for path, file in new.items())
        self.files |= new

    @property
    def keys(self) -> "array[int]":
        """The key of each line by its number, counted from 1 as the server does; 0 where a line has none."""
        keys = array("q", (0, 0))
        for barrier, place in self._order():
            keys.extend([0] * barrier)
            keys.extend(self._keys[place])
        return keys

    def key_of(self, line: int) -> int:
        """Return the key of the line with this number, 0 if there is none."""
        keys = self.keys
        return keys[line] if 0 < line < len(keys) else 0

    def close(self) -> None:
        """Write the zip: the lines first, then the files. Raises AbortRun where a file vanished in between."""
        with self._writing():
            unlocked = self.path.with_suffix(".new")
            self._zip = unlocked.open("w+b")
            fcntl.flock(self._zip, fcntl.LOCK_EX)
            unlocked.rename(
                self.path
            )  # locked under its name from the first moment: another process looks for those left
            with ZipFile(self._zip, "w", ZIP_DEFLATED, compresslevel=1) as archive:
                self._write(archive)
                missing = {f"data/{path}" for path in self.files} - set(archive.namelist())
            if missing:
                are, them = verb(len(missing), "is", "are"), verb(len(missing), "it", "them")
                raise AbortRun(
                    f"{counted(len(missing), 'file')} {are} not in the archive that names {them}: run the command again."
                )
            self._zip.flush()

    def _write(self, archive: ZipFile) -> None:
        with archive.open(LINES_ENTRY, "w", force_zip64=True) as lines:
            lines.write(version_line() + b"\n")
            for barrier, place in self._order():
                lines.write((BARRIER_LINE + b"\n") * barrier)
                with self._sections.pop(place) as section:
                    section.seek(0)
                    shutil.copyfileobj(section, lines, _BLOCK_BYTES)
        for path, file in self.files.items():
            _copy(file, archive, f"data/{path}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as refused:
            raise AbortRun(
                f"An archive cannot be written to {self.path.parent} ({refused.strerror}): "
                "give it room and rights there, then run the same command again."
            ) from refused

    def release(self) -> None:
        """Remove the archive, however far it got."""
        while self._sections:
            self._sections.popitem()[1].close()
        with suppress(OSError):
            self.path.unlink()
        if self._zip:
            self._zip.close()

    def _order(self) -> Iterator[tuple[bool, _Section]]:
        """Yield the sections in the server's order, each with whether a barrier must stand before it."""
        part = 0
        for place in sorted(self._keys):
            yield place.part != part, place
            part = place.part


def lines_of(archive: Path) -> Iterator[bytes]:
    """Yield the lines of an archive, from the version line on. Raises OSError, BadZipFile or KeyError if it is none."""
    with ZipFile(archive) as opened, opened.open(LINES_ENTRY) as lines:
        for line in lines:
            yield line.rstrip(b"\n")


def remove_left(folder: Path) -> None:
    """Remove the archives in a folder that no living process is at work on."""
    for path in folder.glob("*.zip"):
        with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def paths_of(files: Iterable[FileAttachment]) -> dict[str, Path]:
    """Return where the bytes of files lie, by their paths below data/."""
    return {file_path(file): file.path for file in files}


def picture_of(account: NewAccount) -> dict[str, Path]:
    """Return where an account's own picture lies, by its path below data/; nothing where it has none."""
    return {avatar_path(account): account.picture} if account.picture else {}


def size_of(line: bytes, files: Iterable[FileAttachment] = ()) -> int:
    """Return how many bytes a line with its files adds to an archive at most."""
    return len(line) + 1 + sum(_entry_size(file_path(file), file.size) for file in files)


def _entry_size(path: str, size: int) -> int:
    return size + size // 1000 + 2 * len(path.encode()) + _ENTRY_BYTES


def _copy(file: Path, archive: ZipFile, name: str) -> None:
    entry = ZipInfo(name) if _PACKED.search(name) else name
    try:
        with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
    except FileNotFoundError as gone:
        raise AbortRun(
            "The bytes of a file went away while an archive was written. "
            "Leave the state folder alone during a run and start the same command again."
        ) from gone
