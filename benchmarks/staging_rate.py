"""How many rows per second a generated export is staged at, into a fresh PostgreSQL. Sends nothing to any server."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from figures import Figure, at_least, figure
from processes import cpu_seconds

from mm_pipeline.db.database import Database
from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.db.migrations import migrate
from mm_pipeline.staging import Staged, stage

BOUND_ROWS_S = 30_000


def staging(export: Path, folder: Path, repeat: int) -> Iterator[Figure]:
    """Stage the export `repeat` times into databases of their own, each of them twice; yield the best of it."""
    postgres = EmbeddedPostgres(folder / "staging")
    postgres.start()
    try:
        firsts, agains = [], []
        for number in range(repeat):
            postgres.create_database(f"staging_{number}")
            database = Database(postgres.url(f"staging_{number}"))
            with database.session() as connection:
                migrate(connection)
            firsts.append(_timed(export, database, postgres.folder))
            agains.append(_timed(export, database, postgres.folder))
            _require_same(agains[-1][0])
    finally:
        postgres.stop()
    rows = sum(firsts[0][0].seen.values())
    first_s, first_own_s, first_database_s = min(times for _, times in firsts)
    again_s = min(times[0] for _, times in agains)
    yield figure("rows", rows, "rows")
    yield at_least(f"staging, best of {repeat}", rows / first_s, "rows/s", BOUND_ROWS_S)
    yield figure("… CPU of this process, per 100,000 rows", first_own_s / rows * 1e5, "s")
    yield figure("… CPU of PostgreSQL, per 100,000 rows", first_database_s / rows * 1e5, "s")
    yield figure(f"the same export again (nothing changes), best of {repeat}", rows / again_s, "rows/s")


def _timed(export: Path, database: Database, folder: Path) -> tuple[Staged, tuple[float, float, float]]:
    """Stage, and return how it went with the seconds: wall, CPU of this process, CPU of PostgreSQL."""
    database_s, own_s, started = cpu_seconds(folder), _own_cpu(), perf_counter()
    staged = stage(export, database.connect)
    times = (perf_counter() - started, _own_cpu() - own_s, cpu_seconds(folder) - database_s)
    return staged, times


def _own_cpu() -> float:
    used = os.times()
    return used.user + used.system


def _require_same(staged: Staged) -> None:
    if any(staged.added.values()) or any(staged.changed.values()):
        raise SystemExit(f"Staging the same export again changed rows: {staged.added} {staged.changed}")
