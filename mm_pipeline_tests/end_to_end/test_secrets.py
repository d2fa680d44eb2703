"""A canary in each place that holds a secret, runs at DEBUG, and a hunt through everything that was written."""

import io
import secrets
import stat
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from PIL import Image
from psycopg import sql
from pytest_httpserver import HTTPServer

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline_tests.end_to_end.hunt import arguments, everything_in, files_below, hunt
from mm_pipeline_tests.end_to_end.migrated import BIN, JOB, ROOT, Pipeline
from mm_pipeline_tests.end_to_end.outcome import pending, statuses
from mm_pipeline_tests.end_to_end.own_server import OwnServer, own_server
from mm_pipeline_tests.end_to_end.small_export import Files, garden, message, person, write
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS

#: Places of an export in which Slack's links carry a token.
LINKS = (
    "file",
    "file that is gone",
    "file whose host has no certificate",
    "text",
    "address in an address",
    "picture",
    "emoji",
    "topic",
    "card",
)


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
        "a wrong MM_TOKEN": secrets.token_hex(13),
        "badly written": secrets.token_hex(8),
        "database": f"canary/{secrets.token_hex(8)}+pw",
        **{place: f"xoxe-{secrets.randbelow(10**12)}-{secrets.token_hex(8)}" for place in LINKS},
    }


def export_of(canaries: dict[str, str], slack: str) -> Files:
    """Return an export each of whose links carries a token of its own. `slack`: host and port in Slack's place."""

    def link(place: str, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{slack}/{path}?t={canaries[place]}"

    def file(place: str, name: str, scheme: str = "http") -> dict[str, object]:
        return {
            "id": f"F0{name.upper()}",
            "name": f"{name}.txt",
            "size": 5,
            "url_private": link(place, f"{name}.txt", scheme),
        }

    files = garden()
    files["users.json"].append(
        person("U0DORA", "dora", profile={"image_512": link("picture", "dora.png"), "is_custom_image": True})
    )
    files["channels.json"][0]["topic"] = {"value": f"plans: <{link('topic', 'plans')}|here>"}
    files["emoji.json"] = {"fern": link("emoji", "fern.png")}
    within = quote(link("address in an address", "inner"), safe="")
    files["garden/2024-05-02.json"] = [
        message(100, "kept", files=[file("file", "kept")]),
        message(101, "gone", files=[file("file that is gone", "gone")]),
        message(102, "away", files=[file("file whose host has no certificate", "away", "https")]),
        message(103, f"look: <{link('text', 'text')}|here> or {link('text', 'text')} :fern:"),
        message(104, f"<https://a.example/?to={within}>", "U0DORA"),
        message(
            105, "card", attachments=[{"title": "t", "title_link": link("card", "t"), "image_url": link("card", "i")}]
        ),
    ]
    return files


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "green").save(out, "PNG")
    return out.getvalue()


def test_no_canary_is_found_but_those_that_are_planted(
    server: OwnServer,
    own_database: str,
    postgres: EmbeddedPostgres,
    canaries: dict[str, str],
    httpserver: HTTPServer,
    tmp_path: Path,
) -> None:
    slack = f"{httpserver.host}:{httpserver.port}"
    answer = {"ok": False, "error": f"{canaries['SLACK_TOKEN']} is not valid"}
    httpserver.expect_request("/api/emoji.list").respond_with_json(answer)
    httpserver.expect_request("/gone.txt").respond_with_data(b"gone", 404)
    httpserver.expect_request("/kept.txt").respond_with_data(b"bytes", content_type="text/plain")
    for name in ("dora", "fern"):
        httpserver.expect_request(f"/{name}.png").respond_with_data(picture(), content_type="image/png")
    state = tmp_path / "state"
    run = Pipeline(
        state,
        write(export_of(canaries, slack), tmp_path / "export.zip"),
        server.running,
        MM_PIPELINE_DATABASE=own_database,
        SLACK_TOKEN=canaries["SLACK_TOKEN"],
        SLACK_API_URL=f"http://{slack}/api",
        MM_PIPELINE_FILE_HOSTS=slack,
    )
    written: dict[str, bytes] = {}

    def keep(name: str, *words: str, **settings: str) -> str:
        # As a program of its own: what stands in its arguments everybody on the machine can read.
        command, environment = [str(BIN / words[0]), *words[1:]], run.environment | settings
        ended = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        written[f"{name}: stdout"], written[f"{name}: stderr"] = ended.stdout.encode(), ended.stderr.encode()
        return ended.stdout

    def hits() -> list[str]:
        everything = written | everything_in(own_database, "own database") | files_below(state)
        everything |= {path.name: path.read_bytes() for path in postgres.folder.rglob("*.log")}
        on_server = everything_in(server.running.database_url, "server") | files_below(server.running.files.parent)
        mine = {**canaries, "MM_TOKEN": server.running.token}
        theirs = {whose: canary for whose, canary in canaries.items() if not whose.endswith("MM_TOKEN")}
        # Its own token the server has to know, and one that it refuses it writes into its log.
        return sorted(hunt(mine, everything) + hunt(theirs, on_server))

    with arguments() as seen:
        shell = keep("up", "mm-pipeline", "up")
        del written["up: stdout"]  # what a shell needs, the password too: that is its use
        home = dict(line.removeprefix("export ").split("=", 1) for line in shell.splitlines())
        run.environment |= {name: value.strip("'") for name, value in home.items()}
        config = Path(run.environment["DAGSTER_HOME"]) / "dagster.yaml"
        said = config.read_text().replace("python_log_level: INFO", "python_log_level: DEBUG")
        config.write_text(said.replace("[mm_pipeline]", "[root]"))  # what urllib3 and others say, too
        terminal, job = ("mm-pipeline", "--verbose", "export"), JOB
        away = f"{own_database.rpartition('@')[0]}@127.0.0.1:9/away"
        no_address = f"postgresql://owner:{canaries['badly written']} @127.0.0.1:9/x"
        with ThreadPoolExecutor(2) as pool:
            pool.submit(keep, "no such team", *terminal, MM_TEAM="nowhere")
            pool.submit(keep, "no address of a database", *terminal, MM_PIPELINE_DATABASE=no_address)
            pool.submit(keep, "wrong token", *job, MM_TOKEN=canaries["a wrong MM_TOKEN"])
            pool.submit(keep, "server away", *job, MM_URL="http://127.0.0.1:9")
            pool.submit(keep, "database away", *job, MM_PIPELINE_DATABASE=away)
        assert b"refuses MM_TOKEN" in written["wrong token: stderr"]
        assert b"PostgreSQL is not to be reached" in written["database away: stderr"]
        keep("stage", "mm-pipeline", "--verbose", "stage")
        assert hits() == [
            f'{place} in own database: "public"."export_tokens"' for place in sorted(LINKS)
        ]  # until `finish`

        keep("archive", "mm-pipeline", "--verbose", "archive", "--output", str(state / "archive.zip"))
        keep("plan", "mm-pipeline", "--verbose", "plan", "--csv", str(state / "plan.csv"))
        keep("export", "mm-pipeline", "--verbose", "export")
        keep("job", *JOB)
        keep("status", "mm-pipeline", "--verbose", "status")
        keep("report", "mm-pipeline", "--verbose", "report", "--output", str(state / "report written again"))
    written["arguments"] = b"\n".join(seen)
    assert b"mm-pipeline" in written["arguments"]
    assert b" DEBUG " in written["job: stderr"]
    became = statuses(run)
    assert pending(became) == 0
    success = {kind: counts["success"] for kind, counts in became.items()}
    assert (success["message"], success["attachment"], success["custom_emoji"]) == (46, 1, 1)
    assert {"/dora.png", "/fern.png", "/gone.txt"} <= {request.path for request, _ in httpserver.log}
    reports = list(state.rglob("report.html"))
    assert len(reports) == 2
    assert all("seed number 0" in page.read_text() for page in reports)
    assert hits() == []
    assert stat.S_IMODE(state.stat().st_mode) == 0o700

    (state / "logs.txt").write_text(f"GET /files?t={quote(canaries['SLACK_TOKEN'])}")
    (state / "header.txt").write_bytes(b64encode(f"owner:{canaries['database']}".encode()))
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("UPDATE entities SET error_message = %s WHERE slack_id = 'U0ADA'", [canaries["database"]])
    assert hits() == [
        "SLACK_TOKEN in logs.txt",
        "database in header.txt",
        'database in own database: "public"."entities"',
    ]
