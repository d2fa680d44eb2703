"""docs/operations.md typed in step by step: a snapshot, the migration, back to the snapshot, the migration once more."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from mm_pipeline.db.embedded import EmbeddedPostgres, bin_dir
from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.end_to_end.conftest import SAMPLE
from mm_pipeline_tests.end_to_end.content import content_of
from mm_pipeline_tests.end_to_end.migrated import BIN, Pipeline
from mm_pipeline_tests.end_to_end.own_server import OwnServer, own_server
from mm_pipeline_tests.mattermost_server.rest import Refused
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS
from mm_pipeline_tests.structure.operations_page import commands

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_CONTENT = "SELECT count(*), md5(string_agg(row::text, chr(10) ORDER BY row::text)) FROM {} AS row"


class Night:
    """A server with somebody in it, and a shell in which the page's commands are typed."""

    def __init__(self, server: OwnServer, folder: Path) -> None:
        self.server = server
        self.here = server.running
        self._folder = folder
        self._state = self.here.files.parent
        self._postgres = EmbeddedPostgres(self._state / "postgres")

    def type(self, block: str, **settings: str) -> str:
        """Type a block of commands; return what they print. The first that fails ends the test."""
        here = {
            "PATH": f"{bin_dir()}:{BIN}:{os.environ['PATH']}",
            "MM_URL": self.here.url,
            "MM_TOKEN": self.here.token,
            "SERVER_DATABASE": self.here.database_url,
            "SERVER_FILES": str(self.here.files),
            "SERVER_CONFIG": str(self._state / "config.json"),
        }
        typed = subprocess.run(
            ["bash", "-euc", block],
            cwd=self._folder,
            env=os.environ | settings | here,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert typed.returncode == 0, typed.stderr
        return typed.stdout

    def stop_mattermost(self) -> None:
        """Stop the server and leave its database running."""
        self.server.stop()
        self._postgres.start()

    def tables(self) -> dict[str, tuple[Any, ...]]:
        """Rows of each table, and a sum over their content."""
        with psycopg.connect(self.here.database_url) as connection:
            names = [name for (name,) in connection.execute(_TABLES).fetchall()]
            queries = {name: sql.SQL(_CONTENT).format(sql.Identifier(name)) for name in names}
            return {name: connection.execute(query).fetchall()[0] for name, query in queries.items()}

    def files(self) -> dict[str, bytes]:
        """The file store."""
        store = self.here.files
        return {str(path.relative_to(store)): path.read_bytes() for path in store.rglob("*") if path.is_file()}


@pytest.fixture
def night(session_state: Path, tmp_path: Path) -> Iterator[Night]:
    with own_server(session_state, looks_for_jobs_every_ms=OFTEN_MS) as server:
        here = server.running
        vera = here.call(
            "POST", "/users", {"username": "vera", "email": "vera@here.example", "password": "Passw0rd-of-vera!"}
        )
        team = here.call("GET", f"/teams/name/{here.team}")
        here.call("POST", f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": vera["id"]})
        square = here.call("GET", f"/teams/{team['id']}/channels/name/town-square")
        here.call("POST", "/posts", {"channel_id": square["id"], "message": "I was here before"})
        here.files.mkdir(exist_ok=True)
        (here.files / "of-before.txt").write_text("a file of before")
        yield Night(server, tmp_path)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Callable[[str, RunningServer], Pipeline]]:
    """Make migrations of the sample, each with a state folder of its own; their databases end with the test."""
    with ExitStack() as ends:

        def make(name: str, server: RunningServer) -> Pipeline:
            made = Pipeline(tmp_path / name, SAMPLE, server)
            ends.callback(made.down)
            return made

        yield make


def test_the_night_and_the_way_back_as_the_page_has_them(
    night: Night, runs: Callable[[str, RunningServer], Pipeline]
) -> None:
    server, here = night.server, night.here
    (allow_more,) = commands("Days before")
    (snapshot,) = commands("The snapshot")
    restore = commands("Back")[0]
    night.type(allow_more)
    assert here.call("GET", "/config")["TeamSettings"]["MaxUsersPerTeam"] == 20000
    content, settings = content_of(here), here.call("GET", "/config")

    night.stop_mattermost()
    tables, files = night.tables(), night.files()
    night.type(snapshot)
    server.start()

    first = runs("first", here)
    (go,) = commands("During")
    night.type(go, **first.environment)
    migrated = content_of(here)
    assert len(migrated["posts"]) > len(content["posts"]) + 50

    night.stop_mattermost()
    assert night.tables() != tables
    night.type(restore)
    assert night.tables() == tables
    assert night.files() == files
    server.start()
    assert content_of(here) == content
    assert here.call("GET", "/config") == settings
    noticed = first.call("mm-pipeline", "preflight")
    assert (noticed.returncode, noticed.stdout.count("The server was set back to an earlier time")) == (1, 1)

    again = runs("again", here)
    since_ms = int(time.time() * 1000)
    ended = again.export()
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert check(SAMPLE, here.database_url, here.team, files=here.files, since_ms=since_ms) == []
    seen = content_of(here)
    for what, rows in migrated.items():
        assert _of_people(seen[what]) == _of_people(rows), what
    _clean_up(night, again)


def _of_people(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Without what the server's own bot does: it comes into being whenever there is first something to tell its admins."""
    return [row for row in rows if "system-bot" not in str(row)]


def _clean_up(night: Night, run: Pipeline) -> None:
    """What the page says of afterwards: nothing is left that anybody could use."""
    jobs, retry_then_export = commands("When it breaks")
    no_archives, remove_state, revoke = commands("After")
    assert '"success"' in night.type(jobs)
    night.type(retry_then_export, **run.environment)
    assert night.type(no_archives).strip() in ("[]", "null")
    night.type(remove_state, **run.environment)
    assert not Path(run.environment["MM_PIPELINE_STATE"]).exists()
    (token,) = night.here.call("GET", "/users/me/tokens")
    night.type(revoke, TOKEN_ID=token["id"])
    with pytest.raises(Refused):
        night.here.call("GET", "/users/me")
