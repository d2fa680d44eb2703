"""What a run in a terminal shows there where Dagster keeps its history, and with it a copy of what steps say."""

import os
import pty
import subprocess
import sys
from pathlib import Path

#: A run of a job that says what it has done, before a database that is away: bars without numbers.
_RUN = """
import sys
import time

import dagster as dg

from mm_pipeline import cli, progress
from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun


@dg.asset
def garden():
    for number in range(3):
        time.sleep(0.7)
        backend_logger.info("bed %d is dug", number)
    print("all beds are dug", flush=True)


class Migration:
    @property
    def database(self):
        raise AbortRun("It is away.")


job = dg.define_asset_job(progress.JOB, selection=[garden])
progress.defs = dg.Definitions(assets=[garden], jobs=[job])
cli.main.callback(verbose=False)
sys.exit(not progress.run_with_progress(Migration()))
"""
_ERASED = "\x1b[2K"


def test_lines_go_above_the_bars_and_the_result_to_where_it_is_sent(tmp_path: Path) -> None:
    terminal, screen = pty.openpty()
    result = tmp_path / "result.txt"
    environment = os.environ | {"DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes", "TERM": "xterm"}
    with result.open("w") as stdout:
        run = subprocess.Popen([sys.executable, "-c", _RUN], stdout=stdout, stderr=screen, env=environment)
        os.close(screen)
        shown = b""
        while True:
            try:
                shown += os.read(terminal, 1 << 16)
            except OSError:  # so a terminal says that nobody writes to it any more
                break
    os.close(terminal)
    assert run.wait(60) == 0, shown.decode()
    pieces = shown.decode().split(" INFO bed ")
    assert len(pieces) == 4
    for before in pieces[:-1]:
        assert before[: -len("12:00:00")].endswith(_ERASED), "it stands behind bars that stay"
    assert "all beds are dug" in result.read_text()
