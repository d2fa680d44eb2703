"""Connections that no piece of work uses, kept for the next one. Opens none."""

import select
import threading
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakValueDictionary

import psycopg
from psycopg.pq import TransactionStatus


class IdleConnections:
    """The idle connections to one database, closed with whoever shares them last. Safe for threads."""

    def __init__(self) -> None:
        self._idle: list[psycopg.Connection] = []

    def __del__(self) -> None:
        for connection in self._idle:
            connection.close()

    def taken(self, otherwise: Callable[[], psycopg.Connection]) -> psycopg.Connection:
        """Return a connection that an earlier piece of work left, if one is still good, or the other one."""
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if _is_good(connection):
                    return connection
                connection.close()
        return otherwise()

    def leave(self, connection: psycopg.Connection) -> None:
        """Keep a connection for the next piece of work."""
        self._idle.append(connection)


_shared: WeakValueDictionary[str, IdleConnections] = WeakValueDictionary()
_looking = threading.Lock()


def idle_connections(url: str) -> IdleConnections:
    """Return those that this process has to a database: one set for all steps of a run.

    With a set for each step a run of 4 workers had 58 connections at its end; PostgreSQL has 100 unless it was told otherwise.
    """
    with _looking:
        found = _shared.get(url)
        if found is None:
            found = _shared[url] = IdleConnections()
        return found


def _is_good(connection: psycopg.Connection) -> bool:
    """Whether it is at rest. A server that ends one says so on the socket; one at rest has nothing to say."""
    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    readable, _, _ = select.select([connection.fileno()], [], [], 0)
    return not readable
