"""The exports that lie complete in a folder which people put them into. Moves and deletes nothing; stages nothing."""

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec
import psycopg

from mm_pipeline.content.zip_entries import UNREADABLE
from mm_pipeline.errors import AbortRun
from mm_pipeline.staging.fingerprint import fingerprint
from mm_pipeline.staging.loader import QUERIES
from mm_pipeline.staging.staged import preflight

#: A file that was written to so short a time ago is still being copied.
_SETTLED_S = 15.0


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """An export that can be staged. A copy of it under another name has the same fingerprint."""

    path: Path
    fingerprint: str


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in the folder: exports, oldest first, and a sentence for each zip that is none, or none yet."""

    exports: tuple[Incoming, ...] = ()
    said: tuple[str, ...] = ()


def look_into(folder: Path) -> Inbox:
    """Look at the zip files of a folder; other files (`.part`, hidden ones) are left alone. Raises AbortRun: no such folder.

    A zip's list of contents is its last part, so one that can be read and that nobody writes to any more is complete.
    """
    try:
        zips = [path for path in folder.iterdir() if path.suffix.lower() == ".zip" and not path.name.startswith(".")]
    except OSError as error:
        raise AbortRun(
            f"SLACK_INBOX={folder} cannot be read ({error.strerror}): name a folder that exports are put into."
        ) from error
    found: list[tuple[int, Incoming]] = []
    said: list[str] = []
    for path in sorted(zips):
        try:
            told = path.stat()
            if abs(time.time() - told.st_mtime) < _SETTLED_S:
                said.append(f"{path.name} is still being written: waiting for its end.")
                continue
            known, faults = _seen(path, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
        except UNREADABLE as error:
            said.append(
                f"{path.name} is no complete zip file yet ({error}): waiting for the rest. If nobody is copying it any "
                "more, copy it again."
            )
            continue
        said += faults
        if not faults:
            found.append((told.st_mtime_ns, Incoming(path=path, fingerprint=known)))
    exports = tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].path)))
    return Inbox(exports=exports, said=tuple(said))


@lru_cache(maxsize=256)
def _seen(path: Path, size: int, mtime_ns: int, ctime_ns: int) -> tuple[str, tuple[str, ...]]:
    """Return a zip's fingerprint and what is wrong with it. Whoever watches a folder asks twice a minute."""
    return fingerprint(path), tuple(preflight(path))


def is_staged(export: Incoming, connect: Callable[[], psycopg.Connection]) -> bool:
    """Whether this very export was staged before, under whatever name."""
    with connect() as connection:
        found = connection.execute(QUERIES["is_fingerprint_staged"], {"fingerprint": export.fingerprint}).fetchone()
    return bool(found and found[0])
