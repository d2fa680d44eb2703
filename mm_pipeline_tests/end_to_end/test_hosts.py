"""Several machines with one PostgreSQL and one server, whole jobs and partitions: the end is that of one run on one machine."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from mm_pipeline.db.advisory_lock import holders
from mm_pipeline_tests.chaos.end_state import EndState, differences, end_state
from mm_pipeline_tests.chaos.watched import Watched
from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.end_to_end.conftest import SAMPLE
from mm_pipeline_tests.end_to_end.migrated import JOB, Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT
from mm_pipeline_tests.end_to_end.own_server import OwnServer, own_server

_PATIENCE_S = 240
_WORKSPACE = "T06TIDE0000"
_TYPES = "user,custom_emoji,attachment,channel,message,reaction"
_PARTITION = ("dagster", "asset", "materialize", "-m", "mm_pipeline.definitions", "--select", _TYPES, "--partition")


class Machine:
    """A state folder and a copy of the export that no other has."""

    def __init__(self, folder: Path, server: OwnServer, database: str, workers: int) -> None:
        self.workers = workers
        export = shutil.copytree(SAMPLE, folder / "export", copy_function=shutil.copy)
        settings = {"MM_PIPELINE_DATABASE": database, "EXPORT_WORKERS": str(workers)}
        self.watched = Watched(Pipeline(folder / "state", export, server.running, **settings), server)
        self.program: subprocess.Popen[bytes] | None = None
        self._log = folder / "log"

    def start(self, *words: str) -> None:
        """Start a program, and return at once."""
        with self._log.open("ab") as log:
            self.program = subprocess.Popen(
                self.watched.run.command(*words),
                cwd=self._log.parent,
                env=self.watched.run.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def ended(self) -> int:
        """Wait for the program's end and return its exit code."""
        assert self.program
        return self.program.wait(_PATIENCE_S)

    def kill(self) -> None:
        """Kill its program, if one runs."""
        if self.program and self.program.poll() is None:
            self.program.kill()
            self.program.wait()

    @property
    def name(self) -> str:
        """What its program is called where locks are held."""
        assert self.program
        return f"process {self.program.pid} on {socket.gethostname()}"

    @property
    def said(self) -> str:
        """What its programs have written so far."""
        return self._log.read_text()


NewMachine = Callable[[OwnServer, str, int], Machine]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[NewMachine]:
    """Make machines; what runs on them ends with the test."""
    with ExitStack() as ends:
        numbers = iter(range(100))

        def make(server: OwnServer, database: str, workers: int) -> Machine:
            made = Machine(tmp_path / f"machine {next(numbers)}", server, database, workers)
            ends.callback(made.kill)
            return made

        yield make


@pytest.fixture
def servers(session_state: Path) -> Iterator[list[OwnServer]]:
    """Three servers that nobody has touched."""
    with ExitStack() as ends:
        yield [ends.enter_context(own_server(session_state)) for _ in range(3)]


@pytest.fixture
def databases(database: str) -> Iterator[list[str]]:
    """Three databases on one PostgreSQL."""
    further = [f"{database}_{number}" for number in range(2)]
    names = [url.rpartition("/")[2] for url in further]
    with psycopg.connect(database, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}".encode())
        yield [database, *further]
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def kill_who_sends_messages(machines: list[Machine]) -> Machine:
    """Kill the program that waits for a job of messages on the server, and return its machine."""
    watched = machines[0].watched
    until = time.monotonic() + _PATIENCE_S
    with psycopg.connect(watched.database_url, autocommit=True) as connection:
        while True:
            assert time.monotonic() < until, [one.said[-1000:] for one in machines]
            sending = holders(connection, f"server {watched.run.server.url}")
            for one in machines:
                messages = holders(connection, f"message of {_WORKSPACE}, partition 0 of {one.workers}")
                if sending == messages == [one.name] and watched.job() in ("pending", "in_progress"):
                    one.kill()
                    assert one.ended() == -signal.SIGKILL
                    return one
            time.sleep(0.02)


def end_of(machine: Machine) -> EndState:
    """Return what there is at the end, of which the checker must find nothing wrong."""
    server = machine.watched.server.running
    assert check(SAMPLE, server.database_url, server.team, files=server.files) == []
    return end_state(machine.watched)


def test_machines_that_share_the_work_end_where_one_ends(
    servers: list[OwnServer], databases: list[str], machine: NewMachine
) -> None:
    alone = machine(servers[0], databases[0], 4)
    alone.start(*JOB)

    # A run for each partition, each on a machine of its own.
    halves = [machine(servers[1], databases[1], 2) for _ in range(2)]
    planned = halves[0].watched.run.call("mm-pipeline", "plan")
    assert planned.returncode == 0, planned.stderr
    for partition, half in enumerate(halves):
        half.start(*_PARTITION, str(partition))

    # The whole job on three, of which one deals the work to more workers. Whoever sends the messages dies of it.
    three = [machine(servers[2], databases[2], workers) for workers in (4, 5, 4)]
    for one in three:
        one.start(*EXPORT)
    dead = kill_who_sends_messages(three)
    living = [one for one in three if one is not dead]
    assert [one.ended() for one in living] == [0, 0], [one.said[-3000:] for one in living]
    assert any(f"another run holds it; waiting for its end ({dead.name})" in one.said for one in living)

    assert [half.ended() for half in halves] == [0, 0], [half.said[-3000:] for half in halves]
    finished = halves[1].watched.run.call(*EXPORT)
    assert finished.returncode == 0, finished.stderr

    assert alone.ended() == 0, alone.said[-3000:]
    as_one = end_of(alone)
    assert as_one["what is still due"] == []
    assert differences(as_one, end_of(living[0])) == []
    assert differences(as_one, end_of(halves[0])) == []
    assert servers[2].import_jobs() == servers[0].import_jobs()  # none was sent twice
