"""An export as Slack hands it out: a zip file. Unpacks nothing to disk, and nothing that is a bomb."""

import io
import stat
import zipfile
from pathlib import Path
from typing import IO, BinaryIO, cast

from mm_pipeline.content.zip_entries import UNREADABLE, readable_name
from mm_pipeline.errors import AbortRun
from mm_pipeline.staging.container import Container, FileUnreadable
from mm_pipeline.staging.warnings import Warnings

#: Text shrinks to 1/5 - 1/50. A file beyond both bounds was made to fill a disk (1 GB of zeros: 1/1028).
_BOMB_RATIO, _BOMB_BYTES = 200, 64 << 20


class ZipContainer(Container):
    """A zip file."""

    def __init__(self, path: Path, warnings: Warnings) -> None:
        super().__init__(path, warnings)
        try:
            self._zip = zipfile.ZipFile(path)
        except UNREADABLE as error:
            raise AbortRun(
                f"{path.name} is not a readable zip file ({error}). Download the export from Slack again, or unpack it and name the folder."
            ) from error
        self.directory_at = self._zip.start_dir
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
        name = readable_name(entry).replace("\\", "/")
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
        except UNREADABLE as error:
            raise FileUnreadable(str(error)) from error

    def close(self) -> None:
        self._zip.close()


class _Guarded(io.BufferedIOBase):
    """A zip entry whose damage is told as FileUnreadable, however it shows."""

    def __init__(self, entry: IO[bytes]) -> None:
        self._entry = entry

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return self._entry.read(-1 if size is None else size)
        except UNREADABLE as error:
            raise FileUnreadable(str(error)) from error

    def close(self) -> None:
        self._entry.close()
        super().close()


def _is_bomb(size: int, packed: int) -> bool:
    return size > _BOMB_BYTES and size > packed * _BOMB_RATIO
