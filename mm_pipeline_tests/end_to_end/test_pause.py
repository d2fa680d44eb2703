"""Pausing a run from another terminal and ending one with Ctrl-C: what was sent is confirmed, the rest is sent later, once."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline.db.advisory_lock import holders, run_on
from mm_pipeline.db.database import Database
from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.db.pauses import pause
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, pending, run_with, said, statuses
from mm_pipeline_tests.end_to_end.small_export import Files, message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

CHANNELS, EACH = 40, 12
#: Seconds that a machine with much else to do may take.
_PATIENCE_S = 120


def allotments(team: str) -> Files:
    """Channels enough for many small archives."""
    people = [person(f"U0{n}", f"gardener-{n}-{team}") for n in range(3)]
    files: Files = {"users.json": people, "channels.json": []}
    for number in range(CHANNELS):
        members = [one["id"] for one in people]
        files["channels.json"].append({"id": f"C0{number}", "name": f"plot-{number}", "members": members})
        day = [message(at, f"plot {number}, row {at}", members[at % 3]) for at in range(EACH)]
        files[f"plot-{number}/2024-05-01.json"] = day
    return files


class Rows:
    """The pipeline's own database, looked at from beside."""

    def __init__(self, run: Pipeline) -> None:
        self._postgres = EmbeddedPostgres(Path(run.environment["MM_PIPELINE_STATE"]) / "postgres")

    @property
    def database(self) -> Database:
        return Database(self._postgres.url("mm_pipeline"))

    def value(self, query: str) -> Any:
        try:
            with psycopg.connect(self._postgres.url("mm_pipeline"), connect_timeout=2) as connection:
                found = connection.execute(query.encode()).fetchone()
        except Exception:  # not there yet
            return None
        return found[0] if found else None

    def await_second_job(self, run: "subprocess.Popen[str]", before: int = 0) -> None:
        """Wait until a run, before which there were so many message steps, sends its second archive of messages."""
        until = time.monotonic() + _PATIENCE_S
        begun = f"SELECT started_at FROM steps WHERE step = 'message' ORDER BY id OFFSET {before} LIMIT 1"
        while (self.value(f"SELECT count(*) FROM import_jobs WHERE created_at > ({begun})") or 0) < 2:
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.fixture
def run(tmp_path: Path, mattermost_11_4: RunningServer) -> Iterator[Pipeline]:
    team = mattermost_11_4.create_team()
    export = write(allotments(team), tmp_path / "export.zip")
    # Room for a few messages in each archive, so that there are many jobs.
    run = Pipeline(tmp_path / "state", export, mattermost_11_4, MM_TEAM=team, MM_ARCHIVE_MAX_BYTES="5000")
    yield run
    run.down()


def start(run: Pipeline) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        run.command(*EXPORT), env=run.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_run_that_is_paused_or_interrupted_ends_at_a_safe_point_and_is_gone_on_with(run: Pipeline) -> None:
    rows, config = Rows(run), run.server.call("GET", "/config")

    paused = start(run)
    rows.await_second_job(paused)
    with rows.database.session() as connection:
        assert holders(connection, run_on("T0FERN")), "between two steps it would be seen by nobody"
    pause(rows.database, "T0FERN")  # at once; the command may take seconds on a busy machine
    ended = run_with(run, ("mm-pipeline", "pause"))
    assert "Nobody is at work. `mm-pipeline resume`, then `mm-pipeline export`, goes on." in ended.stdout
    _, told = paused.communicate(timeout=_PATIENCE_S)
    assert paused.returncode == 1
    assert "the rest stays pending. `mm-pipeline resume`, then `mm-pipeline export`, goes on." in said(told)[-1]
    counts = statuses(run)
    left = pending(counts)
    assert 0 < counts["message"]["success"] < CHANNELS * EACH
    assert counts["message"]["failed"] == counts["message"]["skipped"] == 0
    assert run.server.call("GET", "/config") == config
    assert rows.value("SELECT count(*) FROM import_jobs WHERE ended_at IS NULL") == 0

    refused = run.export()
    assert refused.returncode == 1
    assert "is paused by" in said(refused.stderr)[-1]
    assert pending(statuses(run)) == left
    assert "may go on" in run_with(run, ("mm-pipeline", "resume")).stdout

    interrupted = start(run)
    rows.await_second_job(interrupted, before=1)
    interrupted.send_signal(signal.SIGINT)
    _, told = interrupted.communicate(timeout=_PATIENCE_S)
    assert interrupted.returncode == 1, told
    assert "Ending at the next safe point" in told
    assert "Ended at a safe point, as asked" in said(told)[-1]
    assert 0 < pending(statuses(run)) < left
    assert rows.value("SELECT count(*) FROM import_jobs WHERE ended_at IS NULL") == 0

    assert run_with(run, EXPORT, MM_ARCHIVE_MAX_BYTES="0").returncode == 0
    assert pending(statuses(run)) == 0
    with psycopg.connect(run.server.database_url) as connection:
        posts = connection.execute(
            "SELECT p.message FROM posts p JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid "
            "WHERE t.name = %s AND p.type = ''",
            (run.environment["MM_TEAM"],),
        ).fetchall()
    assert sorted(text for (text,) in posts) == sorted(
        f"plot {number}, row {at}" for number in range(CHANNELS) for at in range(EACH)
    )
