"""What a transport must remember over a crash, kept in PostgreSQL: jobs, changed settings, touches still owed.

Implements mattermost/api.py's Journal. Decides nothing.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from mm_pipeline.db.advisory_lock import advisory_lock
from mm_pipeline.db.database import Database
from mm_pipeline.db.pauses import Going
from mm_pipeline.db.queries import QUERIES
from mm_pipeline.errors import AbortRun
from mm_pipeline.model import JobAtWork, JobRecord, Outage


class PostgresJournal:
    """The journal for one server, by the URL under which it was met first."""

    def __init__(self, database: Database, server: str, workspace: str = "") -> None:
        self._database = database
        self._server = server
        self._going = Going(database, workspace)
        self._mine = threading.RLock()
        self._depth = 0

    @property
    def lock(self) -> str:
        """The name of the one lock that covers the server."""
        return f"server {self._server}"

    @contextmanager
    def server_lock(self) -> Iterator[None]:
        """Hold the one lock that covers the server. A thread that holds it may take it again."""
        with self._mine:
            self._depth += 1
            try:
                if self._depth > 1:
                    yield
                else:
                    with (
                        self._database.session() as connection,
                        advisory_lock(connection, self.lock),
                        self._database.resting_on(connection),
                    ):
                        yield
            finally:
                self._depth -= 1

    def require_going(self) -> None:
        """Raise Paused where people want the work to rest."""
        self._going.require()

    def job_uploaded(self, import_file: str, lines: int, size: int) -> int:
        """Remember an archive that the server holds, before its job is asked for. Returns the record's id."""
        return int(self._do("job_uploaded", import_file=import_file, lines=lines, bytes=size)[0][0])

    def job_sent(self, record: int, job_id: str) -> None:
        """Remember the job's id."""
        self._do("job_sent", id=record, job_id=job_id)

    def job_began(self, record: int) -> None:
        """Remember that the server works on it now."""
        self._do("job_began", id=record)

    def job_ended(self, record: int, status: str, error: str = "") -> None:
        """Remember how it ended."""
        self._do("job_ended", id=record, status=status, error=error)

    def open_jobs(self) -> list[JobRecord]:
        """Return the jobs whose end nobody saw."""
        return [JobRecord(id=i, import_file=f, job_id=j) for i, f, j in self._do("open_jobs")]

    def jobs_at_work(self) -> list[JobAtWork]:
        """Return the jobs whose end nobody saw, as they stand now."""
        return [
            JobAtWork(job_id=job_id, lines=lines, bytes=size, sent_s=sent_s, began_s=began_s)
            for job_id, lines, size, sent_s, began_s in self._do("jobs_at_work")
        ]

    def last_job(self) -> str | None:
        """Return the id of the newest job that went well, None where there is none."""
        found = self._do("last_job")
        return found[0][0] if found else None

    def fell_silent(self, what: str, since_s: float, left_s: float) -> None:
        """Remember that the server does not answer, for so long already, and for how long it is tried again."""
        with suppress(AbortRun):  # the log has it, and the step itself says what is wrong with the database
            self._do("fell_silent", what=what, since_s=since_s, left_s=left_s)

    def answers_again(self) -> None:
        """Forget that it did not."""
        with suppress(AbortRun):
            self._do("answers_again")

    def outage(self) -> Outage | None:
        """Return what is known of a server that does not answer, as long as it is tried; None where it does."""
        found = self._do("outage")
        return Outage(what=found[0][0], since=found[0][1], until=found[0][2]) if found else None

    def setting_changed(self, name: str, old_value: Any) -> None:
        """Remember a setting before it is changed; an older remembered value wins."""
        self._do("setting_changed", name=name, old_value=msgspec.json.encode(old_value).decode())

    def settings_to_put_back(self) -> dict[str, Any]:
        """Return Section.Key -> value for everything that is still changed."""
        return dict(self._do("settings_to_put_back"))

    def setting_put_back(self, name: str) -> None:
        """Forget a setting that has its old value again."""
        self._do("setting_put_back", name=name)

    def owe(self, task: str, object_ids: Iterable[str]) -> None:
        """Remember finishing touches before what makes them necessary is done."""
        if ids := list(object_ids):
            self._do("owe", task=task, ids=ids)

    def owed(self, task: str) -> list[str]:
        """Return the object ids for which the task is still to be done."""
        return [object_id for (object_id,) in self._do("owed", task=task)]

    def paid(self, task: str, object_ids: Iterable[str]) -> None:
        """Forget finishing touches that are done."""
        if ids := list(object_ids):
            self._do("paid", task=task, ids=ids)

    def _do(self, query: str, **parameters: Any) -> list[Any]:
        with self._database.session() as connection:
            cursor = connection.execute(QUERIES[query], {"server_id": self._server, **parameters})
            return cursor.fetchall() if cursor.description else []
