"""A plugin that its killed server left behind: it ends with the server's folder, and no other's does."""

import shutil
import subprocess
from pathlib import Path

from mm_pipeline_tests.mattermost_server.plugin_process import kill_plugins_of


def test_a_plugin_that_was_left_behind_is_ended_and_none_of_another_server(tmp_path: Path) -> None:
    sleeps = shutil.which("sleep")
    assert sleeps
    started = {}
    for home in ("server-1", "server-10"):
        program = tmp_path / home / "plugins" / "com.example" / "sleep"
        program.parent.mkdir(parents=True)
        program.symlink_to(sleeps)
        started[home] = subprocess.Popen([program, "60"])
    try:
        kill_plugins_of(tmp_path / "server-1")
        assert started["server-1"].wait(10) < 0
        assert started["server-10"].poll() is None
    finally:
        for process in started.values():
            process.kill()
            process.wait()
