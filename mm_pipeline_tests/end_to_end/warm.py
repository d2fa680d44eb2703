"""Runs the project's commands in forks of a process that has imported what they import: that takes longer than most of them do.

All else is as in a process of their own: environment, arguments, folder, exit code, output. Where a command is killed, or
typed into a shell, it is started as any other program (migrated.py, test_snapshot.py).
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from mm_pipeline import lines

#: Not what reads the environment when it is imported (definitions.py): that is each command's own.
_IMPORTED = [
    "dagster._cli",
    "pandas",
    "mm_pipeline.report.bar_plots",
    "mm_pipeline.assets.chain",
    "mm_pipeline.assets.checks",
    "mm_pipeline.automation",
    "rich.progress",
]

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(_IMPORTED)


def run_warm(
    words: Sequence[str], environment: Mapping[str, str], folder: Path, timeout_s: float
) -> "subprocess.CompletedProcess[str]":
    """Run a command of this environment's own programs to its end. Raises TimeoutExpired, and ends it, after so many seconds."""
    with tempfile.NamedTemporaryFile() as stdout, tempfile.NamedTemporaryFile() as stderr:
        command = _forks.Process(target=_run, args=(list(words), dict(environment), folder, (stdout.name, stderr.name)))
        command.start()
        command.join(timeout_s)
        if command.exitcode is None:
            command.kill()
            command.join()
            raise subprocess.TimeoutExpired(list(words), timeout_s)
        said = (file.read().decode(errors="replace") for file in (stdout, stderr))
        return subprocess.CompletedProcess(list(words), command.exitcode, *said)


def _run(words: list[str], environment: dict[str, str], folder: Path, streams: tuple[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate(streams, 1):
        os.dup2(os.open(path, os.O_WRONLY), number)
    lines.STARTED_IN = None  # what they were imported in is another one's terminal
    sys.argv = words
    (command,) = entry_points(group="console_scripts", name=words[0])
    sys.exit(command.load()())
