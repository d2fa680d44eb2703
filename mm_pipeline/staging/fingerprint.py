"""Tells whether an export is the one that was staged before, without reading its messages. Stores nothing."""

import hashlib
import zipfile
from pathlib import Path

#: Goes into every fingerprint: raise it when staging makes other rows of the same export.
_VERSION = b"1"


def fingerprint(export: Path, directory_at: int | None = None) -> str:
    """Return a hash that changes when anything in the export does.

    Of a zip its central directory is hashed, which holds every entry's name, size and CRC-32; of a folder every file's
    name, size and time of change. `directory_at`: the byte at which a zip's directory begins, where it is open already;
    opened once more, it would stand in memory twice (0.7 KB per entry). Raises OSError or zipfile.BadZipFile where it is
    neither.
    """
    digest = hashlib.sha256(_VERSION)
    if export.is_dir():
        for path in sorted(export.rglob("*")):
            if path.is_file():
                told = path.stat()
                name = str(path.relative_to(export)).encode("utf-8", "surrogateescape")
                digest.update(b"%s\0%d\0%d\n" % (name, told.st_size, told.st_mtime_ns))
    else:
        if directory_at is None:
            with zipfile.ZipFile(export) as packed:
                directory_at = packed.start_dir
        with export.open("rb") as file:
            file.seek(directory_at)
            digest.update(file.read())
    return digest.hexdigest()
