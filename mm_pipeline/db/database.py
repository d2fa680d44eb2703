"""Opens connections to the one PostgreSQL of a migration. Runs no migration by itself."""

import os
import re
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg
from psycopg.types.json import set_json_loads

from mm_pipeline.backend_logger import backend_logger, keep_secret, masked
from mm_pipeline.db.idle_connections import idle_connections
from mm_pipeline.errors import AbortRun

_decode = msgspec.json.Decoder().decode
#: A machine that lost its power says no goodbye: PostgreSQL looks after it, and frees its locks, within a minute instead of
#: the two hours that systems are set to. By statement: a pooler in between refuses settings in the greeting.
_LOOK_AFTER_US = """SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
                           set_config('tcp_keepalives_count', '3', false)"""
#: What PostgreSQL (for all, for a role, for a database) and PgBouncer say where no connection is free.
_ALL_IN_USE = re.compile(r"too many (clients|connections)|remaining connection slots|no more connections allowed", re.I)
_FOR_A_FREE_ONE_S = 60
_BETWEEN_TRIES_S = 0.5


class Database:
    """A PostgreSQL database by its URL. Raises AbortRun where it is none. Safe for threads: a session has its own connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle = idle_connections(url)
        self._rested_on: list[psycopg.Connection] = []
        self._looking = threading.Lock()
        try:
            parts = psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            # Without its cause, which quotes the URL: the password stands in it.
            raise AbortRun(
                "MM_PIPELINE_DATABASE is no URL of a PostgreSQL database: it begins with postgresql://, and a space "
                "or another odd sign in its password is written as %20 and the like."
            ) from None
        if password := parts.get("password"):
            keep_secret(str(password))

    def connect(self) -> psycopg.Connection:
        """Open a connection in autocommit mode: what is written is written. Raises AbortRun where there is no database.

        Where all of PostgreSQL's connections are in use, it waits for one: other programs come and go.
        """
        until = time.monotonic() + _FOR_A_FREE_ONE_S
        waiting = False
        while True:
            try:
                return self._opened()
            except psycopg.OperationalError as error:
                if not _ALL_IN_USE.search(str(error)):
                    raise _away(error) from error
                if time.monotonic() > until:
                    raise _none_free(error) from error
            if not waiting:
                backend_logger.warning("All of PostgreSQL's connections are in use; waiting for one.")
                waiting = True
            time.sleep(_BETWEEN_TRIES_S)

    def _opened(self) -> psycopg.Connection:
        connection = psycopg.connect(
            self.url,
            autocommit=True,
            application_name=program_name(),
            connect_timeout=10,
            prepare_threshold=None,  # plans for the values at hand: one for all values may scan whole tables
            keepalives_idle=30,  # and so do we look after PostgreSQL
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=60_000,
        )
        connection.execute(_LOOK_AFTER_US)
        set_json_loads(_decode, connection)  # three times as quick as the standard library's
        return connection

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A connection for a piece of work; a database that goes away meanwhile becomes AbortRun.

        The next piece of work gets it afterwards, because signing in costs 5 ms: leave no setting and no lock on it.
        """
        self._require_locks()
        connection = self._idle.taken(self.connect)
        try:
            yield connection
        except psycopg.OperationalError as error:
            connection.close()
            raise _away(error) from error
        except BaseException:
            connection.close()
            raise
        self._idle.leave(connection)

    @contextmanager
    def resting_on(self, connection: psycopg.Connection) -> Iterator[None]:
        """Have each session raise AbortRun once this connection has ended: its locks are gone, and maybe another's by now."""
        with self._looking:
            self._rested_on.append(connection)
        try:
            yield
        finally:
            with self._looking:
                self._rested_on.remove(connection)

    def _require_locks(self) -> None:
        with self._looking:
            if not all(map(_is_alive, self._rested_on)):
                raise AbortRun(
                    "PostgreSQL ended the connection that held this run's share of the work, so another run may have taken "
                    "it over. Nothing is lost: rows that were not confirmed stay pending. Run the same command again."
                )


def program_name() -> str:
    """Return what PostgreSQL calls this process, so that others can say who holds a lock."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def _is_alive(connection: psycopg.Connection) -> bool:
    """Whether it has not ended. Asks nothing: the end stands on the socket, behind whatever else the server said."""
    try:
        while select.select([connection.fileno()], [], [], 0)[0]:
            connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return False
    return True


def _none_free(error: psycopg.OperationalError) -> AbortRun:
    return AbortRun(
        f"PostgreSQL had no connection free for {_FOR_A_FREE_ONE_S} s ({_cause(error)}). Nothing is lost: rows that were not "
        "confirmed stay pending. Let it have more (max_connections), or have fewer programs use it at once, and run the "
        "same command again."
    )


def _away(error: psycopg.OperationalError) -> AbortRun:
    return AbortRun(
        f"PostgreSQL is not to be reached ({_cause(error)}). Nothing is lost: rows that were not confirmed stay pending. "
        "Start it again (`mm-pipeline up`, or the server that MM_PIPELINE_DATABASE names) and run the same command."
    )


def _cause(error: psycopg.OperationalError) -> str:
    lines = masked(str(error)).strip().splitlines() or ["no answer"]
    return lines[-1].strip()
