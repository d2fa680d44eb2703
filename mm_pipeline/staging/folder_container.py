"""An export that somebody unpacked: a folder. Follows no link, opens nothing but ordinary files."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mm_pipeline.staging.container import LITTER, Container, FileUnreadable
from mm_pipeline.staging.warnings import Warnings


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
            folders[:] = [name for name in folders if name not in LITTER]

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
