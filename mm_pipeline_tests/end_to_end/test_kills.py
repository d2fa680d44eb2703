"""Ten times killed with kill -9, once in each phase of the job: the end is that of a run that nobody disturbed."""

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.end_to_end.conftest import SAMPLE
from mm_pipeline_tests.end_to_end.content import content_of
from mm_pipeline_tests.end_to_end.migrated import JOB, Pipeline
from mm_pipeline_tests.end_to_end.own_server import OwnServer, own_server

#: Another one gives other moments within the same phases.
SEED = 20261123
STEPS = ("slack_export", "plan", "user", "custom_emoji", "attachment", "channel", "message", "reaction", "finish")
_PATIENCE_S = 90

_SCHEMA = "SELECT 1 FROM pg_tables WHERE tablename = 'schema_migrations'"
_LAST_STEP = "SELECT max(id) FROM steps"
_STEP = "SELECT step FROM steps WHERE id > {last} ORDER BY id DESC LIMIT 1"
_OPEN_JOB = "SELECT job_id FROM import_jobs WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1"
_ROWS = "SELECT entity_type, slack_id, status, error_message, content_sha256 FROM entities ORDER BY 1, 2"
#: Emoji without a picture are remembered for the report, and no work that is due.
_DUE = """SELECT task, object_id FROM finishing WHERE task <> 'emoji_without_picture'
          UNION ALL SELECT 'put back', name FROM server_settings"""


class Phase(NamedTuple):
    """Where to kill: in a step, once its import job is in one of these states on the server, some seconds after that."""

    step: str
    job: tuple[str, ...] = ()
    up_to_s: float = 0.5


PHASES = (
    Phase("slack_export", up_to_s=1.0),
    Phase("plan"),
    Phase("user", ("pending",), 1.0),
    Phase("user", ("in_progress", "success"), 1.0),
    Phase("attachment"),
    Phase("channel", up_to_s=3.0),
    Phase("channel", ("in_progress", "success"), 1.0),
    Phase("message", ("pending",), 2.0),
    Phase("message", ("in_progress", "success"), 2.0),
    Phase("finish", up_to_s=4.0),
)


class Watched:
    """A pipeline seen from outside while it runs: which step it is in, and what the server makes of its import job."""

    def __init__(self, run: Pipeline, server: OwnServer) -> None:
        self.run = run
        self._folder = Path(run.environment["MM_PIPELINE_STATE"]) / "postgres"
        self._server = server
        self._last_step = 0

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the pipeline's own database."""
        password, port = ((self._folder / name).read_text().strip() for name in ("password", "port"))
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/mm_pipeline"
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute(query.encode()).fetchall()

    def start_job(self) -> "subprocess.Popen[bytes]":
        """Start the whole job beside its state: Dagster leaves a folder where it is killed."""
        command, environment = self.run.command(*JOB), self.run.environment
        return subprocess.Popen(
            command, cwd=self._folder.parents[1], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def remember(self) -> None:
        """What there is now is of earlier runs."""
        self._last_step = self._value(_LAST_STEP) or 0

    def has_begun(self, phase: Phase) -> bool:
        """Whether the phase has begun, or is over already."""
        if phase.step == "slack_export":
            return bool(self._value(_SCHEMA))
        step = self._value(_STEP.format(last=self._last_step))
        if step is None or STEPS.index(step) < STEPS.index(phase.step):
            return False
        return not phase.job or step != phase.step or self._job() in phase.job

    def _job(self) -> str:
        """Return the state on the server of the import job whose end the pipeline has not seen."""
        if (job_id := self._value(_OPEN_JOB)) is None:
            return ""
        found = self._server.rows("SELECT status FROM jobs WHERE id = %s", job_id)
        return str(found[0][0]) if found else ""

    def _value(self, query: str) -> Any:
        try:
            found = self.rows(query)
        except (OSError, ValueError, psycopg.Error):
            return None  # the database is not there yet, or not with this table
        return found[0][0] if found else None


def kill_in(phase: Phase, watched: Watched, seconds: float) -> int:
    """Start the job and kill it so many seconds after the phase has begun. Returns its exit code."""
    watched.remember()
    job = watched.start_job()
    until = time.monotonic() + _PATIENCE_S
    while job.poll() is None and not watched.has_begun(phase):
        assert time.monotonic() < until, phase
        time.sleep(0.02)
    try:
        return job.wait(seconds)
    except subprocess.TimeoutExpired:
        job.kill()
        return job.wait()


@pytest.fixture
def pair(session_state: Path, tmp_path: Path) -> Iterator[tuple[Watched, Watched]]:
    """Two pipelines with the sample, each into a server of its own."""
    with ExitStack() as ends:
        servers = [ends.enter_context(own_server(session_state)) for _ in range(2)]
        runs = [Pipeline(tmp_path / f"state {n}", SAMPLE, server.running) for n, server in enumerate(servers)]
        for run in runs:
            ends.callback(run.down)
        calm, killed = (Watched(run, server) for run, server in zip(runs, servers, strict=True))
        yield calm, killed


def test_ten_kills_end_where_a_calm_run_ends(pair: tuple[Watched, Watched]) -> None:
    calm, killed = pair
    settings = killed.run.server.call("GET", "/config")
    undisturbed = calm.start_job()

    moments = random.Random(SEED)
    for phase in PHASES:
        seconds = moments.uniform(0, phase.up_to_s)
        code = kill_in(phase, killed, seconds)
        print(f"{phase.step} {'/'.join(phase.job)} + {seconds:.2f} s: {code}")
        assert code == -9, phase
    last = killed.run.job()
    assert last.returncode == 0, last.stderr[-3000:]

    assert undisturbed.wait(300) == 0
    assert killed.rows(_ROWS) == calm.rows(_ROWS)
    assert killed.rows(_DUE) == []
    assert killed.run.server.call("GET", "/config") == settings
    server = killed.run.server
    assert check(SAMPLE, server.database_url, server.team, files=server.files) == []
    for what, seen in content_of(calm.run.server).items():
        assert content_of(killed.run.server)[what] == seen, what
