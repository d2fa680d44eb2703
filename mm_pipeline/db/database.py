"""Opens connections to the one PostgreSQL of a migration. Holds none open, runs no migration by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from mm_pipeline.backend_logger import keep_secret, masked
from mm_pipeline.errors import AbortRun


class Database:
    """A PostgreSQL database by its URL. Raises AbortRun where it is none."""

    def __init__(self, url: str) -> None:
        self.url = url
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
        """Open a connection in autocommit mode: what is written is written. Raises AbortRun where there is no database."""
        try:
            return psycopg.connect(self.url, autocommit=True, application_name="mm_pipeline", connect_timeout=10)
        except psycopg.OperationalError as error:
            raise _away(error) from error

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A connection for a piece of work; a database that goes away meanwhile becomes AbortRun."""
        try:
            with self.connect() as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise _away(error) from error


def _away(error: psycopg.OperationalError) -> AbortRun:
    cause = masked(str(error)).strip().splitlines()[-1:] or ["no answer"]
    return AbortRun(
        f"PostgreSQL is not to be reached ({cause[0].strip()}). Nothing is lost: rows that were not confirmed stay pending. "
        "Start it again (`mm-pipeline up`, or the server that MM_PIPELINE_DATABASE names) and run the same command."
    )
