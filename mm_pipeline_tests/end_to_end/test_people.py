"""People as real exports have them, all the way into both servers: who becomes whom, and what is known of each."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from PIL import Image
from psycopg.rows import dict_row
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from mm_pipeline.http import Http
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, statuses
from mm_pipeline_tests.end_to_end.small_export import Files, message, person, write
from mm_pipeline_tests.mattermost.people_of import http_of, new_person
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.push_sink import PushSink
from mm_pipeline_tests.mattermost_server.running import RunningServer

#: Names behind the one bot id of a bridge, as one real export has them.
BRIDGED = 125
GHOSTS = [f"U0GHOST{number:04}" for number in range(300)]
LEFT_AT = 1_690_000_000
DRAWN = "https://secure.gravatar.com/avatar/0a.jpg?s=512&d=https%3A%2F%2Fa.slack-edge.com%2Fava_0007-512.png"


class Hill(NamedTuple):
    """A server with a team of this test's own, and who was there before."""

    run: Pipeline
    http: Http
    rest: Rest
    tail: str
    there: dict[str, Any]
    there_before: tuple[Any, ...]

    def user(self, name: str) -> Any:
        """Return the account of that name, to which every test adds an ending."""
        found = self.http.get_or_none(f"/users/username/{name}-{self.tail}")
        assert found is not None, name
        return found

    def sql(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Ask the server's own database."""
        with psycopg.connect(self.run.server.database_url, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def posts(self) -> list[dict[str, Any]]:
        """Return what people wrote in the team, oldest first."""
        query = """SELECT p.*, u.username FROM posts p JOIN channels c ON c.id = p.channelid JOIN users u ON u.id = p.userid
                   WHERE c.teamid = %s AND p.deleteat = 0 AND p.type = '' ORDER BY p.createat"""
        return self.sql(query, self.rest.team_id)

    def color(self, user: Any) -> Any:
        """Return the colour in the middle of the picture that people see of somebody."""
        with self.http.stream(f"{self.http.base_url}/users/{user['id']}/image") as download:
            return Image.open(io.BytesIO(b"".join(download.chunks))).convert("RGB").getpixel((64, 64))


def picture(color: str, kind: str = "PNG", size: tuple[int, int] = (600, 500)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


def people_of(tail: str, there: dict[str, Any], pictures: str) -> list[dict[str, Any]]:
    """Everybody that the lists of real exports hold."""

    def face(name: str) -> dict[str, Any]:
        return {"avatar_hash": "ab12", "is_custom_image": True, "image_512": f"{pictures}/{name}"}

    fern = face("fern.webp") | {"title": "Keeps the bees", "first_name": "Fern", "last_name": "Ashgrove"}
    return [
        person("U0FERN", f"fern-{tail}", tz="America/Halifax", locale="pt-BR", profile=fern),
        person("U0MOSS", f"moss-{tail}", profile=face("moss.png") | {"email": f"twins-{tail}@people.example"}),
        person("U0REED", f"reed-{tail}", profile={"email": f"TWINS-{tail}@people.example"}),
        person("U0SEDGE", f"sedge-{tail}", profile=face("gone.png") | {"email": None}),
        person("U0DOT", f"dot-{tail}", profile={"email": "dot.@people.example"}),
        person("U0CAPS", f"Caps Lock-{tail}", tz="Nowhere/Else", profile=face("broken.png")),
        person("U0KANJI", f"山田-{tail}", profile={"avatar_hash": "g0a1", "image_512": DRAWN}),
        person("U0ALL", "all", profile={"email": f"all-{tail}@people.example"}),
        person("U0LONG", "x" * 70 + tail, profile={"email": f"long-{tail}@people.example"}),
        person("U0TAKEN", there["username"], profile={"email": f"other-{tail}@people.example"}),
        person("U0BACK", f"somebody-{tail}", tz="Asia/Tokyo", profile=face("fern.webp") | {"email": there["email"]}),
        person("U0GONE", f"gone-{tail}", deleted=True, updated=LEFT_AT),
        person("U0WALT", f"walt-{tail}", is_restricted=True),
        person("U0BOSS", f"boss-{tail}", is_owner=True, is_admin=True),
        person("U0GATE", f"gate-{tail}", is_bot=True, profile=face("gate.png") | {"bot_id": "B0GATE", "email": None}),
    ]


def export_of(tail: str, there: dict[str, Any], pictures: str) -> Files:
    people = people_of(tail, there, pictures)
    listed = [one["id"] for one in people]
    stranger = {"name": f"marit-{tail}", "real_name": "Marit Aas", "avatar_hash": "ff1", "team": "T0OTHER"}
    day = [message(at, f"I am {slack_id}", slack_id) for at, slack_id in enumerate(listed)]
    day += [
        message(50, "Good morning", "USLACKBOT"),
        message(51, "from another workspace", "U0MARIT", user_profile=stranger, team="T0OTHER"),
        message(52, "by nothing but an id", f"U0WROTE{tail.upper()}"),
        message(53, "<@U0ONLYSAID|said> and <@U0NAMELESS> were there", "U0FERN"),
        message(54, "liked", "U0FERN", reactions=[{"name": "tada", "users": [f"U0LIKED{tail.upper()}"], "count": 1}]),
    ]
    bridged = [
        {"type": "message", "subtype": "bot_message", "bot_id": f"B0BRIDGE{tail.upper()}", "username": f"Number {number}",
         "text": f"bridged {number}", "ts": f"{1714560000 + number}.000100"}
        for number in range(BRIDGED)
    ]  # fmt: skip
    return {
        "users.json": people,
        "channels.json": [
            {"id": "C0HILL", "name": f"hill-{tail}", "creator": "U0ONLYMADE", "members": [*listed, *GHOSTS]},
        ],
        f"hill-{tail}/2024-05-01.json": day + bridged,
        "__avatars/U0REED/original.bmp": picture("red", "BMP"),
    }


@pytest.fixture
def pictures(httpserver: HTTPServer) -> str:
    """Slack's avatar host, as the local server plays it."""
    faces = {
        "/fern.webp": picture("lime", "WEBP"),
        "/moss.png": picture("blue", size=(3000, 2500)),
        "/gate.png": picture("red"),
        "/broken.png": b"\x89PNG\r\n\x1a\n nothing",
    }

    def answer(request: Request) -> Response:
        return Response(faces.get(request.path, b""), status=200 if request.path in faces else 404)

    for path in (*faces, "/gone.png"):
        httpserver.expect_request(path).respond_with_handler(answer)
    httpserver.expect_request("/api/emoji.list").respond_with_json({"ok": True, "emoji": {}})
    return httpserver.url_for("").rstrip("/")


@pytest.fixture
def hill(mattermost: RunningServer, team: str, tmp_path: Path, pictures: str, httpserver: HTTPServer) -> Iterator[Hill]:
    http = http_of(mattermost.url, mattermost.token)
    there = new_person(http, "wren")
    tail = team.removeprefix("team-")
    export = write(export_of(tail, there, pictures), tmp_path / "export.zip")
    run = Pipeline(
        *(tmp_path / "state", export, mattermost),
        MM_TEAM=team,
        SLACK_TOKEN="-".join(("xoxb", "of", "the", "hill")),
        SLACK_API_URL=f"{pictures}/api",
        MM_PIPELINE_FILE_HOSTS=f"{httpserver.host}:{httpserver.port}",
        MM_EMAIL_DOMAIN=f"{tail}.invalid",
    )
    hill = Hill(run, http, Rest(http, team), tail, there, ())
    yield hill._replace(there_before=_of_account(hill))
    run.down()
    http.close()


def _of_account(hill: Hill) -> tuple[Any, ...]:
    """Return all that must stay of the account that was there."""
    (row,) = hill.sql("SELECT * FROM users WHERE id = %s", hill.there["id"])
    return tuple(sorted((name, str(value)) for name, value in row.items() if name != "updateat"))


def test_everybody_of_an_export_becomes_who_they_are(
    hill: Hill, mail_sink: MailSink, push_sink: PushSink, httpserver: HTTPServer
) -> None:
    ended = hill.run.call(*EXPORT)
    assert ended.returncode == 0, ended.stderr[-3000:]
    counts = statuses(hill.run)
    assert {state: sum(of[state] for of in counts.values()) for state in ("pending", "failed", "skipped")} == {
        "pending": 0,
        "failed": 0,
        "skipped": 0,
    }
    tail, domain = hill.tail, f"{hill.tail}.invalid"

    # Name, title, language, time zone, picture.
    fern = hill.user("fern")
    assert [fern[name] for name in ("first_name", "last_name", "nickname", "position", "locale", "email")] == [
        *("Fern", "Ashgrove", f"fern-{tail}", "Keeps the bees", "pt-BR", f"fern-{tail}@people.example")
    ]
    assert fern["timezone"] == {
        "useAutomaticTimezone": "true",
        "automaticTimezone": "America/Halifax",
        "manualTimezone": "",
    }
    assert hill.color(fern)[1] > 240

    # Two of one address, no address, an invalid one: everybody is there, and mail reaches whom it should.
    moss, reed = hill.user("moss"), hill.user("reed")
    assert {moss["email"], reed["email"]} == {f"twins-{tail}@people.example", f"u0reed@{domain}"}
    assert (hill.color(moss), hill.color(reed)) == ((0, 0, 255), (255, 0, 0))
    assert hill.user("sedge")["email"] == f"u0sedge@{domain}"
    assert hill.user("dot")["email"] == f"u0dot@{domain}"

    # Names that Mattermost refuses, and one that is somebody else's.
    said = {post["message"]: post["username"] for post in hill.posts()}
    assert said["I am U0CAPS"] == f"caps-lock-{tail}"
    assert said["I am U0KANJI"].startswith("slack-u0kanji")
    assert said["I am U0ALL"].startswith("all-")
    assert said["I am U0LONG"].startswith("x" * 60)
    assert len(said["I am U0LONG"]) == 64
    assert said["I am U0TAKEN"] == f"{hill.there['username']}-2"
    # The one who was there is met by the address, and only added to.
    assert said["I am U0BACK"] == hill.there["username"]
    assert _of_account(hill) == hill.there_before

    gone = hill.user("gone")
    assert gone["delete_at"] == LEFT_AT * 1000
    assert hill.user("walt")["roles"] == "system_user"
    assert hill.user("boss")["roles"] == "system_user"
    gate = hill.user("gate")
    assert gate["is_bot"]
    assert hill.color(gate) == (255, 0, 0)

    # Slackbot, somebody of another workspace, and ids of which nothing is known but that they wrote or reacted.
    authors = {one["username"]: one for one in hill.http.post("/users/usernames", sorted(set(said.values())))}
    assert authors[said["Good morning"]]["is_bot"]
    marit = authors[said["from another workspace"]]
    assert (marit["username"], marit["first_name"], marit["last_name"]) == (f"marit-{tail}", "Marit", "Aas")
    assert said["by nothing but an id"] == f"slack-u0wrote{tail}"
    assert hill.http.get(f"/users/username/slack-u0liked{tail}")["email"] == f"u0liked{tail}@{domain}"
    reactors = hill.sql(
        "SELECT u.username FROM reactions r JOIN users u ON u.id = r.userid JOIN channels c ON c.id = r.channelid "
        "WHERE c.teamid = %s",
        hill.rest.team_id,
    )
    assert [one["username"] for one in reactors] == [f"slack-u0liked{tail}"]
    # Who is only mentioned is a name in the text; who is only a member or creator, a line in the report.
    assert "said and U0NAMELESS were there" in said
    ids = [one.lower() for one in (*GHOSTS, "U0ONLYMADE", "U0ONLYSAID", "U0NAMELESS")]
    assert not hill.sql("SELECT username FROM users WHERE username ~ %s", "|".join(ids))
    told = hill.run.call("mm-pipeline", "status").stdout
    assert "Of 301 people nothing is known but the id" in told
    assert "(U0GHOST0000, U0GHOST0001, U0GHOST0002, U0GHOST0003, U0GHOST0004, ...)" in told

    # A bridge: one account, and for the reader as many names as there were.
    bridged = [post for post in hill.posts() if post["message"].startswith("bridged ")]
    assert len({post["userid"] for post in bridged}) == 1
    assert [post["props"]["override_username"] for post in bridged] == [f"Number {n}" for n in range(BRIDGED)]

    # Nobody heard of it, and nobody but Slack's own host was asked.
    assert mail_sink.mails == []
    assert [push for push in push_sink.pushes if push.get("type") not in {"clear", "update_badge"}] == []
    asked = sorted(request.path for request, _ in httpserver.log if not request.path.startswith("/api/"))
    assert asked == ["/broken.png", "/fern.webp", "/gate.png", "/gone.png", "/moss.png"]


def test_an_archive_carries_the_pictures_too(
    mattermost_11_4: RunningServer, tmp_path: Path, pictures: str, httpserver: HTTPServer
) -> None:
    there = {"username": "wren", "email": "wren@people.example"}
    export = write(export_of("ark", there, pictures), tmp_path / "export.zip")
    run = Pipeline(
        *(tmp_path / "state", export, mattermost_11_4),
        SLACK_TOKEN="-".join(("xoxb", "of", "the", "hill")),
        SLACK_API_URL=f"{pictures}/api",
        MM_PIPELINE_FILE_HOSTS=f"{httpserver.host}:{httpserver.port}",
    )
    try:
        written = run.call("mm-pipeline", "archive", "--output", str(tmp_path / "ark.zip"))
        assert written.returncode == 0, written.stderr
    finally:
        run.down()
    with zipfile.ZipFile(tmp_path / "ark.zip") as archive:
        lines = [json.loads(line) for line in archive.read("import.jsonl").splitlines()]
        faces = {
            line["user"]["username"]: line["user"].get("profile_image") for line in lines if line["type"] == "user"
        }
        named = {name: path for name, path in faces.items() if path}
        assert set(named) == {"fern-ark", "moss-ark", "reed-ark", "gate-ark", "somebody-ark"}
        sizes = {Image.open(io.BytesIO(archive.read(f"data/{path}"))).size for path in named.values()}
        assert sizes == {(128, 128)}


def test_the_plan_says_what_will_be_otherwise_and_asks_slack_for_no_picture(hill: Hill, httpserver: HTTPServer) -> None:
    planned = hill.run.call("mm-pipeline", "plan")
    assert planned.returncode == 0, planned.stderr
    assert "guest in Slack: becomes a member with the same channels" in planned.stdout
    assert "EnablePostUsernameOverride" not in planned.stdout + planned.stderr
    assert not [request for request, _ in httpserver.log if request.path.endswith((".png", ".webp"))]
