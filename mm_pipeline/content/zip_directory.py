"""The directory of an open zip, in a third of the memory that zipfile keeps it in. Judges no name, reads no entry by itself.

An export of a million messages has 83,000 day files. zipfile keeps 560 bytes of each, as long as the zip is open, and staging
and the search for files each opened it: 90 MiB. Here the entries stand in columns, once for all who ask, and each is let go as
soon as it stands there: the height while a zip is opened counts, too.
"""

import zipfile
from array import array
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Protocol

_UNSET: Any = object()


class ZipDirectory:
    """The entries of one zip by their number, in its order. Safe for threads."""

    def __init__(self, path: Path) -> None:
        """Open a zip. Raises what zip_entries.UNREADABLE lists."""
        self._zip = zipfile.ZipFile(path)
        self.starts_at = self._zip.start_dir  #: the byte at which the directory begins
        entries = self._zip.filelist
        self._zip.NameToInfo.clear()
        self._count = len(entries)
        self._columns: dict[str, Column] = {field: _KINDS.get(field, _Alike)() for field in zipfile.ZipInfo.__slots__}
        entries.reverse()
        while entries:
            entry = entries.pop()
            for field, column in self._columns.items():
                column.append(getattr(entry, field, _UNSET))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        """Yield each entry."""
        return (self[number] for number in range(self._count))

    def __getitem__(self, number: int) -> zipfile.ZipInfo:
        """Return an entry as zipfile read it."""
        entry = zipfile.ZipInfo.__new__(zipfile.ZipInfo)
        for field, column in self._columns.items():
            if (value := column[number]) is not _UNSET:
                setattr(entry, field, value)
        return entry

    def column(self, field: str) -> "Column":
        """Return what each entry has in one field of zipfile.ZipInfo, by its number: a whole entry takes ten times as long."""
        return self._columns[field]

    def open(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        """Open an entry for reading. Raises what zip_entries.UNREADABLE lists, also while reading."""
        if entry.flag_bits & 0x1:
            # As zipfile says it of a name; of an entry it shows the object.
            raise RuntimeError(f"File {entry.filename!r} is encrypted, password required for extraction")
        return self._zip.open(entry)


def zip_directory(path: Path) -> ZipDirectory:
    """Return the directory of a zip: that of the last one that was asked for is kept. Raises what zip_entries.UNREADABLE lists."""
    told = path.stat()
    return _opened(path, told.st_ino, told.st_size, told.st_mtime_ns)


@lru_cache(maxsize=1)
def _opened(path: Path, *_identity: int) -> ZipDirectory:
    return ZipDirectory(path)


class Column(Protocol):
    """One field of all entries, by their number."""

    def append(self, value: Any, /) -> None: ...

    def __getitem__(self, number: int, /) -> Any: ...


class _Texts:
    """Texts in one piece: as objects of their own they would hold on to the memory around them, which zipfile used."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("q", [0])

    def append(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def __getitem__(self, number: int) -> str:
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode("utf-8", "surrogatepass")


class _Numbers:
    """Whole numbers, each entry another one."""

    def __init__(self) -> None:
        self._numbers = array("q")

    def append(self, number: int) -> None:
        try:
            self._numbers.append(number)
        except OverflowError as error:
            raise zipfile.BadZipFile("its directory tells of sizes that no file has") from error

    def __getitem__(self, number: int) -> int:
        return self._numbers[number]


class _Alike:
    """Values that many entries share (a day, a kind of compression), each once."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._known: dict[Any, int] = {}
        self._which = array("B")

    def append(self, value: Any) -> None:
        which = self._known.setdefault(value, len(self._values))
        if which == len(self._values):
            self._values.append(value)
            if which == 1 << 8:
                self._which = array("i", self._which)
        self._which.append(which)

    def __getitem__(self, number: int) -> Any:
        return self._values[self._which[number]]


_KINDS: dict[str, type[Column]] = {
    "filename": _Texts,
    "orig_filename": _Texts,
    "header_offset": _Numbers,
    "CRC": _Numbers,
    "compress_size": _Numbers,
    "file_size": _Numbers,
}
