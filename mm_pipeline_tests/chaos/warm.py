"""The job as a child of a process that has imported all of it: a run begins at once, and dies of a kill -9 as any other.

Run as a program it is that process: each line that it reads begins a run; it answers with the run's process and exit code.
"""

import importlib
import os
import pkgutil
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Protocol


class Job(Protocol):
    """A run that is under way, as subprocess.Popen has it."""

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...


class WarmJobs:
    """Begins runs of one command (without its program, dagster), one at a time, in one environment."""

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str], folder: Path, log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, *command],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                bufsize=0,
            )

    def start(self) -> "WarmJob":
        """Begin a run. The one before has ended."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"\n")
        return WarmJob(self._process.stdout)

    def close(self) -> None:
        """End what waits for the next run."""
        self._process.kill()
        self._process.communicate()


class WarmJob:
    """One of its runs."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._pid = int(answers.readline())
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return how it ended, None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Raises subprocess.TimeoutExpired."""
        if self._code is None:
            if not select.select([self._answers], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a run", timeout or 0)
            self._code = int(self._answers.readline())
        return self._code

    def kill(self) -> None:
        """Send SIGKILL."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._send(signal.SIGTERM)

    def _send(self, what: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self._pid, what)


def _serve(command: list[str]) -> None:
    """Import all, then run the command in a child for each line that is read."""
    import dagster._cli

    import mm_pipeline

    for module in pkgutil.walk_packages(mm_pipeline.__path__, "mm_pipeline."):
        importlib.import_module(module.name)
    for _ in sys.stdin:
        if not (pid := os.fork()):
            with open(os.devnull) as nothing:
                os.dup2(nothing.fileno(), 0)
            os.dup2(2, 1)
            sys.argv = ["dagster", *command]
            dagster._cli.main()
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1:])
