"""A canary in each place that holds a secret, a run at DEBUG, and a hunt through everything that was written."""

import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from pytest_httpserver import HTTPServer

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline_tests.end_to_end.migrated import JOB, Pipeline
from mm_pipeline_tests.end_to_end.outcome import pending, run_with, statuses
from mm_pipeline_tests.end_to_end.own_server import OwnServer, own_server
from mm_pipeline_tests.end_to_end.small_export import garden, message, write
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS

#: Whoever owns the database may look into its files, where rows that are gone lie until they are swept.
_NOT_HUNTED = "postgres"


@pytest.fixture
def server(session_state: Path) -> Iterator[OwnServer]:
    with own_server(session_state, looks_for_jobs_every_ms=OFTEN_MS) as server:
        yield server


@pytest.fixture
def own_database(postgres: EmbeddedPostgres, canaries: dict[str, str]) -> Iterator[str]:
    """The URL of a database whose owner signs in with a password of his own."""
    name = f"owner_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        role, password = sql.Identifier(name), sql.Literal(canaries["database"])
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    place = postgres.url(name).rpartition("@")[2]
    yield f"postgresql://{name}:{quote(canaries['database'], safe='')}@{place}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(role))
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture
def canaries() -> dict[str, str]:
    """A secret of its own for each place."""
    return {
        "SLACK_TOKEN": f"xoxp-{secrets.randbelow(10**12)}-{secrets.token_hex(8)}",
        "a link of the export": f"xoxe-{secrets.randbelow(10**12)}-{secrets.token_hex(8)}",
        "another link of the export": f"xoxe-{secrets.randbelow(10**12)}-{secrets.token_hex(8)}",
        "database": f"canary/{secrets.token_hex(8)}+pw",
    }


def hunt(canaries: Mapping[str, str], places: Mapping[str, bytes]) -> list[str]:
    """Return where canaries are: "whose in which place", also as URLs write them."""
    return [
        f"{whose} in {where}"
        for where, content in places.items()
        for whose, canary in canaries.items()
        if any(form.encode() in content for form in {canary, quote(canary), quote(canary, safe="")})
    ]


def everything_in(url: str, name: str) -> dict[str, bytes]:
    """Return every table of a database, as text."""
    with psycopg.connect(url) as connection:
        listed = (
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = [sql.Identifier(*found) for found in connection.execute(listed.encode()).fetchall()]
        return {
            f"{name}: {table.as_string()}": repr(
                connection.execute(sql.SQL("SELECT t::text FROM {} t").format(table)).fetchall()
            ).encode()
            for table in tables
        }


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder but the database's own."""
    files = (path for path in folder.rglob("*") if path.is_file() and _NOT_HUNTED not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_no_canary_is_found_but_the_one_that_is_planted(
    server: OwnServer, own_database: str, canaries: dict[str, str], httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/kept.txt").respond_with_data(b"bytes", content_type="text/plain")
    kept = httpserver.url_for(f"/kept.txt?t={canaries['a link of the export']}")
    gone = httpserver.url_for(f"/gone.txt?t={canaries['another link of the export']}")
    files = garden()
    files["garden/2024-05-02.json"] = [
        message(100, "kept", files=[{"id": "F0KEPT", "name": "kept.txt", "size": 5, "url_private": kept, "url_private_download": kept}]),
        message(101, "gone", files=[{"id": "F0GONE", "name": "gone.txt", "size": 5, "url_private": gone}]),
        message(102, f"look: <{gone}|here> or {gone}"),
    ]  # fmt: skip
    state = tmp_path / "state"
    run = Pipeline(
        state,
        write(files, tmp_path / "export.zip"),
        server.running,
        MM_PIPELINE_DATABASE=own_database,
        SLACK_TOKEN=canaries["SLACK_TOKEN"],
        MM_PIPELINE_FILE_HOSTS=f"127.0.0.1:{httpserver.port}",
    )
    canaries["MM_TOKEN"] = server.running.token
    written: dict[str, bytes] = {}

    def keep(name: str, *words: str, **settings: str) -> str:
        ended = run_with(run, words, **settings)
        written[f"{name}: stdout"], written[f"{name}: stderr"] = ended.stdout.encode(), ended.stderr.encode()
        return ended.stdout

    shell = keep("up", "mm-pipeline", "up")
    del written["up: stdout"]  # what a shell needs, the password too: that is its use
    home = dict(line.removeprefix("export ").split("=", 1) for line in shell.splitlines())
    run.environment |= {name: value.strip("'") for name, value in home.items()}
    config = Path(run.environment["DAGSTER_HOME"]) / "dagster.yaml"
    config.write_text(config.read_text().replace("python_log_level: INFO", "python_log_level: DEBUG"))
    keep("cut off", "mm-pipeline", "--verbose", "export", MM_TEAM="nowhere")
    keep("job without its server", *JOB, MM_URL="http://127.0.0.1:9")
    keep("export", "mm-pipeline", "--verbose", "export")
    keep("job", *JOB)
    keep("status", "mm-pipeline", "--verbose", "status")
    assert b" DEBUG " in written["export: stderr"]
    assert b" DEBUG " in written["job: stderr"]
    assert pending(statuses(run)) == 0
    assert statuses(run)["message"]["success"] == 43

    written |= everything_in(own_database, "own database")
    written |= files_below(state)
    assert any("event_logs" in where for where in written)
    theirs = {whose: canary for whose, canary in canaries.items() if whose != "MM_TOKEN"}  # the server has to know it
    hits = hunt(canaries, written) + hunt(theirs, everything_in(server.running.database_url, "server"))
    assert hits == []
    assert stat.S_IMODE(state.stat().st_mode) == 0o700

    (state / "logs.txt").write_text(f"GET /files?t={quote(canaries['SLACK_TOKEN'])}")
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("UPDATE entities SET error_message = %s WHERE slack_id = 'U0ADA'", [canaries["database"]])
    planted = everything_in(own_database, "own database") | files_below(state)
    assert hunt(canaries, planted) == ['database in own database: "public"."entities"', "SLACK_TOKEN in logs.txt"]
