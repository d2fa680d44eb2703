"""The processes of plugins on a test's server, to be killed. Starts none: the server or an install does."""

from pathlib import Path

import psutil  # type: ignore[import-untyped]

from mm_pipeline_tests.mattermost_server.running import RunningServer


def kill_plugin(server: RunningServer, plugin_id: str) -> None:
    """Kill a plugin's process, as a machine that runs out of memory does."""
    home = server.files.parent
    found = [process for process in _plugins_of(home) if f"/{plugin_id}/" in process.info["cmdline"][0]]
    assert found, f"{plugin_id} has no process below {home}"
    for process in found:
        process.kill()


def kill_plugins_of(home: Path) -> None:
    """Kill each plugin of the server whose state lies under `home`: those of a killed one run on without it."""
    for process in _plugins_of(home):
        process.kill()


def _plugins_of(home: Path) -> list[psutil.Process]:
    folder = f"{home}/plugins/"
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"] and process.info["cmdline"][0].startswith(folder)
    ]
