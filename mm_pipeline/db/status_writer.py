"""Writes statuses, and is the only thing that does: UPDATE in batches on a thread of its own, so that no export waits."""

import queue
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType

import msgspec

from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.db.database import Database
from mm_pipeline.db.queries import QUERIES
from mm_pipeline.errors import DELETED_BY_RETENTION, AbortRun, SkipReason
from mm_pipeline.model import EntityType, Origin, Status

#: Rows per UPDATE (facts/libraries: 42,900 rows/s with 1000 a batch, 4,000 one by one).
_BATCH = 1000
#: Rows that may wait; a database slower than the export slows the export instead of filling the memory.
_WAITING = 20 * _BATCH
_BETWEEN_LOOKS_S = 0.01
#: Skipped for these, a row may find what it lacked: its parent, SLACK_TOKEN, a server that takes larger files.
_MENDABLE = (SkipReason.PARENT, SkipReason.NO_BYTES, SkipReason.NO_PICTURE, SkipReason.TOO_LARGE)
#: How the reason of a row begins that a setting leaves out. What the plan's table leaves out has another, and stays out.
CHOSEN = f"{SkipReason.LEFT_OUT.value}: MM_"


class StatusChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written on one row. None leaves the column as it is, except error_message, which it clears."""

    id: int
    status: Status
    error: str | None = None
    mattermost_id: str | None = None
    origin: Origin | None = None
    target_name: str | None = None
    content_sha256: str | None = None


class StatusWriter:
    """Use as a context manager: leaving it flushes, also after an error, and raises what went wrong in writing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Without a bound of its own: Queue's is kept in Python, 8 us a row.
        self._queue: queue.SimpleQueue[StatusChange | threading.Event | None] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="status-writer", daemon=True)
        self.written: Counter[tuple[EntityType, Status]] = Counter()  #: rows, of whatever type the step is

    def __enter__(self) -> "StatusWriter":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if error is None:
            self._raise_failure()

    def put(self, change: StatusChange) -> None:
        """Hand over a change; returns at once, unless too many wait. Raises AbortRun if an earlier one could not be written."""
        self._raise_failure()
        while self._queue.qsize() >= _WAITING:
            time.sleep(_BETWEEN_LOOKS_S)
        self._queue.put(msgspec.structs.replace(change, error=masked(change.error)) if change.error else change)

    def flush(self) -> None:
        """Wait until everything handed over so far is written. Raises AbortRun if it could not be."""
        written = threading.Event()
        self._queue.put(written)
        written.wait()
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        over = False
        while not over:
            items = [self._queue.get()]
            while len(items) < _BATCH and not self._queue.empty():
                items.append(self._queue.get())
            over = None in items
            changes = [item for item in items if isinstance(item, StatusChange)]
            if changes and self._failure is None:
                try:
                    self._write(changes)
                except AbortRun as failure:
                    self._failure = failure
                except Exception as failure:  # a bug must not hang the export in flush()
                    backend_logger.exception("statuses could not be written")
                    self._failure = AbortRun(f"Statuses could not be written: {masked(str(failure))}")
            for item in items:
                if isinstance(item, threading.Event):
                    item.set()

    def _write(self, changes: list[StatusChange]) -> None:
        # Of several changes to one row in a batch only the last counts: UPDATE ... FROM takes any one of them.
        last = list({change.id: change for change in changes}.values())
        # One text of JSON: a list of each column took eight times as long to write down (0.8 s of 100,000 rows).
        parameters = {"changes": msgspec.json.encode(last).decode()}
        with self._database.session() as connection:
            written = connection.execute(QUERIES["set_statuses"], parameters).fetchall()
        for entity_type, status, count in written:
            self.written[EntityType(entity_type), Status(status)] += count


def retry(database: Database, workspace: str, max_attempts: int | None = None) -> int:
    """Set failed rows, and those skipped for what may have changed since, to pending. Returns how many.

    max_attempts: for retrying by itself. Rows tried so often are left, and so is what only a person can mend.
    """
    reasons = [reason.value for reason in (_MENDABLE if max_attempts is None else (SkipReason.PARENT,))]
    left_alone = DELETED_BY_RETENTION if max_attempts is not None else None
    parameters = {"workspace": workspace, "max_attempts": max_attempts, "reasons": reasons, "left_alone": left_alone}
    with database.session() as connection:
        return connection.execute(QUERIES["retry"], parameters).rowcount


def take_back(database: Database, workspace: str, ids: Sequence[int], hidden: Sequence[str] = ()) -> int:
    """Set rows whose things were taken back from the server to pending, without a trace of it. Returns how many.

    hidden: ids of posts that lie deleted on the server, where nothing is put in their place again.
    """
    parameters = {"workspace": workspace, "ids": list(ids), "hidden": list(hidden), "reasons": list(_MENDABLE)}
    with database.session() as connection:
        return connection.execute(QUERIES["take_back"], parameters).rowcount


def leave_out(
    database: Database, workspace: str, entity_type: EntityType, reasons: Mapping[str, str]
) -> list[tuple[str, Status]]:
    """Set rows of a type skipped for the setting that leaves them out (Slack id -> setting), others that were so pending.

    What is on the server stays. Returns the rows that were changed, and their status now.
    """
    parameters = {
        "workspace": workspace,
        "entity_type": entity_type.value,
        "chosen": CHOSEN,
        "slack_ids": list(reasons),
        "reasons": [_chosen(reason) for reason in reasons.values()],
    }
    with database.session() as connection:
        found = connection.execute(QUERIES["leave_out"], parameters).fetchall()
    return [(slack_id, Status(status)) for slack_id, status in found]


def leave_out_messages(
    database: Database,
    workspace: str,
    *,
    channels: Mapping[str, str],
    since: int | None,
    since_reason: str,
    until: int | None,
    until_reason: str,
    messages: str | None,
    files: str | None,
    reactions: str | None,
) -> tuple[int, list[str]]:
    """Do the same to messages, by their conversation (Slack id -> setting) and time (ms), and to what hangs on them.

    since: the first ms that goes, until: the first that goes no more, each with the setting that says so; of a thread that
    went on after `since` its beginning goes, too. messages, files, reactions: the setting that leaves out all of them.
    Returns how many rows were changed, and the Slack ids of the messages whose files are pending again.
    """
    parameters = {
        "workspace": workspace,
        "chosen": CHOSEN,
        "channels": list(channels),
        "reasons": [_chosen(reason) for reason in channels.values()],
        "since": since,
        "since_reason": _chosen(since_reason),
        "until": until,
        "until_reason": _chosen(until_reason),
        "messages": messages and _chosen(messages),
        "files": files and _chosen(files),
        "reactions": reactions and _chosen(reactions),
    }
    with database.session() as connection, connection.transaction():
        changed = connection.execute(QUERIES["leave_out_messages"], parameters).rowcount
        hanging = connection.execute(QUERIES["leave_out_hanging"], parameters).fetchall()
    again = {parent for kind, status, parent in hanging if (kind, status) == (EntityType.ATTACHMENT, Status.PENDING)}
    return changed + len(hanging), sorted(again)


def take_in_again(database: Database, workspace: str) -> None:
    """Set rows that were chosen to be left out, by a setting or in the plan's table, to pending: what still is, is left out anew."""
    with database.session() as connection:
        connection.execute(QUERIES["take_in_again"], {"workspace": workspace, "left_out": SkipReason.LEFT_OUT.value})


def _chosen(setting: str) -> str:
    return f"{SkipReason.LEFT_OUT.value}: {setting}"
