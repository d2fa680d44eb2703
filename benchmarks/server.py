"""A throw-away Mattermost server for one measurement, as `make server` gives it to a shell. Measures nothing."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

REPOSITORY = Path(__file__).parent.parent
_SERVER = (sys.executable, "-m", "mm_pipeline_tests.mattermost_server")
#: What both ways of importing must have brought alike.
_COUNTED = {
    "posts": "SELECT count(*) FROM posts WHERE type = '' OR type = 'me'",
    "reactions": "SELECT count(*) FROM reactions",
    "files": "SELECT count(*) FROM fileinfo",
    "memberships": "SELECT count(*) FROM channelmembers",
    "accounts": "SELECT count(*) FROM users WHERE username <> 'system-bot'",
}


@contextmanager
def fresh_server(state: Path, version: str) -> Iterator[dict[str, str]]:
    """Start a new server under `state` and yield MM_URL, MM_TOKEN, MM_TEAM, MM_DATABASE; remove it afterwards."""
    start = [*_SERVER, "start", "--version", version, "--state", str(state)]
    told = subprocess.run(start, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True).stdout
    try:
        yield dict(word.split("=", 1) for word in shlex.split(told))
    finally:
        subprocess.run([*_SERVER, "stop", "--state", str(state), "--remove"], cwd=REPOSITORY, check=True)


def counts(database_url: str) -> dict[str, int]:
    """Return how many rows of each kind a server has, from its own database."""
    with psycopg.connect(database_url) as connection:
        rows = {what: connection.execute(query).fetchone() for what, query in _COUNTED.items()}
    return {what: row[0] if row else 0 for what, row in rows.items()}


def job_waits(database_url: str) -> list[float]:
    """Return for how many seconds each import job that a server was ever asked for waited for its turn."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT startat - createat FROM jobs WHERE type = 'import_process' ORDER BY createat")
        return [max(0, waited_ms) / 1000 for (waited_ms,) in rows]
