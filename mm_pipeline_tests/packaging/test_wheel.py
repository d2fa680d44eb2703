"""The wheel: it holds each file that the code reads, nothing of the tests, and works far from the repository."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline_tests.structure.node_ids import ROOT

#: One wheel for all of them: dealt out to six workers, several would be built.
pytestmark = pytest.mark.xdist_group("wheel")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Iterator[Run]:
    """Run a program of this environment somewhere else, with the wheel's code and no setting. Ends the PostgreSQL that it started."""

    def ended(*words: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MM_", "SLACK_", "DAGSTER_"))}
        environment = kept | {"PYTHONPATH": str(installed), "HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes"}
        return subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    yield ended
    EmbeddedPostgres(tmp_path / ".mm_pipeline" / "postgres").stop()


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        inside = {name for name in held.namelist() if ".dist-info/" not in name}
    package = ROOT / "mm_pipeline"
    files = {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.is_file()}
    assert inside == {name for name in files if "__pycache__" not in name}
    assert "mm_pipeline/py.typed" in inside


def test_the_wheel_says_whose_it_is_and_which_command_it_brings(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        (folder,) = {name.partition("/")[0] for name in held.namelist() if ".dist-info/" in name}
        told = message_from_bytes(held.read(f"{folder}/METADATA"))
        commands = held.read(f"{folder}/entry_points.txt").decode()
        licences = {name for name in held.namelist() if name.startswith(f"{folder}/licenses/")}
    assert told["License-Expression"] == "MIT AND Apache-2.0 AND BSD-2-Clause"
    of_parts = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mm_pipeline").rglob("LICENSE")}
    assert licences == {f"{folder}/licenses/{name}" for name in {"LICENSE", *of_parts}}
    assert "mm-pipeline = mm_pipeline.cli:main" in commands


def test_the_command_answers_from_anywhere(run: Run, installed: Path) -> None:
    where = run("-c", "import mm_pipeline; print(mm_pipeline.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed)
    told = run("-m", "mm_pipeline.cli", "--help")
    assert told.returncode == 0, told.stderr
    assert "Move a Slack workspace" in told.stdout


def test_dagster_loads_the_definitions_from_anywhere_and_the_job_says_what_it_lacks(run: Run) -> None:
    job = run("-m", "dagster", "job", "execute", "-m", "mm_pipeline.definitions", "-j", "slack_to_mattermost")
    assert job.returncode == 1
    assert "MM_URL is not set" in job.stderr
