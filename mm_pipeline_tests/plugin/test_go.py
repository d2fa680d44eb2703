"""The plugin's own tests in Go, which need no server: decoder, rows, schema."""

import subprocess
from pathlib import Path

import pytest

from mm_pipeline_tests.mattermost_server.toolchain import find_go, go_environment, one_at_a_time

_SOURCE = Path(__file__).parents[2] / "plugin"


@pytest.mark.parametrize("command", [["vet", "./..."], ["test", "./..."]], ids=["vet", "test"])
def test_go_finds_nothing_wrong(command: list[str]) -> None:
    with one_at_a_time():
        ended = subprocess.run(
            [str(find_go(_SOURCE)), *command],
            cwd=_SOURCE,
            env=go_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, (ended.stdout + ended.stderr)[-4000:]
