"""Import jobs on real servers: uploads that break off, ends that are told, jobs that are found again or given up."""

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import Http
from mm_pipeline.mattermost import jobs as jobs_module
from mm_pipeline.mattermost.archive_writer import ArchiveWriter
from mm_pipeline.mattermost.jobs import ImportJobs
from mm_pipeline.mattermost.uploads import Uploads
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.world import World
from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def world(mattermost: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(mattermost, tmp_path_factory.mktemp("work"))


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def jobs(world: World, journal: MemoryJournal, tmp_path: Path) -> ImportJobs:
    return ImportJobs(world.http, journal, tmp_path)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchiveWriter]:
    """An archive with nothing but a version line."""
    writer = ArchiveWriter(tmp_path / "a.zip", 1 << 30)
    yield writer
    writer.release()


def a_job(world: World, import_file: str, status: str) -> str:
    """Put a job into the server's database as it stands there in a state, and return its id: one asked for would begin."""
    job_id = secrets.token_hex(13)
    world.execute(
        "INSERT INTO jobs (id, type, priority, createat, startat, lastactivityat, status, progress, data) "
        "VALUES (%(id)s, 'import_process', 0, %(now)s, 0, %(now)s, %(status)s, 0, %(data)s)",
        id=job_id, now=int(time.time() * 1000), status=status, data=json.dumps({"import_file": import_file}),
    )  # fmt: skip
    return job_id


def imports(world: World) -> list[str]:
    return list(world.http.get("/imports") or ())


def test_a_broken_connection_goes_on_where_the_server_has_it(
    world: World, journal: MemoryJournal, tmp_path: Path
) -> None:
    whole = tmp_path / "noise.bin"
    whole.write_bytes(os.urandom(20 << 20))
    cuts = 0

    def breaks_twice(request: Request, ask: Callable[[], Answer]) -> Answer | Cut:
        nonlocal cuts
        if len(request.body) > 6 << 20 and cuts < 2:
            cuts += 1
            return Cut(0.75)
        return ask()

    proxy = Proxy(world.running.url, breaks_twice)
    http = Http(f"{proxy.url}/api/v4", world.running.token)
    try:
        name = Uploads(http).send(whole)
    finally:
        http.close()
        proxy.close()
    assert cuts == 2
    assert name in imports(world)
    size = world.rows("SELECT size FROM fileinfo WHERE path LIKE %(path)s", path=f"%{name}")
    assert [row["size"] for row in size] == [20 << 20]


def test_an_archive_that_is_too_large_stops_the_run_in_a_sentence(
    world: World, jobs: ImportJobs, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as file:
        file.truncate(world.server.max_file_bytes + 1)
    with pytest.raises(AbortRun, match="MM_ARCHIVE_MAX_BYTES"):
        Uploads(world.http).send(huge)


def test_a_job_that_went_well_leaves_nothing_behind(
    world: World, jobs: ImportJobs, journal: MemoryJournal, archive: ArchiveWriter
) -> None:
    archive.close()
    before = imports(world)
    assert jobs.run(archive.path, 1).ok
    assert [status for status, _ in journal.ended.values()] == ["success"]
    assert imports(world) == before


def test_a_job_that_failed_names_the_line_and_leaves_no_import_file(
    world: World, jobs: ImportJobs, journal: MemoryJournal, archive: ArchiveWriter
) -> None:
    archive.add("channel", b'{"type":"channel","channel":{"team":"%s"}}' % world.team.encode(), {})
    archive.close()
    before = imports(world)
    outcome = jobs.run(archive.path, 2, channel_lines=True)
    assert (outcome.ok, outcome.line, outcome.lost) == (False, 2, False)
    assert outcome.error == "BulkImport: Missing required channel property: name"
    assert journal.ended == {1: ("error", outcome.error)}
    if world.server.version >= (11, 0):  # 9.9 has no way to remove it
        assert imports(world) == before


def test_an_upload_without_a_job_is_given_up_and_removed(
    world: World, jobs: ImportJobs, journal: MemoryJournal, archive: ArchiveWriter
) -> None:
    archive.close()
    name = Uploads(world.http).send(archive.path)
    journal.job_uploaded(name, 1, 100)
    assert jobs.resume()
    assert journal.ended == {1: ("lost", "")}
    if world.server.version >= (11, 0):
        assert name not in imports(world)


def test_a_job_whose_id_was_not_remembered_is_found_by_its_file(
    world: World, jobs: ImportJobs, journal: MemoryJournal, archive: ArchiveWriter
) -> None:
    archive.close()
    name = Uploads(world.http).send(archive.path)
    journal.job_uploaded(name, 1, 100)
    made = world.http.post("/jobs", {"type": "import_process", "data": {"import_file": name}})
    assert jobs.resume()
    assert journal.jobs[1].job_id == made["id"]
    assert journal.ended == {1: ("success", "")}


def test_a_job_that_its_server_forgot_is_given_up(
    world: World, jobs: ImportJobs, journal: MemoryJournal, archive: ArchiveWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is started anew leaves the job it was at "in_progress" for ever."""
    monkeypatch.setattr(jobs_module, "_SUSPECT_AFTER_CRASH_S", 1.0)
    archive.close()
    name = Uploads(world.http).send(archive.path)
    record = journal.job_uploaded(name, 1, 100)
    journal.job_sent(record, a_job(world, name, "in_progress"))
    assert jobs.resume()
    assert journal.ended == {1: ("lost", "")}


def test_what_a_job_waited_for_its_turn_makes_nobody_suspect_it(
    world: World, journal: MemoryJournal, archive: ArchiveWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was just started looks for jobs first after 15 to 30 s: no empty one need show that it is at work."""

    def begins_late(request: Request, ask: Callable[[], Answer]) -> Answer:
        if request.method != "GET" or "/jobs/" not in request.place or "/type/" in request.place:
            return ask()
        looks.append(request.place)
        answer = ask()
        if len(looks) > 18:
            return answer
        status = "pending" if len(looks) < 16 else "in_progress"
        return answer._replace(body=json.dumps(json.loads(answer.body) | {"status": status}).encode())

    monkeypatch.setattr(jobs_module, "_SUSPECT_AFTER_CRASH_S", 1.0)
    looks: list[str] = []
    archive.close()
    proxy = Proxy(world.running.url, begins_late)
    jobs = ImportJobs(Http(f"{proxy.url}/api/v4", world.running.token), journal, tmp_path, poll_s=0.1)
    try:
        name = Uploads(world.http).send(archive.path)
        journal.job_uploaded(name, 1, 100)
        world.http.post("/jobs", {"type": "import_process", "data": {"import_file": name}})
        sent = world.import_jobs()
        assert jobs.resume()
    finally:
        proxy.close()
    assert journal.ended == {1: ("success", "")}
    assert world.import_jobs() == sent


def test_a_probe_waits_longer_than_any_server_takes_to_see_it() -> None:
    """Up to 15 s once it has started, and 15 s from then on; the servers of the tests look more often."""
    assert jobs_module._PROBE_S > 2 * 15


def test_a_job_that_was_cancelled_before_a_run_begins_is_one_that_was_never_read(
    world: World, jobs: ImportJobs, journal: MemoryJournal, archive: ArchiveWriter
) -> None:
    archive.close()
    name = Uploads(world.http).send(archive.path)
    record = journal.job_uploaded(name, 1, 100)
    journal.job_sent(record, a_job(world, name, "canceled"))
    assert jobs.resume()
    assert journal.ended == {1: ("canceled", "")}
    if world.server.version >= (11, 0):
        assert name not in imports(world)


@pytest.mark.parametrize("is_found", [True, False])
def test_a_job_that_a_person_cancels_while_a_run_waits_for_it_stops_the_run_in_a_sentence(
    world: World, journal: MemoryJournal, archive: ArchiveWriter, tmp_path: Path, is_found: bool
) -> None:
    def is_cancelled_at_the_third_look(request: Request, ask: Callable[[], Answer]) -> Answer:
        if request.method != "GET" or "/jobs/" not in request.place or "/type/" in request.place:
            return ask()
        looks.append(request.place)
        status = "pending" if len(looks) < 3 else "canceled"
        answer = ask()
        return answer._replace(body=json.dumps(json.loads(answer.body) | {"status": status}).encode())

    looks: list[str] = []
    archive.close()
    proxy = Proxy(world.running.url, is_cancelled_at_the_third_look)
    http = Http(f"{proxy.url}/api/v4", world.running.token)
    jobs = ImportJobs(http, journal, tmp_path, poll_s=0.1)
    try:
        if is_found:
            name = Uploads(world.http).send(archive.path)
            record = journal.job_uploaded(name, 1, 100)
            journal.job_sent(record, a_job(world, name, "error"))
        with pytest.raises(AbortRun, match="cancelled"):
            jobs.resume() if is_found else jobs.run(archive.path, 1)
    finally:
        http.close()
        proxy.close()
    assert journal.ended == {1: ("canceled", "")}


class Waiting:
    """A rule of the proxy: jobs of this server stay pending, and another import is before them if `before` says so."""

    def __init__(self) -> None:
        self.before = ""

    def __call__(self, request: Request, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if "/jobs/type/" in request.place:
            others = [{"id": self.before, "status": "in_progress", "data": None}] if self.before else []
            return answer._replace(body=json.dumps(others).encode())
        if request.method == "GET" and "/jobs/" in request.place:
            return answer._replace(body=json.dumps(json.loads(answer.body) | {"status": "pending"}).encode())
        return answer


def test_a_job_that_nobody_begins_is_told_and_at_last_given_up_to_be_found_again(
    world: World,
    journal: MemoryJournal,
    archive: ArchiveWriter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As where JobSettings.RunJobs is off: a server obeys that at its start alone, so a proxy says it of a real job."""
    monkeypatch.setattr(jobs_module, "_TELL_EVERY_S", 0.1)
    monkeypatch.setattr(jobs_module, "_NEVER_BEGUN_S", 0.65)
    archive.close()
    waiting = Waiting()
    waiting.before = "x" * 26
    proxy = Proxy(world.running.url, waiting)
    http = Http(f"{proxy.url}/api/v4", world.running.token)
    began = time.monotonic()
    threading.Timer(2, lambda: setattr(waiting, "before", "")).start()
    try:
        with pytest.raises(AbortRun, match=r"no node of it runs jobs.*the job is found"):
            ImportJobs(http, journal, tmp_path, poll_s=0.1).run(archive.path, 1)
    finally:
        http.close()
        proxy.close()
    assert time.monotonic() - began > 2  # another import is waited for as long as it takes
    assert f"import job {'x' * 26} is before it" in caplog.text
    assert [job.job_id is not None for job in journal.open_jobs()] == [True]


def test_nothing_open_is_nothing_to_resume(jobs: ImportJobs) -> None:
    assert not jobs.resume()
