"""The directory of an open zip, in a fifth of the memory that zipfile keeps it in. Judges no name, reads no entry by itself.

An export of a million messages has 83,000 day files. zipfile keeps 560 bytes of each, as long as the zip is open, and staging
and the search for files each opened it: 90 MiB. Here the entries stand in columns, once for all who ask.
"""

import zipfile
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

_UNSET = object()


class ZipDirectory:
    """The entries of one zip by their number, in its order. Safe for threads."""

    def __init__(self, path: Path) -> None:
        """Open a zip. Raises what zip_entries.UNREADABLE lists."""
        self._zip = zipfile.ZipFile(path)
        self.starts_at = self._zip.start_dir  #: the byte at which the directory begins
        entries = self._zip.filelist
        self._columns = {field: _column(entries, field) for field in zipfile.ZipInfo.__slots__}
        self._count = len(entries)
        self._zip.filelist.clear()
        self._zip.NameToInfo.clear()

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        """Yield each entry."""
        return (self[number] for number in range(self._count))

    def __getitem__(self, number: int) -> zipfile.ZipInfo:
        """Return an entry as zipfile read it."""
        entry = zipfile.ZipInfo.__new__(zipfile.ZipInfo)
        for field, column in self._columns.items():
            if (value := column[number] if isinstance(column, array | list | _Texts) else column) is not _UNSET:
                setattr(entry, field, value)
        return entry

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


class _Texts:
    """Texts in one piece. As objects of their own they would hold on to the memory around them, which zipfile used."""

    def __init__(self, texts: Sequence[str]) -> None:
        packed = [text.encode("utf-8", "surrogatepass") for text in texts]
        self._bytes, self._ends = b"".join(packed), array("q", accumulate(map(len, packed)))

    def __getitem__(self, number: int) -> str:
        piece = self._bytes[self._ends[number - 1] if number else 0 : self._ends[number]]
        return piece.decode("utf-8", "surrogatepass")


def _column(entries: Sequence[zipfile.ZipInfo], field: str) -> Any:
    """Return what the entries have in a field: one value where all have the same, numbers as numbers, equal things once."""
    values: list[Any] = [getattr(entry, field, _UNSET) for entry in entries]
    if all(isinstance(value, str) for value in values):
        return _Texts(values)
    known = {value: value for value in values}
    if len(known) == 1:
        return values[0]
    if all(isinstance(value, int) for value in known):
        return array("q", values)
    return [known[value] for value in values]
