"""The files of an export, whether it lies there as a zip or as a folder. Extracts nothing, follows no link, knows no Slack.

Everything in it was named and filled by somebody else: names that lead out of the export, links and bombs are left out or refused.
"""

import io
import lzma
import os
import stat
import unicodedata
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

from mm_pipeline.errors import AbortRun
from mm_pipeline.staging.warnings import Warnings

#: What a computer leaves in folders by itself; never part of an export.
_LITTER = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})
#: Text shrinks to 1/5 - 1/50. A file beyond both bounds was made to fill a disk (1 GB of zeros: 1/1028).
_BOMB_RATIO, _BOMB_BYTES = 200, 64 << 20
#: A folder in a folder in a folder: what zipping by hand makes. More is no export.
_DEEPEST_TOP = 4

#: What reading a damaged, encrypted or exotic zip entry raises.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


class FileUnreadable(Exception):
    """One file of the export cannot be read; the text says why, without the file's name. Never leaves staging unhandled."""


class Container(ABC):
    """Files by name: relative, `/` between the parts, NFC. `warnings` tells what was left out."""

    def __init__(self, path: Path, warnings: Warnings) -> None:
        self.path = path
        self.warnings = warnings

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of all files, sorted."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Return a file's bytes, unpacked. Raises KeyError for a name that is not there."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises FileUnreadable, KeyError."""

    def close(self) -> None:  # noqa: B027 - a folder has nothing to let go of
        """Let go of the file."""

    def _accepts(self, name: str) -> bool:
        """Tell whether a name is one of an export's; warn of those that lead out of it."""
        parts = name.split("/")
        if _LITTER.intersection(parts) or parts[-1].startswith("._"):
            return False
        if not name or any(part in ("", ".", "..") for part in parts) or ":" in parts[0][:2] or "\0" in name:
            self.warnings.add("unsafe name", f"{name[:200]!r} is no safe file name; the file was left out.")
            return False
        return True


class ZipContainer(Container):
    """A zip file."""

    def __init__(self, path: Path, warnings: Warnings) -> None:
        super().__init__(path, warnings)
        try:
            self._zip = zipfile.ZipFile(path)
        except _UNREADABLE as error:
            raise AbortRun(
                f"{path.name} is not a readable zip file ({error}). Download the export from Slack again, or unpack it and name the folder."
            ) from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._zip.infolist():
            self._add(entry)
        if encrypted := next((name for name, entry in self._entries.items() if entry.flag_bits & 0x1), None):
            self.close()
            raise AbortRun(
                f"{path.name} is encrypted ({encrypted}). Unpack it with its password and name the folder instead."
            )
        self._refuse_bomb()

    def _add(self, entry: zipfile.ZipInfo) -> None:
        name = _entry_name(entry)
        if name.endswith("/") or not self._accepts(name):
            return
        if stat.S_ISLNK(entry.external_attr >> 16):
            self.warnings.add("link", f"{name} is a symbolic link; links are not followed.")
            return
        if name in self._entries:
            self.warnings.add("twice", f"{name} is in the zip twice; the last one was read.")
        self._entries[name] = entry

    def _refuse_bomb(self) -> None:
        """Data of an export is text: if it all together is a bomb, nothing in it can be believed."""
        data = [entry for name, entry in self._entries.items() if name.endswith(".json")]
        if _is_bomb(sum(entry.file_size for entry in data), sum(entry.compress_size for entry in data)):
            self.close()
            raise AbortRun(
                f"{self.path.name} would unpack to {sum(e.file_size for e in data) >> 20} MiB of JSON out of "
                f"{self.path.stat().st_size >> 10} KiB: that is a zip bomb, not a Slack export. Nothing of it was read."
            )

    def names(self) -> list[str]:
        return sorted(self._entries)

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def open(self, name: str) -> BinaryIO:
        entry = self._entries[name]
        if _is_bomb(entry.file_size, entry.compress_size):
            raise FileUnreadable(
                f"it would unpack to {entry.file_size >> 20} MiB out of {entry.compress_size >> 10} KiB, a zip bomb"
            )
        try:
            # never past the size it declared: zipfile stops there, and then the checksum fails
            return cast(BinaryIO, _Guarded(self._zip.open(entry)))
        except _UNREADABLE as error:
            raise FileUnreadable(str(error)) from error

    def close(self) -> None:
        self._zip.close()


class FolderContainer(Container):
    """A folder: an export that somebody unpacked."""

    def __init__(self, path: Path, warnings: Warnings) -> None:
        super().__init__(path, warnings)
        self._files = dict(self._walk())

    def _walk(self) -> Iterator[tuple[str, Path]]:
        for folder, folders, files in os.walk(self.path, onerror=self._closed):
            for name in [*folders, *files]:
                file = Path(folder, name)
                relative = unicodedata.normalize("NFC", file.relative_to(self.path).as_posix())
                relative = relative.encode("utf-8", "replace").decode("utf-8")
                mode = file.lstat().st_mode
                if not self._accepts(relative) or stat.S_ISDIR(mode):
                    continue
                if stat.S_ISREG(mode):
                    yield relative, file
                elif stat.S_ISLNK(mode):
                    self.warnings.add("link", f"{relative} is a symbolic link; links are not followed.")
            folders[:] = [name for name in folders if name not in _LITTER]

    def _closed(self, error: OSError) -> None:
        self.warnings.add("closed", f"The folder {Path(error.filename or '').name} cannot be read ({error.strerror}).")

    def names(self) -> list[str]:
        return sorted(self._files)

    def size(self, name: str) -> int:
        return self._files[name].stat().st_size

    def open(self, name: str) -> BinaryIO:
        try:
            # O_NOFOLLOW: the file may have become a link since it was listed
            return os.fdopen(os.open(self._files[name], os.O_RDONLY | os.O_NOFOLLOW), "rb", 1 << 16)
        except OSError as error:
            raise FileUnreadable(error.strerror or str(error)) from error


class TopFolder(Container):
    """The one folder in which all files of another container lie, as its root."""

    def __init__(self, inner: Container, top: str) -> None:
        super().__init__(inner.path, inner.warnings)
        self._inner, self._top = inner, f"{top}/"

    def names(self) -> list[str]:
        return [name.removeprefix(self._top) for name in self._inner.names()]

    def size(self, name: str) -> int:
        return self._inner.size(self._top + name)

    def open(self, name: str) -> BinaryIO:
        return self._inner.open(self._top + name)

    def close(self) -> None:
        self._inner.close()


def open_container(path: Path, warnings: Warnings) -> Container:
    """Open a zip file or a folder; a single folder around everything is looked through. Raises AbortRun."""
    if path.is_dir():
        container: Container = FolderContainer(path, warnings)
    elif path.is_file():
        container = ZipContainer(path, warnings)
    else:
        raise AbortRun(
            f"There is no Slack export at {path}. "
            "SLACK_EXPORT names the zip file that Slack gave you, or the folder it was unpacked to."
        )
    for _ in range(_DEEPEST_TOP):
        names = container.names()
        tops = {name.split("/", 1)[0] for name in names}
        # one folder with folders in it; an export of one channel still has its users.json beside the folder
        if len(tops) != 1 or not all("/" in name for name in names):
            break
        container = TopFolder(container, tops.pop())
    return container


class _Guarded(io.BufferedIOBase):
    """A zip entry whose damage is told as FileUnreadable, however it shows."""

    def __init__(self, entry: IO[bytes]) -> None:
        self._entry = entry

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return self._entry.read(-1 if size is None else size)
        except _UNREADABLE as error:
            raise FileUnreadable(str(error)) from error

    def close(self) -> None:
        self._entry.close()
        super().close()


def _is_bomb(size: int, packed: int) -> bool:
    return size > _BOMB_BYTES and size > packed * _BOMB_RATIO


def _entry_name(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    if not entry.flag_bits & 0x800:
        # zipfile reads names without the UTF-8 flag as cp437; most programs that forget the flag write UTF-8
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.filename
    name = name.replace("\\", "/")
    return unicodedata.normalize("NFC", name)
