"""An export as Slack hands it out: a zip file. Unpacks nothing to disk, and nothing that is a bomb."""

import io
import stat
import zipfile
from pathlib import Path
from typing import IO, BinaryIO, cast

from mm_pipeline.content.zip_directory import zip_directory
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
            self._directory = zip_directory(path)
        except UNREADABLE as error:
            raise AbortRun(
                f"{path.name} is not a readable zip file ({error}). Download the export from Slack again, or unpack it and name the folder."
            ) from error
        self.directory_at = self._directory.starts_at
        self._numbers: dict[str, int] = {}
        # column by column: whole entries take twice as long, and each run opens its export three times
        names, flags, modes = map(self._directory.column, ("filename", "flag_bits", "external_attr"))
        for number in range(len(self._directory)):
            self._add(number, readable_name(names[number], flags[number]).replace("\\", "/"), modes[number] >> 16)
        encrypted = next((name for name, number in self._numbers.items() if flags[number] & 0x1), None)
        if encrypted:
            raise AbortRun(
                f"{path.name} is encrypted ({encrypted}). Unpack it with its password and name the folder instead."
            )
        self._refuse_bomb()

    def _add(self, number: int, name: str, mode: int) -> None:
        if name.endswith("/") or not self._accepts(name):
            return
        if stat.S_ISLNK(mode):
            self.warnings.add("link", f"{name} is a symbolic link; links are not followed.")
            return
        if name in self._numbers:
            self.warnings.add("twice", f"{name} is in the zip twice; the last one was read.")
        self._numbers[name] = number

    def _refuse_bomb(self) -> None:
        """Data of an export is text: if it all together is a bomb, nothing in it can be believed."""
        sizes, packed_sizes = self._directory.column("file_size"), self._directory.column("compress_size")
        read = [number for name, number in self._numbers.items() if name.endswith(".json")]
        size, packed = sum(sizes[number] for number in read), sum(packed_sizes[number] for number in read)
        if _is_bomb(size, packed):
            raise AbortRun(
                f"{self.path.name} would unpack to {size >> 20} MiB of JSON out of "
                f"{self.path.stat().st_size >> 10} KiB: that is a zip bomb, not a Slack export. Nothing of it was read."
            )

    def _entry(self, name: str) -> zipfile.ZipInfo:
        return self._directory[self._numbers[name]]

    def names(self) -> list[str]:
        return sorted(self._numbers)

    def size(self, name: str) -> int:
        return int(self._directory.column("file_size")[self._numbers[name]])

    def open(self, name: str) -> BinaryIO:
        entry = self._entry(name)
        if _is_bomb(entry.file_size, entry.compress_size):
            raise FileUnreadable(
                f"it would unpack to {entry.file_size >> 20} MiB out of {entry.compress_size >> 10} KiB, a zip bomb"
            )
        try:
            # never past the size it declared: zipfile stops there, and then the checksum fails
            return cast(BinaryIO, _Guarded(self._directory.open(entry)))
        except UNREADABLE as error:
            raise FileUnreadable(str(error)) from error


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
