"""Ten times killed with kill -9, once in each phase of the job: the end is that of a run that nobody disturbed.

Both servers look for jobs at Mattermost's own pace: a job is long pending, as on a real one.
"""

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from mm_pipeline_tests.chaos.end_state import differences, end_state
from mm_pipeline_tests.chaos.watched import STEPS, Watched
from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.end_to_end.conftest import SAMPLE
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.own_server import own_server

#: Another one gives other moments within the same phases.
SEED = 20261123
_PATIENCE_S = 90


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
    Phase("finish", up_to_s=0.4),
)


def has_begun(phase: Phase, watched: Watched) -> bool:
    """Whether the phase has begun, or is over already."""
    if phase.step == "slack_export":
        return watched.has_schema()
    step = watched.step()
    if not step or STEPS.index(step) < STEPS.index(phase.step):
        return False
    return not phase.job or step != phase.step or watched.job() in phase.job


def kill_in(phase: Phase, watched: Watched, seconds: float) -> int:
    """Start the job and kill it so many seconds after the phase has begun. Returns its exit code."""
    job = watched.start_job()
    until = time.monotonic() + _PATIENCE_S
    while job.poll() is None and not has_begun(phase, watched):
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
    assert differences(end_state(calm), end_state(killed)) == []
    assert end_state(killed)["what is still due"] == []
    assert killed.run.server.call("GET", "/config") == settings
    server = killed.run.server
    assert check(SAMPLE, server.database_url, server.team, files=server.files) == []
    # None was sent twice, but for the accounts' if it waited when its run was killed: it is withdrawn, as nobody watched it.
    jobs = "SELECT status FROM jobs WHERE type = 'import_process' AND status <> 'canceled' ORDER BY createat"
    assert calm.server.rows(jobs) == killed.server.rows(jobs)
