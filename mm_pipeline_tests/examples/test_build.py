"""The committed sample is what its story tells, byte for byte."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", str(EXAMPLES / "build.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_committed_workspace_is_the_one_the_story_tells(tmp_path: Path) -> None:
    assert build(tmp_path / "again").returncode == 0
    told, committed = contents(tmp_path / "again"), contents(EXAMPLES / "workspace")
    assert sorted(told) == sorted(committed)
    assert [name for name in told if told[name] != committed[name]] == []


def test_building_does_not_overwrite_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    refused = build(tmp_path)
    assert refused.returncode != 0
    assert "is not a Slack export" in refused.stderr
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"
