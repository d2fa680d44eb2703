"""The process of a plugin on a test's server, to be killed. Starts none: the server or an install does."""

import psutil  # type: ignore[import-untyped]

from mm_pipeline_tests.mattermost_server.running import RunningServer


def kill_plugin(server: RunningServer, plugin_id: str) -> None:
    """Kill a plugin's process, as a machine that runs out of memory does."""
    home = str(server.files.parent)
    found = [
        process
        for process in psutil.process_iter(["cmdline"])
        if home in (program := " ".join((process.info["cmdline"] or ())[:1])) and f"/{plugin_id}/" in program
    ]
    assert found, f"{plugin_id} has no process below {home}"
    for process in found:
        process.kill()
