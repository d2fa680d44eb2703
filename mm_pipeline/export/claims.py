"""Who is at work on which rows: a step claims its share, and waits for other runs. Exports nothing.

Claims are locks in PostgreSQL: they end with the connection, so a run that was killed holds nothing any more.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.advisory_lock import advisory_lock, holders, partition_of, run_on, work_on
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.pauses import Going
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted

#: Between two steps a run holds no share of the work: so long after one was seen, it may still be at work, or another be beginning. A run
#: per partition that the UI launches needs 10-20 s until its first step on a busy machine (five were seen to be too few).
_BETWEEN_STEPS_S = 30.0
#: The same within a step, where all that share the work are there already.
_PATIENCE_S = 5.0
_LOOK_S = 0.5


@contextmanager
def claimed(entity_type: EntityType, store: EntityStore, share: Partitions) -> Iterator[None]:
    """Hold a share of the work, so that no other run exports the same rows; wait for one that does."""
    database, workspace = store.database, store.workspace
    with ExitStack() as held:
        connection = held.enter_context(database.session())
        held.enter_context(_sharing(connection, store, share.workers))
        for key in sorted(share.keys):
            held.enter_context(advisory_lock(connection, partition_of(entity_type, workspace, key, share.workers)))
        held.enter_context(database.resting_on(connection))
        yield


@contextmanager
def _sharing(connection: psycopg.Connection, store: EntityStore, workers: int) -> Iterator[None]:
    """Share in the work with the runs that deal it to as many workers; wait for the end of a step of those that do not."""
    work = work_on(store.workspace)
    while True:
        with advisory_lock(connection, work, shared=True):
            if store.export_workers() == workers:
                yield
                return
        with advisory_lock(connection, work):
            store.set_export_workers(workers)


def is_at_work(store: EntityStore) -> bool:
    """Whether some run, whoever started it, holds a share of the work."""
    return bool(_at_work(store, [work_on(store.workspace)]))


def has_run(store: EntityStore) -> bool:
    """Whether a run is at work, be it between two steps, as somebody outside of it sees it."""
    return bool(_at_work(store, [work_on(store.workspace), run_on(store.workspace)]))


def left_by_others(entity_type: EntityType, store: EntityStore, share: Partitions) -> int:
    """Wait while rows of a type are undone and another run is at work. Returns how many are undone then.

    Runs that share the partitions come here one after the other, so one of them looks out for others that begin or are
    between two steps; a run of all partitions does not.
    """
    shares = len(share.keys) < share.workers
    patience_s = _BETWEEN_STEPS_S if shares else _PATIENCE_S
    until = time.monotonic() + (patience_s if shares else 0)
    said = False
    going = Going(store.database, store.workspace)
    while undone := store.undone(entity_type):
        others = _at_work(store, [work_on(store.workspace)])
        if others:
            until = time.monotonic() + patience_s
            if not said:
                said = True
                rows = counted(undone, f"{entity_type.value} row")
                backend_logger.info("waiting until another run has settled %s (%s)", rows, ", ".join(others))
        elif time.monotonic() >= until:
            return undone
        going.require()
        time.sleep(_LOOK_S)
    return 0


def others_send(store: EntityStore, share: Partitions, awaited: set[str]) -> bool:
    """Wait until one of these messages (Slack ids) is settled or on the server. False where no other run is sending them."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        rows = store.rows_by_slack_id(EntityType.MESSAGE, sorted(awaited))
        if any(row.mattermost_id or row.status != Status.PENDING for row in rows):
            return True
        keys = {row.shard % share.workers for row in rows}.difference(share.keys)
        locks = [partition_of(EntityType.MESSAGE, store.workspace, key, share.workers) for key in keys]
        if _at_work(store, locks):
            until = time.monotonic() + _PATIENCE_S
        elif not keys or time.monotonic() >= until:
            return False
        time.sleep(_LOOK_S)


def _at_work(store: EntityStore, locks: list[str]) -> list[str]:
    with store.database.session() as connection:
        return [program for lock in locks for program in holders(connection, lock)]
