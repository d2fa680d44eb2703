"""The checker against a real server: green on a right state, and red, in the right class, for each thing planted wrong.

Everything is planted in a transaction that is rolled back.
"""

import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg
import pytest

from mm_pipeline_tests.checker import check
from mm_pipeline_tests.checker.findings import Cause, explained
from mm_pipeline_tests.checker.garden import PLAN, Garden
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

JOB_SECONDS = 90
NOW = "(extract(epoch FROM now()) * 1000)::bigint"


class Migrated:
    """The tiny export, and the team into which its archive went."""

    def __init__(self, garden: Garden, export: Path, database_url: str, began_at: int) -> None:
        self.garden = garden
        self.export = export
        self.database_url = database_url
        self.began_at = began_at

    def kinds(self, connection: psycopg.Connection[Any], **more: Any) -> set[str]:
        """Check, and return the classes of what was found."""
        return {finding.kind for finding in check(self.export, connection, self.garden.team, **more)}


@pytest.fixture(scope="module")
def migrated(mattermost: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    garden = Garden(secrets.token_hex(4))
    began_at = int(time.time() * 1000)
    mattermost.create_team(garden.team)
    for bot in garden.bots:
        mattermost.call("POST", "/bots", {"username": bot})
    run_import(mattermost, garden.archive())
    if mattermost.version == "9.9":
        run_import(mattermost, garden.archive_of_lost_reactions())
    for name in ("alice", "bob", "carol"):
        mark_everything_read(mattermost, f"{name}.{garden.mark}")
    export = garden.write_export(tmp_path_factory.mktemp("export"))
    return Migrated(garden, export, mattermost.database_url, began_at)


def run_import(server: RunningServer, archive: bytes) -> None:
    """Send an archive through the server's own import job, and wait for its end."""
    me = server.call("GET", "/users/me")["id"]
    size = len(archive)
    upload = server.call(
        "POST", "/uploads", {"type": "import", "filename": "garden.zip", "file_size": size, "user_id": me}
    )["id"]
    request = Request(f"{server.url}/api/v4/uploads/{upload}", archive, {"Authorization": f"Bearer {server.token}"})
    with urlopen(request) as answer:
        assert answer.status == HTTPStatus.OK
    wanted = {"type": "import_process", "data": {"import_file": f"{upload}_garden.zip"}}
    job = server.call("POST", "/jobs", wanted)
    deadline = time.monotonic() + JOB_SECONDS
    while job["status"] in {"pending", "in_progress"} and time.monotonic() < deadline:
        time.sleep(0.5)
        job = server.call("GET", f"/jobs/{job['id']}")
    assert job["status"] == "success", job


def mark_everything_read(server: RunningServer, username: str) -> None:
    user_id = server.call("GET", f"/users/username/{username}")["id"]
    with psycopg.connect(server.database_url) as connection:
        found = connection.execute("SELECT channelid FROM channelmembers WHERE userid = %s", [user_id])
        channels = [row[0] for row in found.fetchall()]
    server.call("POST", f"/channels/members/{user_id}/mark_read", channels)


@pytest.fixture
def connection(migrated: Migrated) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the server's database that forgets what is planted through it."""
    with psycopg.connect(migrated.database_url) as connection:
        yield connection
        connection.rollback()


def the_post(said: str) -> str:
    """The post of this team, or of its people's direct channels, that holds these words."""
    return (
        "(SELECT posts.id FROM posts JOIN users ON users.id = posts.userid"
        f" WHERE posts.message LIKE '%%{said}%%' AND users.username LIKE '%%.' || %(mark)s)"
    )


def the_user(name: str) -> str:
    return f"(SELECT id FROM users WHERE username = '{name}.' || %(mark)s)"


def the_channel(name: str) -> str:
    return (
        f"(SELECT id FROM channels WHERE name = '{name}'"
        " AND teamid = (SELECT id FROM teams WHERE name = 'garden-' || %(mark)s))"
    )


COPIED = "createat, updateat, editat, deleteat, ispinned, userid, channelid, rootid, originalid, message, type, props"


def copy_of(said: str, **changed: str) -> str:
    """A second row of a post, with other values (SQL) in some columns."""
    values = ", ".join(changed.get(column, column) for column in COPIED.split(", "))
    return f"INSERT INTO posts (id, {COPIED}) SELECT reverse(id), {values} FROM posts WHERE id = {the_post(said)}"


#: What is planted, and the classes it must be found in.
WRONGS: dict[str, tuple[str, set[str]]] = {
    "a wrong author": (
        f"UPDATE posts SET userid = {the_user('bob')} WHERE id = {the_post('see the plan')}",
        {"author"},
    ),
    "a lost message": (f"DELETE FROM posts WHERE id = {the_post('first of two')}", {"missing"}),
    "a lost reply": (f"DELETE FROM posts WHERE id = {the_post('Rows **two**')}", {"missing", "thread"}),
    "a deleted reply": (f"UPDATE posts SET deleteat = 5 WHERE id = {the_post('Rows **two**')}", {"missing", "thread"}),
    "a lost direct message": (f"DELETE FROM posts WHERE id = {the_post('only for you')}", {"missing"}),
    "a dropped word": (f"UPDATE posts SET message = 'Rows **two**' WHERE id = {the_post('Rows **two**')}", {"word"}),
    "a dropped word of a card": (
        f"UPDATE posts SET props = props - 'attachments' WHERE id = {the_post('rain')}",
        {"word"},
    ),
    "a mention of somebody else": (
        f"UPDATE posts SET message = replace(message, '@bob', '@alice') WHERE id = {the_post('Good morn')}",
        {"word"},
    ),
    "a dropped name of a bot": (
        f"UPDATE posts SET props = props - 'override_username' WHERE id = {the_post('rain')}",
        {"author"},
    ),
    "a shifted time": (f"UPDATE posts SET createat = createat + 1 WHERE id = {the_post('see the plan')}", {"time"}),
    "a rounded time": (
        f"UPDATE posts SET createat = createat - 3 WHERE id = {the_post('Rows **two**')}",
        {"time", "thread"},
    ),
    "the order lost": (f"UPDATE posts SET createat = 1700000030000 WHERE id = {the_post('second of two')}", {"time"}),
    "another channel": (
        f"UPDATE posts SET channelid = {the_channel('kitchen')} WHERE id = {the_post('second of two')}",
        {"place"},
    ),
    "a reply made a root": (f"UPDATE posts SET rootid = '' WHERE id = {the_post('Rows **two**')}", {"root", "thread"}),
    "a reply under another root": (
        f"UPDATE posts SET rootid = {the_post('see the plan')} WHERE id = {the_post('what did you')}",
        {"root", "thread"},
    ),
    "a reply to a lost root made a root": (
        f"UPDATE posts SET rootid = '' WHERE id = {the_post('to an old question')}",
        {"root", "extra"},
    ),
    "a pin lost": (f"UPDATE posts SET ispinned = false WHERE id = {the_post('Good morn')}", {"pinned"}),
    "a pin too many": (f"UPDATE posts SET ispinned = true WHERE id = {the_post('see the plan')}", {"pinned"}),
    "an edited mark lost": (f"UPDATE posts SET editat = 0 WHERE id = {the_post('late frost')}", {"edited"}),
    "a lost reaction": (f"DELETE FROM reactions WHERE postid = {the_post('Rows **two**')}", {"reaction"}),
    "a reaction without its tone": (
        f"UPDATE reactions SET emojiname = '+1' WHERE postid = {the_post('Good morn')} AND emojiname LIKE '+1%%'",
        {"reaction"},
    ),
    "a reaction by somebody else": (
        f"UPDATE reactions SET userid = {the_user('carol')} WHERE postid = {the_post('Rows **two**')}",
        {"reaction"},
    ),
    "a lost file": (f"DELETE FROM fileinfo WHERE postid = {the_post('see the plan')}", {"file"}),
    "a shorter file": (f"UPDATE fileinfo SET size = 3 WHERE postid = {the_post('see the plan')}", {"file"}),
    "a renamed file": (f"UPDATE fileinfo SET name = 'F1_.txt' WHERE postid = {the_post('see the plan')}", {"file"}),
    "a file that the post does not list": (
        f"UPDATE posts SET fileids = '[]' WHERE id = {the_post('see the plan')}",
        {"file"},
    ),
    "a file without bytes that nothing names": (
        f"UPDATE posts SET message = 'something' WHERE id = {the_post('roses in june')}",
        {"file"},
    ),
    "a doubled post": (copy_of("see the plan"), {"double"}),
    "a post doubled later": (copy_of("see the plan", createat="createat + 60000"), {"double"}),
    "a post too many": (copy_of("see the plan", createat="1700000500000", message="'made up'"), {"extra"}),
    "a join notice of the import": (
        copy_of("see the plan", createat=NOW, message="'added'", type="'system_add_to_channel'"),
        {"notice"},
    ),
    "a wrong kind of channel": (f"UPDATE channels SET type = 'O' WHERE id = {the_channel('kitchen')}", {"kind"}),
    "a channel not archived": (f"UPDATE channels SET deleteat = 0 WHERE id = {the_channel('kitchen')}", {"archived"}),
    "a lost topic": (f"UPDATE channels SET header = 'Ask' WHERE id = {the_channel('beds')}", {"header"}),
    "a lost purpose": (f"UPDATE channels SET purpose = '' WHERE id = {the_channel('beds')}", {"purpose"}),
    "an extra member": (
        "INSERT INTO channelmembers (channelid, userid, msgcount, msgcountroot, mentioncount)"
        f" SELECT id, {the_user('carol')}, totalmsgcount, totalmsgcountroot, 0 FROM channels"
        f" WHERE id = {the_channel('kitchen')}",
        {"member"},
    ),
    "a lost member": (
        f"DELETE FROM channelmembers WHERE channelid = {the_channel('beds')} AND userid = {the_user('carol')}",
        {"member"},
    ),
    "a channel unread": (
        f"UPDATE channelmembers SET msgcount = msgcount - 1 WHERE userid = {the_user('bob')}",
        {"unread"},
    ),
    "a mention unread": (f"UPDATE channelmembers SET mentioncount = 1 WHERE userid = {the_user('bob')}", {"unread"}),
    "a thread unread": (
        "INSERT INTO threadmemberships (postid, userid, following, lastviewed, lastupdated, unreadmentions)"
        f" VALUES ({the_post('Good morn')}, {the_user('alice')}, true, 0, 0, 0)",
        {"unread"},
    ),
    "somebody deactivated": (f"UPDATE users SET deleteat = 7 WHERE id = {the_user('bob')}", {"person"}),
    "somebody still active": (f"UPDATE users SET deleteat = 0 WHERE id = {the_user('carol')}", {"person"}),
    "a bot that is a person": (f"DELETE FROM bots WHERE userid = {the_user('rain')}", {"bot"}),
    "a lost emoji": ("UPDATE emoji SET deleteat = 7 WHERE name = 'rose_' || %(mark)s", {"emoji"}),
}


def test_a_right_state_has_no_findings(migrated: Migrated) -> None:
    assert check(migrated.export, migrated.database_url, migrated.garden.team) == []


def test_a_zip_is_read_like_its_folder(migrated: Migrated, tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "export"), "zip", migrated.export)
    assert check(packed, migrated.database_url, migrated.garden.team) == []


@pytest.mark.parametrize(("planted", "expected"), WRONGS.values(), ids=WRONGS)
def test_what_is_planted_is_found_in_its_class(
    migrated: Migrated, connection: psycopg.Connection[Any], planted: str, expected: set[str]
) -> None:
    assert connection.execute(planted, {"mark": migrated.garden.mark}).rowcount > 0, "nothing was planted"
    assert migrated.kinds(connection) == expected


def test_an_account_gone_is_a_person_missing(migrated: Migrated, connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        f"UPDATE users SET username = 'x', email = 'x@x', firstname = '', nickname = '' WHERE id = {the_user('bob')}",
        {"mark": migrated.garden.mark},
    )
    assert "person" in migrated.kinds(connection)


def test_a_channel_gone_loses_its_messages_too(migrated: Migrated, connection: psycopg.Connection[Any]) -> None:
    mark = {"mark": migrated.garden.mark}
    connection.execute(f"DELETE FROM posts WHERE channelid = {the_channel('kitchen')}", mark)
    connection.execute(f"DELETE FROM channels WHERE id = {the_channel('kitchen')}", mark)
    assert migrated.kinds(connection) == {"channel", "missing"}


def test_a_channel_too_many_is_found(migrated: Migrated, connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "INSERT INTO channels (id, createat, updateat, deleteat, teamid, type, displayname, name)"
        " SELECT 'strangechannel', 1, 1, 0, id, 'O', 'Strange', 'strange' FROM teams WHERE name = %s",
        [migrated.garden.team],
    )
    assert migrated.kinds(connection) == {"channel"}
    assert migrated.kinds(connection, since_ms=migrated.began_at) == set(), "it was there before"


def test_the_bytes_in_the_file_store_count(
    migrated: Migrated, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    mark = {"mark": migrated.garden.mark}
    row = connection.execute(f"SELECT path FROM fileinfo WHERE postid = {the_post('see the plan')}", mark).fetchone()
    assert row is not None
    stored = tmp_path / row[0]
    assert migrated.kinds(connection, files=tmp_path) == {"file"}
    stored.parent.mkdir(parents=True)
    stored.write_bytes(PLAN)
    assert migrated.kinds(connection, files=tmp_path) == set()
    stored.write_bytes(PLAN.upper())
    assert migrated.kinds(connection, files=tmp_path) == {"file"}


def test_an_exception_explains_its_message_alone(migrated: Migrated, connection: psycopg.Connection[Any]) -> None:
    mark = {"mark": migrated.garden.mark}
    connection.execute(f"DELETE FROM posts WHERE id IN ({the_post('first of two')}, {the_post('late frost')})", mark)
    found = check(migrated.export, connection, migrated.garden.team)
    known = Cause(channel="beds", ts="1700000030.000100", cause="the garden cat ate it")
    idle = Cause(channel="beds", ts="1700000040.999999", cause="nothing of the kind")
    still_open, closed, unused = explained(found, [known, idle])
    assert [finding.ts for finding in still_open] == ["1700000100.000000"]
    assert [finding.ts for finding in closed] == ["1700000030.000100"]
    assert unused == [idle]


def test_an_unknown_team_is_said(migrated: Migrated) -> None:
    with pytest.raises(LookupError, match="no team named nowhere"):
        check(migrated.export, migrated.database_url, "nowhere")


def checked(export: Path, migrated: Migrated, *more: str) -> subprocess.CompletedProcess[str]:
    where = ["--export", str(export), "--database", migrated.database_url, "--team", migrated.garden.team]
    command = [sys.executable, "-m", "mm_pipeline_tests.checker", *where, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_says_what_it_found_and_how_it_ended(migrated: Migrated, tmp_path: Path) -> None:
    export = Path(shutil.copytree(migrated.export, tmp_path / "export"))
    assert checked(export, migrated).returncode == 0
    day = export / "kitchen" / "2023-11-14.json"
    day.write_text(json.dumps([{"user": "U01", "ts": "1700000300.000000", "text": "never sent"}]))
    found = checked(export, migrated, "--json")
    assert found.returncode == 1
    assert json.loads(found.stdout)["counts"] == {"missing": 1, "extra": 1}
    known = tmp_path / "known.json"
    known.write_text(
        json.dumps(
            [
                {"channel": "kitchen", "ts": "1700000300.000000", "cause": "never sent"},
                {"channel": "kitchen", "kind": "extra", "cause": "its day file was replaced"},
            ]
        )
    )
    told = checked(export, migrated, "--exceptions", str(known))
    assert (told.returncode, told.stdout) == (0, "0 findings, 2 explained by 2 exceptions.\n")
    nowhere = checked(tmp_path / "none.zip", migrated)
    assert nowhere.returncode == 2
    assert "Traceback" not in nowhere.stderr
