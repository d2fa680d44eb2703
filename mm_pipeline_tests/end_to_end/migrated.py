"""A migration as a user runs it: environment, command, exit code, output. Imports nothing of mm_pipeline."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from mm_pipeline_tests.end_to_end.warm import run_warm
from mm_pipeline_tests.mattermost_server.running import RunningServer

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
JOB = ("dagster", "job", "execute", "-m", "mm_pipeline.definitions", "-j", "slack_to_mattermost")
#: What a second run must leave as it is: rows that were added, and when things last changed. The server makes its
#: own system-bot whenever it first has something to tell its admins.
_TRACES = """
SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM reactions), (SELECT count(*) FROM channelmembers),
       (SELECT count(*) FROM uploadsessions), (SELECT count(*) FROM jobs WHERE type = 'import_process'),
       (SELECT count(*) FROM fileinfo), (SELECT max(updateat) FROM posts), (SELECT max(updateat) FROM channels),
       (SELECT max(updateat) FROM users WHERE username <> 'system-bot'),
       (SELECT count(*) FROM users WHERE username <> 'system-bot')
"""


class Pipeline:
    """One state folder, one export, one server, driven by environment alone."""

    def __init__(self, state: Path, export: Path | None, server: RunningServer, **settings: str) -> None:
        self.server = server
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MM_", "SLACK_", "DAGSTER_"))},
            "MM_URL": server.url,
            "MM_TOKEN": server.token,
            "MM_TEAM": server.team,
            "MM_PIPELINE_STATE": str(state),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "DAGSTER_HOME": "",
            "EXPORT_WORKERS": "4",
            **({"SLACK_EXPORT": str(export)} if export else {}),
            **settings,
        }

    def command(self, *words: str) -> list[str]:
        """Return a command of this environment's own programs."""
        return [str(BIN / words[0]), *words[1:]]

    def call(self, *words: str, timeout_s: int = 600) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return run_warm(words, self.environment, ROOT, timeout_s)

    def export(self) -> "subprocess.CompletedProcess[str]":
        """Run the whole job, as `mm-pipeline export` does it."""
        return self.call("mm-pipeline", "export")

    def job(self) -> "subprocess.CompletedProcess[str]":
        """Run the whole job, as `dagster job execute` does it: with a history in files, which takes longer."""
        return self.call(*JOB)

    def start_job(self) -> "subprocess.Popen[bytes]":
        """Start the whole job and return at once; its output is thrown away."""
        return subprocess.Popen(
            self.command(*JOB), cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def status(self) -> dict[str, dict[str, Any]]:
        """Return what `mm-pipeline status --json` says of each type."""
        told = self.call("mm-pipeline", "status", "--json")
        assert told.returncode == 0, told.stderr
        status: dict[str, dict[str, Any]] = json.loads(told.stdout)
        status.pop("rolled_back", None)
        return status

    def total(self, state: str) -> int:
        """Return how many rows of all types are in a state."""
        return sum(counts[state] for counts in self.status().values())

    def down(self) -> None:
        """Stop the embedded database."""
        self.call("mm-pipeline", "down")


def traces(server: RunningServer) -> tuple[Any, ...]:
    """Return what a run leaves on a server when it sends anything."""
    with psycopg.connect(server.database_url) as connection:
        found = connection.execute(_TRACES).fetchone()
    assert found is not None
    return tuple(found)
