"""What a transport must remember over a crash: jobs, settings to put back, finishing touches still owed. Stores nothing by itself."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from mm_pipeline.model import JobRecord


class Journal(Protocol):
    """What a transport must remember over a crash: jobs, settings to put back, finishing touches still owed."""

    def server_lock(self) -> AbstractContextManager[None]:
        """Hold the one lock that covers the server: jobs and changed settings are one run's business at a time."""

    def require_going(self) -> None:
        """Raise Paused where people want the work to rest: asked before a job is sent."""

    def job_uploaded(self, import_file: str, lines: int, size: int) -> int:
        """Remember an archive that the server holds, before its job is asked for. Returns the record's id."""

    def job_sent(self, record: int, job_id: str) -> None:
        """Remember the job's id."""

    def job_began(self, record: int) -> None:
        """Remember that the server works on it now."""

    def job_ended(self, record: int, status: str, error: str = "") -> None:
        """Remember how it ended: success, error or lost."""

    def open_jobs(self) -> list[JobRecord]:
        """Return the jobs whose end nobody saw."""

    def last_job(self) -> str | None:
        """Return the id of the newest job that went well, None where there is none."""

    def setting_changed(self, name: str, old_value: Any) -> None:
        """Remember a setting (Section.Key) before it is changed; an older remembered value wins."""

    def settings_to_put_back(self) -> dict[str, Any]:
        """Return Section.Key -> value for everything that is still changed."""

    def setting_put_back(self, name: str) -> None:
        """Forget a setting that has its old value again."""

    def fell_silent(self, what: str, since_s: float, left_s: float) -> None:
        """Remember that the server does not answer, for so long already, and for how long it is tried again."""

    def answers_again(self) -> None:
        """Forget that it did not."""

    def owe(self, task: str, object_ids: Iterable[str]) -> None:
        """Remember finishing touches (task: mark_read, remove_post) before what makes them necessary is done."""

    def owed(self, task: str) -> list[str]:
        """Return the object ids for which the task is still to be done."""

    def paid(self, task: str, object_ids: Iterable[str]) -> None:
        """Forget finishing touches that are done."""
