"""Opens connections to the one PostgreSQL of a migration, and keeps those that are not in use. Runs no migration by itself."""

import os
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec
import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads

from mm_pipeline.backend_logger import keep_secret, masked
from mm_pipeline.errors import AbortRun

_decode = msgspec.json.Decoder().decode
#: A machine that lost its power says no goodbye: PostgreSQL looks after it, and frees its locks, within a minute instead of
#: the two hours that systems are set to. By statement: a pooler in between refuses settings in the greeting.
_LOOK_AFTER_US = """SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
                           set_config('tcp_keepalives_count', '3', false)"""


class Database:
    """A PostgreSQL database by its URL. Raises AbortRun where it is none. Safe for threads: a session has its own connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle: list[psycopg.Connection] = []
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

    def __del__(self) -> None:
        for connection in getattr(self, "_idle", ()):
            connection.close()

    def connect(self) -> psycopg.Connection:
        """Open a connection in autocommit mode: what is written is written. Raises AbortRun where there is no database."""
        try:
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
        except psycopg.OperationalError as error:
            raise _away(error) from error
        set_json_loads(_decode, connection)  # three times as quick as the standard library's
        return connection

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A connection for a piece of work; a database that goes away meanwhile becomes AbortRun.

        The next piece of work gets it afterwards, because signing in costs 5 ms: leave no setting and no lock on it.
        """
        self._require_locks()
        connection = self._left() or self.connect()
        try:
            yield connection
        except psycopg.OperationalError as error:
            connection.close()
            raise _away(error) from error
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

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

    def _left(self) -> psycopg.Connection | None:
        """Return a connection that an earlier piece of work left, if one is still good."""
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if _is_good(connection):
                    return connection
                connection.close()
        return None


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


def _is_good(connection: psycopg.Connection) -> bool:
    """Whether it is at rest. A server that ends one says so on the socket; one at rest has nothing to say."""
    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    readable, _, _ = select.select([connection.fileno()], [], [], 0)
    return not readable


def _away(error: psycopg.OperationalError) -> AbortRun:
    cause = masked(str(error)).strip().splitlines()[-1:] or ["no answer"]
    return AbortRun(
        f"PostgreSQL is not to be reached ({cause[0].strip()}). Nothing is lost: rows that were not confirmed stay pending. "
        "Start it again (`mm-pipeline up`, or the server that MM_PIPELINE_DATABASE names) and run the same command."
    )
