"""Stops a pipeline in a phase: it waits there for a request, an answer or a write that is held back. Ends nothing."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from random import Random
from typing import Any, NamedTuple, Protocol

import psycopg

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.importer import PLUGIN_ID
from mm_pipeline_tests.chaos.watched import STEPS, Watched
from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Request, Rule

_HELD_S = 240.0


class Phase(StrEnum):
    """Where a migration may be struck."""

    STAGING = "staging"
    UPLOAD = "upload"
    RUNNING = "job running"
    DONE = "job done but unmarked"
    READ_BACK = "read-back"
    FLUSH = "status flush"


class Moment(NamedTuple):
    """A request within a phase: when it is held, and which of those that come is meant."""

    name: str
    method: str
    path: str  #: a pattern of all of it
    says: bytes = b""  #: held once an answer has this in it; empty: before the server hears of it
    passed: float = 0.0  #: this share of the body goes to the server all the same
    up_to: int = 1  #: one of the first so many, drawn


class Stop(Protocol):
    """Something that a pipeline comes to stand at."""

    def reached(self) -> str:
        """Return what it stands at, "" while it does not."""
        ...

    def leave(self) -> None:
        """Let it go on."""
        ...


class Gate:
    """A rule of the proxy that holds back one moment, if it is told to; all else meets the rule behind."""

    def __init__(self, behind: Rule) -> None:
        self._behind = behind
        self._lock = threading.Lock()
        self._moment: Moment | None = None
        self._left = 0
        self._open = threading.Event()
        self._stands_at = ""

    def arm(self, moment: Moment, draw: Random) -> None:
        """Hold the moment when it next comes."""
        with self._lock:
            self._moment, self._left = moment, draw.randint(1, moment.up_to)
            self._open, self._stands_at = threading.Event(), ""

    def reached(self) -> str:
        return self._stands_at

    def leave(self) -> None:
        with self._lock:
            self._moment = None
            self._open.set()

    def __call__(self, request: Request, ask: Callable[[], Answer]) -> Answer | Cut:
        moment = self._moment
        if moment is None or request.method != moment.method or not re.fullmatch(moment.path, request.path):
            return self._behind(request, ask)
        if not moment.says:
            held = self._hold(moment)
            return Cut(moment.passed) if held and moment.passed else self._behind(request, ask)
        answer = self._behind(request, ask)
        if isinstance(answer, Answer) and answer.status < 300 and moment.says in answer.body:
            self._hold(moment)
        return answer

    def _hold(self, moment: Moment) -> bool:
        with self._lock:
            if self._moment is not moment:
                return False
            self._left -= 1
            if self._left:
                return False
            self._moment, self._stands_at, gate = None, moment.name, self._open
        gate.wait(_HELD_S)
        return True


_ID = "[a-z0-9]{26}"
_UPLOADS = ("POST", f"/api/v4/uploads/{_ID}")
_JOB = ("GET", f"/api/v4/jobs/{_ID}")
_POSTS = ("GET", f"/api/v4/channels/{_ID}/posts[?]per_page=.*")  # those that look for notices begin with their number
_OF_JOBS: dict[Phase, tuple[Moment, ...]] = {
    Phase.UPLOAD: (
        Moment("before a part of the archive", *_UPLOADS, up_to=2),
        Moment("half of a part is there", *_UPLOADS, passed=0.5, up_to=2),
        Moment("all of a part is there, its answer is not", *_UPLOADS, passed=1.0, up_to=2),
        Moment("the job is asked for, its id is not known", "POST", "/api/v4/jobs", says=b'"id"'),
    ),
    Phase.DONE: (Moment("its success is not heard", *_JOB, says=b'"status":"success"'),),
    Phase.READ_BACK: (
        Moment("before a page", *_POSTS, up_to=6),
        Moment("a page is not heard", *_POSTS, says=b'"order"', up_to=6),
    ),
}
_BATCH = ("POST", f"/plugins/{PLUGIN_ID}/api/v1/threads")
_FILE = ("POST", f"/plugins/{PLUGIN_ID}/api/v1/files/{_ID}[?]offset=[0-9]+")
_OF_THE_PLUGIN = _OF_JOBS | {
    Phase.UPLOAD: (
        Moment("before a batch", *_BATCH, up_to=3),
        Moment("half of a batch is there", *_BATCH, passed=0.5, up_to=3),
        Moment("all of a batch is there, its answer is not", *_BATCH, passed=1.0, up_to=3),
        Moment("before a file", *_FILE, up_to=20),
        Moment("half of a file is there", *_FILE, passed=0.5, up_to=20),
    ),
    Phase.DONE: (
        Moment("a batch is written, and nobody hears of it", *_BATCH, says=b'"threads"', up_to=3),
        Moment("a file is there, and nobody hears of it", *_FILE, says=b'"is_done":true', up_to=20),
    ),
}
#: Per transport, where requests are held.
MOMENTS = {"stock": _OF_JOBS, "plugin": _OF_THE_PLUGIN}


#: Statements that wait for a lock: any one of an import job that runs; the one that writes statuses; any one of staging.
_WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
_JOB_WAITS = f"{_WAITS} AND EXISTS (SELECT 1 FROM jobs WHERE type = 'import_process' AND status = 'in_progress')"
_PLUGIN_WAITS = f"{_WAITS} AND query ~ 'mm_pipeline_together'"
_FLUSH_WAITS = f"{_WAITS} AND query ~ 'SET status = u.status'"
_END_THOSE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
_COPIES = """SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
             AND query ~ 'COPY (entities|incoming)'"""


class LockedTable:
    """A stop at a write: the table is locked against writing, and a statement waits for it.

    Where it is `lost`, the statement is ended before the lock is; else it is done though nobody hears of it.
    """

    def __init__(self, name: str, url: Callable[[], str], table: str, waits: str, *, lost: bool = False) -> None:
        self._name, self._url, self._table, self._waits, self._lost = name, url, table, waits, lost
        self._connection: psycopg.Connection[Any] | None = None

    def reached(self) -> str:
        try:
            if self._connection is None:
                self._connection = self._locked()
            self._connection.execute("SELECT pg_stat_clear_snapshot()")  # else it sees what was when the lock was taken
            return self._name if self._connection.execute(self._waits.encode()).fetchone() else ""
        except (psycopg.Error, OSError, AbortRun):
            self._connection = self._connection if self._connection and not self._connection.closed else None
            return ""

    def leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                if self._lost:
                    connection.execute("SELECT pg_stat_clear_snapshot()")
                    connection.execute(_END_THOSE.encode())
                connection.close()

    def _locked(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(self._url(), connect_timeout=2)
        try:
            connection.execute("SET lock_timeout = '200ms'")
            connection.execute(f"LOCK TABLE {self._table} IN SHARE MODE".encode())
        except psycopg.Error:
            connection.close()
            raise
        return connection


class Copying:
    """A stop in name alone: rows are on their way into the table, and so many times it was seen."""

    def __init__(self, watched: Watched, times: int) -> None:
        self._watched, self._left = watched, times

    def reached(self) -> str:
        if not self._watched.value(_COPIES):
            return ""
        self._left -= 1
        return "" if self._left > 0 else "rows are being copied"

    def leave(self) -> None:
        """It stands at nothing."""


class While:
    """Another stop, but only while something holds: a lock must not keep others waiting who come to the same table."""

    def __init__(self, holds: Callable[[], bool], stop: Stop) -> None:
        self._holds, self._stop = holds, stop

    def reached(self) -> str:
        if self._holds():
            return self._stop.reached()
        self._stop.leave()
        return ""

    def leave(self) -> None:
        self._stop.leave()


def _staging(watched: Watched, draw: Random) -> Stop:
    if draw.random() < 0.5:
        return Copying(watched, draw.randint(1, 3))
    return LockedTable("all is copied, none of it committed", lambda: watched.database_url, "staged_exports", _WAITS)


def _flush(watched: Watched, draw: Random) -> Stop:
    lost = draw.random() < 0.5
    name = f"statuses wait to be written, and are {'lost' if lost else 'written unheard'}"
    stop = LockedTable(name, lambda: watched.database_url, "entities", _FLUSH_WAITS, lost=lost)
    return While(lambda: STEPS.index(watched.step() or STEPS[0]) > STEPS.index("plan"), stop)


def _running(watched: Watched, draw: Random) -> Stop:
    url = watched.server.running.database_url
    if watched.transport == "plugin":
        table = draw.choice(("posts", "mm_pipeline_posts", "reactions", "threads", "threadmemberships"))
        stop = LockedTable(f"the plugin writes {table}", lambda: url, table, _PLUGIN_WAITS)
        return While(lambda: watched.step() == "message", stop)
    table = draw.choice(("posts", "reactions"))  # nothing of some posts is there, or they without what hangs on them
    stop = LockedTable(f"the server writes its {table}", lambda: url, table, _JOB_WAITS)
    return While(lambda: watched.job() in ("pending", "in_progress"), stop)


_STOPS: dict[Phase, Callable[[Watched, Random], Stop]] = {
    Phase.STAGING: _staging,
    Phase.RUNNING: _running,
    Phase.FLUSH: _flush,
}


@contextmanager
def stop_in(phase: Phase, watched: Watched, gate: Gate, draw: Random) -> Iterator[Stop]:
    """Prepare a stop somewhere in the phase, as it is drawn; the pipeline goes on when it is left."""
    stop: Stop
    moments = MOMENTS[watched.transport]
    if phase in moments:
        gate.arm(draw.choice(moments[phase]), draw)
        stop = gate
    else:
        stop = _STOPS[phase](watched, draw)
    try:
        yield stop
    finally:
        stop.leave()
