"""Whole migrations of two sizes into fresh servers: time per message of the road from staging to finish, and memory.

Changes nothing but throw-away servers and a folder of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from archive_growth import BOUND_RATIO
from figures import Figure, at_most, figure
from whole_run import Migrated, memory, migrated, seconds_of

#: Accounts cost the same whatever was written: their step tells nothing of growth.
_NOT_OF_MESSAGES = "user"


def sending_growth(
    small: tuple[int, Path], large: tuple[int, Path], folder: Path, version: str, workers: int
) -> Iterator[Figure]:
    """Migrate two exports (messages, zip) the stock way, and yield what the larger one took against the smaller."""
    little = migrated(small[1], folder / f"growing-{small[0]}", version, workers)
    whole = migrated(large[1], folder / f"growing-{large[0]}", version, workers)
    yield from growth((small[0], little), (large[0], whole))


def growth(small: tuple[int, Migrated], large: tuple[int, Migrated]) -> Iterator[Figure]:
    """Yield what two migrations (messages, run) took, and how time per message and memory grew."""
    for messages, seen in (small, large):
        yield figure(f"whole run, {messages:,} messages", seen.first.wall_s, "s")
        yield figure(f"... without accounts, {messages:,} messages", _of_messages(seen), "s")
        yield figure(f"second run, {messages:,} messages", seen.again.wall_s, "s")
        yield figure(f"posts on the server, {messages:,} messages", seen.arrived["posts"], "rows")
    yield from memory(small, large)
    ratio = _of_messages(large[1]) / large[0] / (_of_messages(small[1]) / small[0])
    yield at_most("time per message without accounts, larger over smaller", ratio, "", BOUND_RATIO)


def _of_messages(seen: Migrated) -> float:
    """Return the seconds of a first run that are not the accounts'."""
    return seen.first.wall_s - seconds_of(seen, _NOT_OF_MESSAGES)
