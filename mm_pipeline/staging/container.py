"""The files of an export, wherever they lie. Extracts nothing, follows no link, knows no Slack.

Everything in it was named and filled by somebody else: names that lead out of the export, links and bombs are left out or refused.
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import BinaryIO

from mm_pipeline.staging.warnings import Warnings

#: What a computer leaves in folders by itself; never part of an export.
LITTER = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})


class FileUnreadable(Exception):
    """One file of the export cannot be read; the text says why, without the file's name. Never leaves staging unhandled."""


class Container(ABC):
    """Files by name: relative, `/` between the parts, NFC. `warnings` tells what was left out."""

    def __init__(self, path: Path, warnings: Warnings) -> None:
        self.path = path
        self.warnings = warnings
        self.directory_at: int | None = None  #: the byte at which a zip's directory begins

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of all files, sorted."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Return a file's bytes, unpacked. Raises KeyError for a name that is not there."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises FileUnreadable, KeyError."""

    def _accepts(self, name: str) -> bool:
        """Tell whether a name is one of an export's; warn of those that lead out of it."""
        parts = name.split("/")
        if LITTER.intersection(parts) or parts[-1].startswith("._"):
            return False
        if not name or any(part in ("", ".", "..") for part in parts) or ":" in parts[0][:2] or "\0" in name:
            self.warnings.add("unsafe name", f"{name[:200]!r} is no safe file name; the file was left out.")
            return False
        return True


class TopFolder(Container):
    """The one folder in which all files of another container lie, as its root."""

    def __init__(self, inner: Container, top: str) -> None:
        super().__init__(inner.path, inner.warnings)
        self._inner, self._top = inner, f"{top}/"
        self.directory_at = inner.directory_at

    def names(self) -> list[str]:
        return [name.removeprefix(self._top) for name in self._inner.names()]

    def size(self, name: str) -> int:
        return self._inner.size(self._top + name)

    def open(self, name: str) -> BinaryIO:
        return self._inner.open(self._top + name)
