"""Sessions: what is kept of a connection for the next piece of work, and what is not."""

import threading

import psycopg
import pytest

from mm_pipeline.db.advisory_lock import advisory_lock, holders
from mm_pipeline.db.database import Database
from mm_pipeline.errors import AbortRun


def backend(connection: psycopg.Connection) -> int:
    return connection.info.backend_pid


def used_by_a_session(base: Database) -> int:
    with base.session() as connection:
        return backend(connection)


def test_a_session_takes_the_connection_that_the_last_one_left(database: str) -> None:
    base = Database(database)
    assert used_by_a_session(base) == used_by_a_session(base)


def test_the_next_step_takes_the_connection_that_the_last_one_left(database: str) -> None:
    last, following = Database(database), Database(database)
    assert used_by_a_session(last) == used_by_a_session(following)


def test_connections_end_with_the_last_who_could_use_them(database: str) -> None:
    base, other = Database(database), Database(database)
    with base.session() as connection:
        used = backend(connection)
    del base
    with other.session() as connection:
        assert backend(connection) == used
    del other
    assert connection.closed


def test_sessions_at_the_same_time_have_connections_of_their_own(database: str) -> None:
    base = Database(database)
    meet = threading.Barrier(4)
    seen: list[int] = []

    def work() -> None:
        with base.session() as connection:
            meet.wait(30)
            seen.append(backend(connection))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 4


def test_a_connection_that_the_server_ended_meanwhile_is_not_taken_again(database: str) -> None:
    base = Database(database)
    with base.session() as first:
        used = backend(first)
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (used,))
    with base.session() as second:
        assert backend(second) != used
        assert second.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyboardInterrupt()])
def test_a_session_that_broke_leaves_nothing_behind(database: str, error: BaseException) -> None:
    base = Database(database)

    def work() -> None:
        with base.session() as broken:
            broken.execute("SELECT pg_advisory_lock(7)")
            raise error

    with pytest.raises(type(error)):
        work()
    with psycopg.connect(database) as other:
        assert other.execute("SELECT pg_try_advisory_lock(7)").fetchone() == (True,)


def test_a_database_that_goes_away_in_a_session_stops_the_run(database: str) -> None:
    with pytest.raises(AbortRun, match="Nothing is lost"), Database(database).session() as connection:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_numbers_and_texts_of_jsonb_come_back_exactly(database: str) -> None:
    said = {"big": 123456789012345678901234567890, "ts": "1517436010.000936", "text": "\u00e4\U0001f600"}
    with Database(database).session() as connection:
        assert connection.execute("SELECT %s::jsonb", (psycopg.types.json.Json(said),)).fetchone() == (said,)


def test_a_lock_that_somebody_holds_is_seen_and_not_taken(database: str) -> None:
    with Database(database).session() as one, Database(database).session() as other:
        for number in range(10):  # some of their numbers are negative
            name = f"workers of T{number}"
            assert not holders(other, name)
            with advisory_lock(one, name, shared=bool(number % 2)):
                assert holders(other, name)
                assert not holders(other, "workers of somebody else")
            assert not holders(other, name)


def test_a_session_waits_for_a_connection_where_all_are_in_use(
    database: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = database.rpartition("/")[2]
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("CREATE ROLE guest LOGIN PASSWORD 'guest' CONNECTION LIMIT 1")
        guest = psycopg.conninfo.make_conninfo(database, user="guest", password="guest")
        try:
            with psycopg.connect(guest) as only:
                with monkeypatch.context() as impatient:
                    impatient.setattr("mm_pipeline.db.database._FOR_A_FREE_ONE_S", 1)
                    with pytest.raises(AbortRun, match="max_connections"):
                        Database(guest).connect()
                caplog.clear()
                threading.Timer(1, only.close).start()
                with Database(guest).session() as connection:
                    assert connection.execute("SELECT current_database()").fetchone() == (name,)
            assert [record.getMessage() for record in caplog.records] == [
                "All of PostgreSQL's connections are in use; waiting for one."
            ]
        finally:
            other.execute("DROP ROLE guest")
