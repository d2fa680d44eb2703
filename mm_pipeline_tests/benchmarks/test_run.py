"""The command that runs the benchmarks, with sizes that measure nothing but show that it works."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest
import rendering_rate
import run

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"
SMALL = ("--messages", "300", "--people", "10", "--repeat", "1", "--dry")


def measured(tmp_path: Path, *arguments: str) -> str:
    command = [sys.executable, str(RUN), *arguments, *SMALL, "--work", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    assert not list(tmp_path.iterdir()), "the work folder is left as it was"
    return ended.stdout


def test_rendering_counts_the_messages_of_each_export(tmp_path: Path, export: Path) -> None:
    said = measured(tmp_path, "rendering", "--export", str(export))
    assert "generated export: messages 300 messages" in " ".join(said.split())
    assert "given export 1: messages 2 messages" in " ".join(said.split())


def test_staging_counts_people_channels_messages_reactions_and_files(tmp_path: Path) -> None:
    said = " ".join(measured(tmp_path, "staging").split())
    rows = int(said.split(" rows ")[1].replace(",", "")) if " rows " in said else 0
    assert rows > 300 + 10 + 2
    assert "again (nothing changes)" in said


def test_an_unknown_benchmark_is_refused() -> None:
    with pytest.raises(SystemExit):
        run.main(["speed"])


@pytest.mark.parametrize("name", run.ALL)
def test_the_command_in_a_result_names_no_file_of_the_machine(name: str) -> None:
    args = run._parser().parse_args([name, "--export", "/home/somebody/export.zip", "--work", "/home/somebody"])
    command = run._command(name, args)
    assert command.startswith(f"python benchmarks/run.py {name} ")
    assert "somebody" not in command


@pytest.mark.parametrize("name", run.ALL)
def test_the_command_in_a_result_can_be_given_again(name: str) -> None:
    args = run._parser().parse_args([name, "--messages", "7", "--people", "3"])
    again = run._parser().parse_args(run._command(name, args).split()[2:])
    assert vars(again) == vars(args)


def test_names_of_an_export_become_names_on_the_server(export: Path) -> None:
    lookups = rendering_rate.lookups_of(export)
    assert lookups.users == {"U1": "ada"}
    assert lookups.channels == {"C1": "garden", "G1": "cellar"}


@pytest.fixture
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip with a day file that holds two messages and things that are none, and one that holds no list."""
    return zipped(
        tmp_path_factory.mktemp("export") / "export.zip",
        {
            "users.json": [{"id": "U1", "name": "ada"}],
            "channels.json": [{"id": "C1", "name": "garden"}],
            "groups.json": [{"id": "G1", "name": "cellar"}],
            "garden/2020-01-01.json": [{"ts": "1.0", "text": "rain"}, None, {}, {"ts": "2.0", "text": "<@U1> sun"}],
            "garden/canvas.json": {"none": 1},
        },
    )


def zipped(path: Path, files: dict[str, object | Sequence[object]]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, json.dumps(content))
    return path
