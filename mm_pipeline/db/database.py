"""Opens connections to the one PostgreSQL of a migration, and keeps those that are not in use. Runs no migration by itself."""

import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec
import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads

from mm_pipeline.backend_logger import keep_secret, masked
from mm_pipeline.errors import AbortRun

_decode = msgspec.json.Decoder().decode


class Database:
    """A PostgreSQL database by its URL. Raises AbortRun where it is none. Safe for threads: a session has its own connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle: list[psycopg.Connection] = []
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
                application_name="mm_pipeline",
                connect_timeout=10,
                prepare_threshold=None,  # plans for the values at hand: one for all values may scan whole tables
            )
        except psycopg.OperationalError as error:
            raise _away(error) from error
        set_json_loads(_decode, connection)  # three times as quick as the standard library's
        return connection

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A connection for a piece of work; a database that goes away meanwhile becomes AbortRun.

        The next piece of work gets it afterwards, because signing in costs 5 ms: leave no setting and no lock on it.
        """
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

    def _left(self) -> psycopg.Connection | None:
        """Return a connection that an earlier piece of work left, if one is still good."""
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if _is_good(connection):
                    return connection
                connection.close()
        return None


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
