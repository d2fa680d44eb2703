"""Locks between runs: one waits for the other, says for whom, and never for one that is dead."""

import logging
import os
import socket
import threading

import psycopg
import pytest

from mm_pipeline.db.advisory_lock import advisory_lock, holders
from mm_pipeline.db.database import Database
from mm_pipeline.db.journal import PostgresJournal
from mm_pipeline.errors import AbortRun

US = f"process {os.getpid()} on {socket.gethostname()}"


def end_holders(url: str) -> None:
    """End the connections that hold locks, as PostgreSQL does when their clients are gone."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE locktype = 'advisory' AND datname = current_database()"
        )


def test_a_lock_keeps_a_second_run_waiting_until_the_first_ends(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    order: list[str] = []
    taken = threading.Event()

    def second() -> None:
        with Database(database).session() as connection:
            taken.wait()
            with advisory_lock(connection, "work"):
                order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with Database(database).session() as connection, advisory_lock(connection, "work"):
        taken.set()
        waiting.join(1.0)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert caplog.messages == [f"work: another run holds it; waiting for its end ({US})"]


@pytest.mark.parametrize(
    "name", ["work", "the work on T0FERN", "user of T0FERN, partition 0 of 4"]
)  # numbers of both signs
def test_who_holds_a_lock_is_known_to_others(database: str, name: str) -> None:
    with Database(database).session() as connection, psycopg.connect(database) as other:
        assert holders(other, name) == []
        with advisory_lock(connection, name):
            assert holders(other, name) == [US]
        assert holders(other, name) == []


def test_a_run_whose_lock_is_lost_says_so_before_it_does_anything_more(database: str) -> None:
    base = Database(database)
    with base.session() as connection, advisory_lock(connection, "work"), base.resting_on(connection):
        with base.session() as fine:
            fine.execute("SELECT 1")
        end_holders(database)
        with pytest.raises(AbortRun, match="another run may have taken it over"), base.session():
            pass
    with base.session() as fine:
        fine.execute("SELECT 1")


def test_a_run_that_lost_the_servers_lock_sends_nothing_more(database: str) -> None:
    journal = PostgresJournal(Database(database), "https://chat.example.org")
    with journal.server_lock():
        end_holders(database)
        with pytest.raises(AbortRun, match="another run may have taken it over"):
            journal.job_uploaded("archive.zip", 1, 1)
    assert journal.open_jobs() == []


def test_what_the_server_says_meanwhile_is_not_its_end(database: str) -> None:
    base = Database(database)
    with base.session() as connection, base.resting_on(connection):
        connection.execute("LISTEN news")
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("NOTIFY news")
        with base.session() as fine:
            assert fine.execute("SELECT 1").fetchone() == (1,)


def test_postgresql_notices_within_a_minute_that_a_machine_has_vanished(database: str) -> None:
    with Database(database).session() as connection:
        told = [
            connection.execute(f"SHOW tcp_keepalives_{what}".encode()).fetchone()
            for what in ("idle", "interval", "count")
        ]
    assert told == [("30",), ("10",), ("3",)]
