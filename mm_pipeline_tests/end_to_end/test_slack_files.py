"""What an export only links to comes from Slack: a stand-in serves files and emoji to whoever shows the token."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.small_export import message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

TOKEN = "-".join(("xoxb", "stand", "in", "0123456789"))
_FILES = """
SELECT p.message, f.name, f.size, f.path FROM posts p JOIN fileinfo f ON f.postid = p.id JOIN channels c ON c.id = p.channelid
JOIN teams t ON t.id = c.teamid WHERE t.name = %s AND p.deleteat = 0 AND f.deleteat = 0 ORDER BY p.createat, f.name
"""
_POSTS = """
SELECT p.message FROM posts p JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid
WHERE t.name = %s AND p.deleteat = 0 AND p.type = '' ORDER BY p.createat
"""
_LOSE_FILES = """
UPDATE fileinfo SET postid = '' FROM posts p, channels c, teams t
WHERE p.id = fileinfo.postid AND c.id = p.channelid AND t.id = c.teamid AND t.name = %s AND p.message NOT IN ('many', '')
"""


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(out, "PNG")
    return out.getvalue()


class Slack:
    """Slack, as far as files and emoji go. Counts the requests that came without the token."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.url = server.url_for("")
        self.host = f"{server.host}:{server.port}"
        self.contents: dict[str, bytes] = {}
        self.strangers = 0
        emoji = {"heron": f"{self.url}/emoji/heron.png", "egret": "alias:heron"}
        self.contents["/emoji/heron.png"] = picture()
        self.contents["/api/emoji.list"] = json.dumps({"ok": True, "emoji": emoji}).encode()
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def file(self, file_id: str, content: bytes) -> dict[str, Any]:
        """Keep a file, and return what an export says of it."""
        path = f"/files-pri/T0FERN-{file_id}/{file_id.lower()}.txt"
        self.contents[path] = content
        return {
            "id": file_id,
            "name": f"{file_id.lower()}.txt",
            "mimetype": "text/plain",
            "filetype": "text",
            "mode": "hosted",
            "size": len(content),
            "url_private": f"{self.url}{path}",
            "user": "U0ADA",
        }

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}" and not request.path.startswith("/emoji/"):
            self.strangers += 1
            return Response("<html>sign in</html>", status=403, content_type="text/html")
        kind = "application/json" if request.path.startswith("/api/") else "application/octet-stream"
        return Response(self.contents[request.path], content_type=kind)


@pytest.fixture
def slack(httpserver: HTTPServer) -> Slack:
    return Slack(httpserver)


def pond(slack: Slack, tag: str) -> dict[str, Any]:
    """Three people, a channel, a message with a file, a reply with one, one with a file of the export's own, one with twelve."""
    day = [
        message(0, "the map", files=[slack.file("F0MAP", b"a map of the pond")]),
        message(1, "where :heron: stood", "U0BEN", reactions=[{"name": "heron", "users": ["U0ADA"], "count": 1}]),
        message(2, "and its depth", "U0BEN", files=[slack.file("F0DEPTH", b"two metres " * 400)]),
        message(3, "many", files=[slack.file(f"F0MANY{number:02}", b"x" * (100 + number)) for number in range(12)]),
        message(4, "kept", files=[slack.file("F0KEPT", b"in the export"), slack.file("F0TOO", b"not in it")]),
    ]
    day[0]["thread_ts"] = day[2]["thread_ts"] = day[0]["ts"]
    people = ["U0ADA", "U0BEN"]
    return {
        "users.json": [person("U0ADA", f"ada-{tag}"), person("U0BEN", f"ben-{tag}")],
        "channels.json": [{"id": "C0POND", "name": "pond", "creator": "U0ADA", "members": people}],
        "pond/2024-05-01.json": day,
        "__uploads/F0KEPT/f0kept.txt": b"in the export",
    }


@pytest.fixture
def run(tmp_path: Path, slack: Slack, mattermost_11_4: RunningServer) -> Iterator[Pipeline]:
    export = write(pond(slack, "late"), tmp_path / "export.zip")
    made = Pipeline(tmp_path / "state", export, mattermost_11_4, MM_TEAM=mattermost_11_4.create_team())
    yield made
    made.down()


def with_slack(run: Pipeline, slack: Slack, token: str = TOKEN) -> None:
    run.environment |= {"SLACK_TOKEN": token, "SLACK_API_URL": f"{slack.url}/api", "MM_PIPELINE_FILE_HOSTS": slack.host}


def rows(run: Pipeline, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(run.server.database_url) as connection:
        return connection.execute(query.encode(), (run.environment["MM_TEAM"],)).fetchall()


def files_of(run: Pipeline) -> dict[str, bytes]:
    return {name: (run.server.files / path).read_bytes() for _, name, _, path in rows(run, _FILES)}


def expected(slack: Slack) -> dict[str, bytes]:
    return {path.rpartition("/")[2]: data for path, data in slack.contents.items() if path.startswith("/files-pri")}


def assert_complete(run: Pipeline, slack: Slack) -> None:
    """Every file with its bytes, both emoji, each message once and without a note on missing files."""
    status = run.status()
    assert (status["attachment"]["success"], status["custom_emoji"]["success"], run.total("skipped")) == (16, 2, 0)
    assert files_of(run) == expected(slack)
    assert "heron" in {emoji["name"] for emoji in run.server.call("GET", "/emoji?per_page=200")}
    # One more post than messages: files beyond ten.
    posts = [text for (text,) in rows(run, _POSTS)]
    assert posts == ["the map", "where :heron: stood", "and its depth", "many", "", "kept"]


def lose_files(run: Pipeline) -> None:
    """Leave it as a server that dies in the middle of a job: posts are there, their files hang on none, nothing is marked."""
    with psycopg.connect(run.server.database_url) as server:
        lost = server.execute(_LOSE_FILES.encode(), (run.environment["MM_TEAM"],)).rowcount
    assert lost == 4
    ours = EmbeddedPostgres(Path(run.environment["MM_PIPELINE_STATE"]) / "postgres").url("mm_pipeline")
    with psycopg.connect(ours) as database:
        database.execute("UPDATE derived_posts SET mattermost_id = NULL")
        database.execute(
            """UPDATE entities SET status = 'pending', mattermost_id = NULL, origin = NULL, sent_hash = NULL
               WHERE entity_type IN ('message', 'attachment', 'reaction')"""
        )


def test_files_that_were_refused_then_skipped_join_their_messages_once_the_token_is_right(
    run: Pipeline, slack: Slack
) -> None:
    with_slack(run, slack, token="-".join(("xoxb", "wrong", "0123456789")))
    first = run.call("mm-pipeline", "export")
    assert first.returncode == 1
    assert "Traceback" not in first.stderr
    status = run.status()
    assert (status["message"]["success"], status["attachment"]["failed"]) == (5, 15)
    assert all("SLACK_TOKEN must be valid" in reason for reason in status["attachment"]["reasons"])
    assert set(files_of(run)) == {"f0kept.txt"}
    assert "not part of the export" in rows(run, _POSTS)[0][0]
    with_slack(run, slack, token="")
    assert "15 rows" in run.call("mm-pipeline", "retry").stdout
    assert run.call("mm-pipeline", "export").returncode == 0
    status = run.status()
    assert status["attachment"]["skipped"] == 15
    assert all("mm-pipeline retry" in reason for reason in status["attachment"]["reasons"])
    strangers = slack.strangers
    with_slack(run, slack)
    run.call("mm-pipeline", "retry")
    last = run.call("mm-pipeline", "export")
    assert last.returncode == 0, last.stderr
    assert slack.strangers == strangers
    assert_complete(run, slack)
    before = traces(run.server)
    assert run.call("mm-pipeline", "export").returncode == 0
    assert traces(run.server) == before


def test_with_the_token_from_the_start_everything_comes_with_its_message(run: Pipeline, slack: Slack) -> None:
    with_slack(run, slack)
    ended = run.export()
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert TOKEN not in ended.stdout + ended.stderr
    assert slack.strangers == 0
    assert_complete(run, slack)

    lose_files(run)
    assert run.call("mm-pipeline", "export").returncode == 0
    assert_complete(run, slack)
