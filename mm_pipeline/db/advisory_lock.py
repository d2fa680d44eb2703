"""Named locks of a database, freed when their connection ends, however it ends. Decides nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from mm_pipeline.backend_logger import backend_logger

_POLL_S = 0.5
_TAKE = {
    False: "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))",
    True: "SELECT pg_try_advisory_lock_shared(hashtextextended(%s, 0))",
}
_FREE = {
    False: "SELECT pg_advisory_unlock(hashtextextended(%s, 0))",
    True: "SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))",
}


#: How PostgreSQL shows a lock whose number is a bigint.
_HELD = """
SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0))
"""


def is_held(connection: psycopg.Connection, name: str) -> bool:
    """Whether some connection holds the named lock. Takes nothing."""
    return _answer(connection, _HELD, name)


@contextmanager
def advisory_lock(connection: psycopg.Connection, name: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the named lock; say so, once, while another run holds it. Taken again by the same connection, it nests."""
    waiting = False
    while not _answer(connection, _TAKE[shared], name):
        if not waiting:
            waiting = True
            backend_logger.info("%s: another run holds it; waiting for its end", name)
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        if not connection.closed:
            _answer(connection, _FREE[shared], name)


def _answer(connection: psycopg.Connection, query: str, name: str) -> bool:
    row = connection.execute(query.encode(), (name,)).fetchone()
    return bool(row and row[0])
