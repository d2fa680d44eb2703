"""Two runs at once: who works on which rows, who waits for whom, and for how long."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.export import claims
from mm_pipeline.export.claims import claimed, left_by_others, others_send
from mm_pipeline.model import EntityType, shard_of
from mm_pipeline_tests.db.test_advisory_lock import end_holders
from mm_pipeline_tests.rows import WORKSPACE, add_row

HALF, OTHER_HALF, WHOLE = (Partitions(workers=2, keys=keys) for keys in ((0,), (1,), (0, 1)))
#: Channels by the half that they are in.
CHANNELS = {shard_of(name) % 2: name for name in ("C1", "C2", "C3", "C4")}


@pytest.fixture
def store(database: str) -> EntityStore:
    """A workspace that has its server."""
    store = EntityStore(Database(database), WORKSPACE)
    store.bind_target("server", "team", "https://chat.example.org")
    return store


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Another run."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(claims, "_BETWEEN_STEPS_S", 0.2)
    monkeypatch.setattr(claims, "_LOOK_S", 0.02)


def claim(store: EntityStore, share: Partitions) -> str:
    with claimed(EntityType.USER, store, share):
        return f"{share.keys} of {store.export_workers()}"


def hold(store: EntityStore, share: Partitions, held: threading.Event, enough: threading.Event) -> None:
    with claimed(EntityType.MESSAGE, store, share):
        held.set()
        assert enough.wait(30)


def change(url: str, assignment: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"UPDATE entities SET {assignment}".encode())


def test_shares_are_held_side_by_side_and_each_by_one_run(store: EntityStore, beside: ThreadPoolExecutor) -> None:
    with claimed(EntityType.USER, store, HALF), claimed(EntityType.USER, store, OTHER_HALF):
        second = beside.submit(claim, store, WHOLE)
        with pytest.raises(TimeoutError):
            second.result(1)
    assert second.result(30) == "(0, 1) of 2"


def test_one_that_deals_the_work_to_others_waits_for_the_end_of_a_step(
    store: EntityStore, beside: ThreadPoolExecutor
) -> None:
    with claimed(EntityType.USER, store, HALF):
        five = beside.submit(claim, store, Partitions.all_of(5))
        with pytest.raises(TimeoutError):
            five.result(1)
        assert store.export_workers() == 2
    assert five.result(30) == "(0, 1, 2, 3, 4) of 5"
    assert claim(store, HALF) == "(0,) of 2"


def test_the_claims_of_a_run_that_is_dead_are_free(store: EntityStore, database: str) -> None:
    with claimed(EntityType.USER, store, WHOLE):
        end_holders(database)
        assert claim(EntityStore(Database(database), WORKSPACE), WHOLE) == "(0, 1) of 2"


def test_rows_that_no_run_is_at_work_on_are_told_at_once(store: EntityStore, database: str) -> None:
    add_row(database, EntityType.USER, "U1")
    assert left_by_others(EntityType.USER, store, WHOLE) == 1
    assert left_by_others(EntityType.USER, store, HALF) == 1
    change(database, "status = 'failed'")
    assert left_by_others(EntityType.USER, store, HALF) == 0


def test_rows_that_another_run_is_at_work_on_are_waited_for(
    store: EntityStore, database: str, beside: ThreadPoolExecutor
) -> None:
    add_row(database, EntityType.USER, "U1")
    with claimed(EntityType.USER, store, OTHER_HALF):
        left = beside.submit(left_by_others, EntityType.USER, store, HALF)
        with pytest.raises(TimeoutError):
            left.result(1)
        change(database, "status = 'success'")
        assert left.result(30) == 0


def test_a_message_that_another_run_sends_is_waited_for_by_one_that_links_to_it(
    store: EntityStore, database: str, beside: ThreadPoolExecutor
) -> None:
    theirs = f"{CHANNELS[1]}:1.0"
    add_row(database, EntityType.MESSAGE, theirs, channel=CHANNELS[1])
    assert not others_send(store, HALF, {theirs})
    held, enough = threading.Event(), threading.Event()
    beside.submit(hold, store, OTHER_HALF, held, enough)
    assert held.wait(30)
    with ThreadPoolExecutor(1) as third:
        arrives = third.submit(others_send, store, HALF, {theirs})
        with pytest.raises(TimeoutError):
            arrives.result(1)
        change(database, "mattermost_id = 'post'")
        assert arrives.result(30)
        enough.set()


def test_a_run_of_all_partitions_waits_for_no_message_of_another(store: EntityStore, database: str) -> None:
    theirs = f"{CHANNELS[1]}:1.0"
    add_row(database, EntityType.MESSAGE, theirs, channel=CHANNELS[1])
    assert not others_send(store, WHOLE, {theirs})
