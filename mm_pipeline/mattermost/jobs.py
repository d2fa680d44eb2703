"""Import jobs: have the server read an archive, wait for the end, find it again after a crash.

Knows nothing of what stands in an archive, and believes nothing: what arrived is read back elsewhere.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.archive_writer import ArchiveWriter
from mm_pipeline.mattermost.broken_line import PART_BYTES
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.uploads import FILE_NAME, Uploads
from mm_pipeline.model import JobRecord

#: Of a job that is watched while it waits, so that a run which finds it knows that nobody watches it any more.
_WATCHED_FILE_NAME = "mm_pipeline_watched.zip"
_ENDED = frozenset({"success", "warning", "error", "canceled"})
#: One that is cancelled while it runs goes on to its end all the same (facts: contract 7.1).
_AT_WORK = frozenset({"in_progress", "cancel_requested"})
#: The server's word for a job's state, in ours.
_TOLD = {
    "pending": "waits",
    "in_progress": "the server has begun it",
    "success": "ended well",
    "warning": "ended well",
} | {
    "error": "failed",
    "canceled": "was cancelled",
}
#: Seconds without an end after which a running job is suspected dead (its server was started anew), and per line on top.
_SUSPECT_S, _SUSPECT_S_PER_LINE = 120.0, 0.02
_SUSPECT_AFTER_CRASH_S = 15.0
#: The server looks for pending jobs every 15 s: a probe that has not begun by then waits behind a living job.
_PROBE_S = 40.0
#: A job waits up to 15 s for its turn, or for another import: when to say what it waits for, and when nobody will begin it.
_TELL_EVERY_S, _NEVER_BEGUN_S = 120.0, 600.0
_SETTLE_S, _SETTLE_CHANNELS, _SETTLE_ROUNDS = 2.0, 20, 60
_MARK_READ = "mark_read"


def _always() -> bool:
    return True


class _Watch(NamedTuple):
    """Who looks at a job while it is waited for."""

    still_wanted: Callable[[], bool] = _always  #: asked until it begins
    on_begin: Callable[[], None] = lambda: None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a job ended. After an error `line` is the culprit's number, 0 where the server does not know it."""

    ok: bool
    line: int = 0
    error: str = ""
    lost: bool = False  #: nobody will ever see its end: send what did not arrive again
    withdrawn: bool = False  #: it was not wanted any more before it began: nothing of it was read
    began_at: int = 0  #: ms on the server's clock; 0 = never

    def refusal(self) -> str:
        """Return, for people, why the culprit's row fails. The server gives its own troubles the form of a refusal, too."""
        return f"The import job refused it: {self.error}. Trying again helps only where that is about the server, not about the row."


class Left(Exception):
    """Nobody waits for a job any more. The journal has it, so the next run finds it again."""


class ImportJobs:
    """The import jobs of one server. One at a time: each holds the journal's lock from upload to end."""

    def __init__(self, http: Http, journal: Journal, work_folder: Path, *, poll_s: float = 0.5) -> None:
        self._http = http
        self._uploads = Uploads(http)
        self._journal = journal
        self._work_folder = work_folder
        self._poll_s = poll_s
        self._left = threading.Event()

    def run(
        self,
        archive: Path,
        lines: int,
        *,
        channel_lines: bool = False,
        still_wanted: Callable[[], bool] | None = None,
        on_begin: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Send an archive and wait until the server is through with it. Raises AbortRun where it cannot go on, Left where the run ends.

        Before anything of it is sent: Paused where people want the work to rest.

        `channel_lines` says that it holds some: the server would write cached counters of channels back with them.
        `still_wanted` is asked as long as the job waits for its turn; once it says no, the job is withdrawn. So is one that
        waits when a later run finds it. `on_begin` is called when the server begins it.
        """
        with self._journal.server_lock():
            if self._left.is_set():
                raise Left
            self._journal.require_going()
            import_file = self._uploads.send(archive, _WATCHED_FILE_NAME if still_wanted else FILE_NAME)
            record = self._journal.job_uploaded(import_file, lines, archive.stat().st_size)
            if channel_lines:
                self._http.post("/caches/invalidate", idempotent=True)
            job_id = self._begin(import_file)
            self._journal.job_sent(record, job_id)
            suspect_s = _SUSPECT_S + lines * _SUSPECT_S_PER_LINE
            watch = _Watch(still_wanted or _always, on_begin)
            return self._end(record, import_file, job_id, suspect_s, watch)

    def resume(self) -> bool:
        """Wait for the jobs whose end nobody saw. Returns whether there were any: then the server has rows unknown to us."""
        if not self._journal.open_jobs():
            return False
        with self._journal.server_lock():  # whoever holds it waits for his own job: look again
            records = self._journal.open_jobs()
            for record in records:
                self._resume(record)
        if records:
            self.settle(self._journal.owed(_MARK_READ))
        return bool(records)

    def last_watched(self) -> int:
        """Return until when the server was at the newest job that was watched (ms on its clock), 0 where it began none."""
        jobs = self._http.get("/jobs/type/import_process", {"page": 0, "per_page": 100})
        begun = (job for job in jobs if job["start_at"] and _file_of(job).endswith(_WATCHED_FILE_NAME))
        return max((int(job["last_activity_at"]) for job in begun), default=0)

    @contextmanager
    def left(self) -> Iterator[None]:
        """Inside, another thread that waits for the end of a job does so no more: it gets Left."""
        self._left.set()
        try:
            yield
        finally:
            self._left.clear()

    def settle(self, channel_ids: Sequence[str]) -> None:
        """Wait until the channels grow no more: after an error the server's workers still write what they hold."""
        before: list[int] | None = None
        for _ in range(_SETTLE_ROUNDS):
            time.sleep(_SETTLE_S)
            now = self._totals(channel_ids)
            if now == before:
                return
            before = now

    # --- how

    def _begin(self, import_file: str) -> str:
        wish = {"type": "import_process", "data": {"import_file": import_file}}
        return str(self._http.post("/jobs", wish)["id"])

    def _end(self, record: int, import_file: str, job_id: str, suspect_s: float, watch: _Watch) -> Outcome:
        job, withdrawn = self._wait(record, job_id, suspect_s, watch)
        outcome = _outcome(job)
        status = "lost" if outcome.lost else str(job["status"])
        self._journal.job_ended(record, status, outcome.error)
        if not outcome.ok:
            self._uploads.remove(import_file)
        if status == "canceled" and withdrawn:
            return Outcome(ok=False, withdrawn=True)
        if status == "canceled":
            raise AbortRun("Somebody cancelled the import job on the server. Run the same command again to go on.")
        return outcome

    def _wait(self, record: int, job_id: str, suspect_s: float, watch: _Watch) -> tuple[dict[str, Any], bool]:
        """Return the job as it ended, and whether it was withdrawn here; one that the server forgot is as it was.

        Raises AbortRun where nobody begins it.
        """
        began = time.monotonic()
        status, withdrawn = "", False
        tell_at_s, next_s = _TELL_EVERY_S, 0.0  #: when to tell next, and for how long it has been the next one
        while True:
            job: dict[str, Any] = self._http.get(f"/jobs/{job_id}")
            elapsed = time.monotonic() - began
            if job["status"] != status:
                status = job["status"]
                log = backend_logger.debug if status == "pending" else backend_logger.info
                log("import job %s: %s after %.0f s", job_id, _TOLD.get(status, status), elapsed)
                if status == "in_progress":
                    self._journal.job_began(record)
                    watch.on_begin()
                    suspect_s += elapsed  # what it waited for its turn makes nobody suspect it
            if status in _ENDED:
                return job, withdrawn
            if status == "pending" and not withdrawn and not watch.still_wanted():
                withdrawn = True
                self._withdraw(job_id)
                continue
            if status in _AT_WORK and elapsed > suspect_s:
                if self._is_dead(job_id):
                    return job, withdrawn
                suspect_s = 2 * (time.monotonic() - began)
            if status == "pending" and elapsed > tell_at_s:
                tell_at_s = elapsed + _TELL_EVERY_S
                next_s = next_s + _TELL_EVERY_S if self._is_next(job_id, elapsed) else 0.0
                if next_s >= _NEVER_BEGUN_S:
                    raise AbortRun(
                        f"The server has not begun import job {job_id} for {elapsed / 60:.0f} minutes, and no other is "
                        "before it: no node of it runs jobs. Switch JobSettings.RunJobs on, restart it, then run the same "
                        "command again: the job is found."
                    )
            if self._left.wait(self._poll_s):
                raise Left

    def _is_next(self, job_id: str, waited_s: float) -> bool:
        """Whether no other import is before a pending job; says what it waits for."""
        jobs = self._http.get("/jobs/type/import_process", {"page": 0, "per_page": 100})
        before = [job["id"] for job in jobs if job["status"] == "in_progress" and job["id"] != job_id]
        what = (
            f"import job {before[0]} is before it"
            if before
            else "no other is before it: look whether a node of the server runs jobs (JobSettings.RunJobs)"
        )
        backend_logger.warning("import job %s has waited for %.0f s: %s", job_id, waited_s, what)
        return not before

    def _is_dead(self, job_id: str) -> bool:
        """Whether a job that says it is running does not: a server that was started anew never ends its old jobs.

        A node works on one import at a time, so it is dead if an empty one gets its turn meanwhile, and nothing grows.
        """
        backend_logger.info("import job %s takes long: asking the server whether it is still at it", job_id)
        with tempfile.TemporaryDirectory(dir=self._work_folder) as folder:
            writer = ArchiveWriter(Path(folder) / FILE_NAME, PART_BYTES)
            writer.close()
            import_file = self._uploads.send(writer.path)
            writer.release()
        probe = self._begin(import_file)
        waiting_until = time.monotonic() + _PROBE_S
        status = "pending"
        while status == "pending" and time.monotonic() < waiting_until:
            time.sleep(2 * self._poll_s)
            status = self._http.get(f"/jobs/{probe}")["status"]
        if status == "pending":
            self._cancel(probe, import_file)
            return False
        if self._http.get(f"/jobs/{job_id}")["status"] in _ENDED:
            return False  # it ended, and let the probe in
        self.settle(self._journal.owed(_MARK_READ))
        return bool(self._http.get(f"/jobs/{job_id}")["status"] not in _ENDED)

    def _cancel(self, job_id: str, import_file: str) -> None:
        try:
            self._http.post(f"/jobs/{job_id}/cancel", idempotent=True)
        except ApiError:
            return  # it has its turn after all, and is empty
        self._uploads.remove(import_file)

    def _withdraw(self, job_id: str) -> None:
        """Cancel a job that waits. One that the server has begun meanwhile runs to its end."""
        try:
            self._http.post(f"/jobs/{job_id}/cancel", idempotent=True)
        except ApiError as refused:
            backend_logger.debug("import job %s goes on: %s", job_id, refused)

    def _resume(self, record: JobRecord) -> None:
        job_id = record.job_id or next(self._jobs_of(record.import_file), None)
        job = self._http.get_or_none(f"/jobs/{job_id}") if job_id else None
        # One that was cancelled by then was withdrawn by the run that is gone, or by a person who has started this one since.
        if job_id is None or job is None or job["status"] == "canceled":
            backend_logger.info("an archive was uploaded and never read: what it held is sent again")
            self._journal.job_ended(record.id, "canceled" if job else "lost")
            self._uploads.remove(record.import_file)
            return
        if record.job_id is None:
            self._journal.job_sent(record.id, job_id)
        backend_logger.info("found import job %s of an earlier run", job_id)
        unwatched = record.import_file.endswith(_WATCHED_FILE_NAME)  # whoever watched it is gone
        watch = _Watch(still_wanted=lambda: not unwatched)
        self._end(record.id, record.import_file, job_id, _SUSPECT_AFTER_CRASH_S, watch)

    def _jobs_of(self, import_file: str) -> Iterator[str]:
        for page in range(1 << 20):
            jobs = self._http.get("/jobs/type/import_process", {"page": page, "per_page": 100})
            yield from (job["id"] for job in jobs if _file_of(job) == import_file)
            if len(jobs) < 100:
                return

    def _totals(self, channel_ids: Sequence[str]) -> list[int]:
        self._http.post("/caches/invalidate", idempotent=True)  # it would answer from memory
        step = max(1, len(channel_ids) // _SETTLE_CHANNELS)
        channels = (self._http.get_or_none(f"/channels/{one}") for one in channel_ids[::step])
        return [channel["total_msg_count"] for channel in channels if channel]


def _file_of(job: dict[str, Any]) -> str:
    return str((job["data"] or {}).get("import_file", ""))


def _outcome(job: dict[str, Any]) -> Outcome:
    began_at = int(job.get("start_at") or 0)
    if job["status"] in ("success", "warning"):
        return Outcome(ok=True, began_at=began_at)
    data = job["data"] or {}
    line = str(data.get("line_number", ""))
    # "Error during job execution. — BulkImport: …": what follows the dash is the server's own sentence.
    text = masked(str(data.get("error", "")).split(" — ", 1)[-1].strip())
    lost = job["status"] not in _ENDED
    return Outcome(ok=False, line=int(line) if line.isdigit() else 0, error=text, lost=lost, began_at=began_at)
