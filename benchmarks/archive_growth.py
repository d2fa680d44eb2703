"""An export and one ten times as large, staged, planned, rendered and packed into an archive: time per message, memory.

Needs no server. Changes nothing but a folder of its own.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most, figure
from processes import Watched, watch
from whole_run import BOUND_GROWTH_MIB, BOUND_MIB, require_well, settings

from mm_pipeline.db.embedded import EmbeddedPostgres

#: Of the time per message: linear within 15 %.
BOUND_RATIO = 1.15


def archive_growth(small: tuple[int, Path], large: tuple[int, Path], folder: Path) -> Iterator[Figure]:
    """Write the archives of two exports (messages, zip), and yield what the larger one took against the smaller."""
    seen = [(messages, archived(export, folder / f"archive-{messages}")) for messages, export in (small, large)]
    (few, little), (many, much) = seen
    for messages, one in seen:
        yield figure(f"{messages:,} messages, start to archive", one.wall_s, "s")
        yield at_most(f"peak memory, {messages:,} messages", max(one.peak_mib, one.largest_mib), "MiB", BOUND_MIB)
    growth = max(much.peak_mib - little.peak_mib, much.largest_mib - little.largest_mib)
    yield at_most("growth of peak memory", growth, "MiB", BOUND_GROWTH_MIB)
    yield at_most("time per message, larger over smaller", much.wall_s / many / (little.wall_s / few), "", BOUND_RATIO)


def archived(export: Path, folder: Path) -> Watched:
    """Have an export become an archive in a fresh state folder. Ends the program where it does not end well."""
    state, log = folder / "state", folder / "log"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "mm_pipeline.cli", "archive", "--output", str(folder / "archive.zip")]
    try:
        return require_well(watch(command, settings(export, state, 1, {"MM_TEAM": "migration"}), log, folder), log)
    finally:
        EmbeddedPostgres(state / "postgres").stop()
