"""A Journal in memory, for tests of transports. Outlives a transport as the real one outlives a crash; no SQL."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from mm_pipeline.model import JobRecord


class MemoryJournal:
    """Keeps what PostgresJournal keeps, under the same rules."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.jobs: dict[int, JobRecord] = {}
        self.ended: dict[int, tuple[str, str]] = {}
        self.settings: dict[str, Any] = {}
        self.debts: dict[str, dict[str, None]] = {}
        self.silent: str | None = None

    @contextmanager
    def server_lock(self) -> Iterator[None]:
        with self._lock:
            yield

    def require_going(self) -> None:
        return

    def job_began(self, record: int) -> None:
        return

    def fell_silent(self, what: str, since_s: float, left_s: float) -> None:
        self.silent = what

    def answers_again(self) -> None:
        self.silent = ""

    def job_uploaded(self, import_file: str, lines: int, size: int) -> int:
        with self._lock:
            record = len(self.jobs) + 1
            self.jobs[record] = JobRecord(id=record, import_file=import_file, job_id=None)
        return record

    def job_sent(self, record: int, job_id: str) -> None:
        self.jobs[record] = JobRecord(id=record, import_file=self.jobs[record].import_file, job_id=job_id)

    def job_ended(self, record: int, status: str, error: str = "") -> None:
        self.ended[record] = (status, error)

    def open_jobs(self) -> list[JobRecord]:
        return [job for record, job in self.jobs.items() if record not in self.ended]

    def last_job(self) -> str | None:
        well = [self.jobs[record].job_id for record, (status, _) in self.ended.items() if status == "success"]
        return well[-1] if well else None

    def setting_changed(self, name: str, old_value: Any) -> None:
        self.settings.setdefault(name, old_value)

    def settings_to_put_back(self) -> dict[str, Any]:
        return dict(self.settings)

    def setting_put_back(self, name: str) -> None:
        self.settings.pop(name, None)

    def owe(self, task: str, object_ids: Iterable[str]) -> None:
        self.debts.setdefault(task, {}).update(dict.fromkeys(object_ids))

    def owed(self, task: str) -> list[str]:
        return list(self.debts.get(task, ()))

    def paid(self, task: str, object_ids: Iterable[str]) -> None:
        for object_id in object_ids:
            self.debts.get(task, {}).pop(object_id, None)
