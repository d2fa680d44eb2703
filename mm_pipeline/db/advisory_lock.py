"""Named locks of a database, freed when their connection ends, however it ends. Decides nothing."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.pauses import require_uninterrupted
from mm_pipeline.model import EntityType

_POLL_S = 0.5
_TAKE = {
    False: "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))",
    True: "SELECT pg_try_advisory_lock_shared(hashtextextended(%s, 0))",
}
_FREE = {
    False: "SELECT pg_advisory_unlock(hashtextextended(%s, 0))",
    True: "SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))",
}

#: Who holds a lock: PostgreSQL lists its number in two halves.
_HOLDERS = """
SELECT DISTINCT COALESCE(NULLIF(a.application_name, ''), 'a program without a name')
FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() JOIN pg_stat_activity a USING (pid),
     hashtextextended(%s, 0) AS number
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.classid::bigint = (number >> 32) & 4294967295 AND l.objid::bigint = number & 4294967295
ORDER BY 1
"""
#: Which of some locks are held, and by whom.
_HELD = """
SELECT n.name, COALESCE(NULLIF(a.application_name, ''), 'a program without a name')
FROM unnest(%s::text[]) AS n (name), hashtextextended(n.name, 0) AS number, pg_locks l
JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.classid::bigint = (number >> 32) & 4294967295 AND l.objid::bigint = number & 4294967295
ORDER BY 1, 2
"""


def work_on(workspace: str) -> str:
    """Return the name of the lock that every step at work on a workspace shares; alone holds it who changes what the work is."""
    return f"the work on {workspace}"


def staging_of(workspace: str) -> str:
    """Return the name of the lock that alone holds who stages an export."""
    return f"staging {workspace}"


def plan_of(workspace: str) -> str:
    """Return the name of the lock that alone holds who makes the plan."""
    return f"the plan of {workspace}"


def end_of(workspace: str) -> str:
    """Return the name of the lock that alone holds who does what is done when everything is in."""
    return f"finishing {workspace}"


def run_on(workspace: str) -> str:
    """Return the name of the lock that a run shares from its beginning to its end: between two steps it is the only one."""
    return f"a run on {workspace}"


def partition_of(entity_type: EntityType, workspace: str, key: int, workers: int) -> str:
    """Return the name of the lock that the one step holds which exports a partition of a type."""
    return f"{entity_type.value} of {workspace}, partition {key} of {workers}"


def holders(connection: psycopg.Connection, name: str) -> list[str]:
    """Return which programs hold the named lock, as "process 4711 on host"."""
    return [program for (program,) in connection.execute(_HOLDERS.encode(), (name,))]


def held(connection: psycopg.Connection, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return (name, program) of those of the named locks that are held."""
    return connection.execute(_HELD.encode(), (list(names),)).fetchall()


@contextmanager
def advisory_lock(connection: psycopg.Connection, name: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the named lock; say so, and who holds it, while another run does. Taken again by the same connection, it nests."""
    named: set[str] = set()
    while not _answer(connection, _TAKE[shared], name):
        others = holders(connection, name)
        if not named.issuperset(others):
            named.update(others)
            backend_logger.info("%s: another run holds it; waiting for its end (%s)", name, ", ".join(others))
        require_uninterrupted()
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError):  # it ended, and its locks with it
            _answer(connection, _FREE[shared], name)


def _answer(connection: psycopg.Connection, query: str, name: str) -> bool:
    row = connection.execute(query.encode(), (name,)).fetchone()
    return bool(row and row[0])
