"""The checker against a real server: green on a right state, and red, in the right class, for each thing planted wrong.

Everything is planted in a transaction that is rolled back.
"""

import hashlib
import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline_tests.checker import check
from mm_pipeline_tests.checker.findings import Cause, explained
from mm_pipeline_tests.checker.garden import POST_ID, Garden
from mm_pipeline_tests.checker.planting import the_channel, the_post, the_user
from mm_pipeline_tests.checker.slack_garden import PIXEL, PLAN
from mm_pipeline_tests.checker.wrong_places import LEFT_ELSEWHERE, WRONG_PLACES
from mm_pipeline_tests.checker.wrong_posts import WRONG_POSTS
from mm_pipeline_tests.mattermost_server.import_job import run_import
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

WRONGS = WRONG_POSTS | WRONG_PLACES
#: How long the server takes to write what it says of a new team.
SETTLED_S = 1.5


class Migrated:
    """The tiny export, and the team into which its archive went."""

    def __init__(self, garden: Garden, export: Path, server: RunningServer, began_at: int) -> None:
        self.garden = garden
        self.export = export
        self.database_url = server.database_url
        self.keeps_replies = server.version != "9.9"
        self.began_at = began_at

    def kinds(self, connection: psycopg.Connection[Any], **more: Any) -> set[str]:
        """Check, and return the classes of what was found."""
        return {finding.kind for finding in check(self.export, connection, self.garden.team, **more)}


@pytest.fixture(scope="module")
def migrated(mattermost: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    garden = Garden(secrets.token_hex(4))
    mattermost.create_team(garden.team)
    for bot in garden.bots:
        mattermost.call("POST", "/bots", {"username": bot})
    time.sleep(SETTLED_S)
    began_at = int(time.time() * 1000)
    run_import(mattermost, garden.archive())
    if mattermost.version == "9.9":
        run_import(mattermost, garden.archive_of_lost_reactions())
    for name in ("alice", "bob", "carol"):
        mark_everything_read(mattermost, f"{name}.{garden.mark}")
    arrange(mattermost, garden)
    lead_the_link(mattermost, garden)
    export = garden.write_export(tmp_path_factory.mktemp("export"))
    return Migrated(garden, export, mattermost, began_at)


def mark_everything_read(server: RunningServer, username: str) -> None:
    user_id = server.call("GET", f"/users/username/{username}")["id"]
    with psycopg.connect(server.database_url) as connection:
        found = connection.execute("SELECT channelid FROM channelmembers WHERE userid = %s", [user_id])
        channels = [row[0] for row in found.fetchall()]
    server.call("POST", f"/channels/members/{user_id}/mark_read", channels)


def arrange(server: RunningServer, garden: Garden) -> None:
    """Do what no import line does on both servers: Bob's time zone, and direct channels in everybody's side bar."""
    ids = {
        name: server.call("GET", f"/users/username/{name}.{garden.mark}")["id"] for name in ("alice", "bob", "carol")
    }
    zone = {"useAutomaticTimezone": "true", "automaticTimezone": "Europe/Lisbon", "manualTimezone": ""}
    server.call("PUT", f"/users/{ids['bob']}/patch", {"timezone": zone})
    group = hashlib.sha1("".join(sorted(ids.values())).encode()).hexdigest()
    with psycopg.connect(server.database_url) as connection:
        ((group_id,),) = connection.execute("SELECT id FROM channels WHERE name = %s", [group]).fetchall()
    for name, other in (("alice", "bob"), ("bob", "alice"), ("carol", "")):
        shown = {"group_channel_show": group_id} | ({"direct_channel_show": ids[other]} if other else {})
        wanted = [
            {"user_id": ids[name], "category": category, "name": what, "value": "true"}
            for category, what in shown.items()
        ]
        server.call("PUT", f"/users/{ids[name]}/preferences", wanted)


def lead_the_link(server: RunningServer, garden: Garden) -> None:
    """Put the id of the post that is meant where the archive could not know it."""
    with psycopg.connect(server.database_url) as connection:
        connection.execute(
            f"UPDATE posts SET message = replace(message, '{POST_ID}', {the_post('Rows **two**')})"
            f" WHERE id = {the_post(POST_ID)}",
            {"mark": garden.mark},
        )


@pytest.fixture
def connection(migrated: Migrated) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the server's database that forgets what is planted through it."""
    with psycopg.connect(migrated.database_url) as connection:
        yield connection
        connection.rollback()


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


def test_who_wrote_in_a_thread_follows_it_where_the_server_can(
    migrated: Migrated, connection: psycopg.Connection[Any]
) -> None:
    gone = connection.execute(
        f"DELETE FROM threadmemberships WHERE postid = {the_post('Good morn')} AND userid = {the_user('bob')}",
        {"mark": migrated.garden.mark},
    )
    assert gone.rowcount == migrated.keeps_replies
    assert migrated.kinds(connection) == ({"follower"} if migrated.keeps_replies else set())


def test_replies_can_be_traced_where_the_server_keeps_their_props(
    migrated: Migrated, connection: psycopg.Connection[Any]
) -> None:
    mark = {"mark": migrated.garden.mark}
    connection.execute(f"UPDATE posts SET props = '{{}}' WHERE id = {the_post('what did you')}", mark)
    assert migrated.kinds(connection) == ({"origin"} if migrated.keeps_replies else set())


def test_of_what_came_past_the_job_both_are_asked_of_an_old_server_too(
    migrated: Migrated, connection: psycopg.Connection[Any]
) -> None:
    lost = set() if migrated.keeps_replies else {"follower", "origin"}
    assert migrated.kinds(connection, keeps_replies=True) == lost


@pytest.mark.parametrize(("planted", "expected"), LEFT_ELSEWHERE.values(), ids=LEFT_ELSEWHERE)
def test_what_came_since_the_beginning_is_the_migrations(
    migrated: Migrated, connection: psycopg.Connection[Any], planted: str, expected: set[str]
) -> None:
    assert migrated.kinds(connection, since_ms=migrated.began_at) == set()
    assert connection.execute(planted, {"mark": migrated.garden.mark}).rowcount > 0, "nothing was planted"
    assert migrated.kinds(connection, since_ms=migrated.began_at) == expected


def test_the_bytes_in_the_file_store_count(
    migrated: Migrated, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    mark = {"mark": migrated.garden.mark}
    row = connection.execute(f"SELECT path FROM fileinfo WHERE postid = {the_post('see the plan')}", mark).fetchone()
    emoji = connection.execute("SELECT id FROM emoji WHERE name IN ('rose_' || %(mark)s, 'donkey')", mark).fetchall()
    assert row is not None
    stored, pictures = tmp_path / row[0], [tmp_path / "emoji" / id_ / "image" for (id_,) in emoji]
    for path in (stored, *pictures):
        path.parent.mkdir(parents=True)
    assert migrated.kinds(connection, files=tmp_path) == {"file", "emoji"}
    stored.write_bytes(PLAN)
    assert migrated.kinds(connection, files=tmp_path) == {"emoji"}
    for path in pictures:
        path.write_bytes(PIXEL)
    assert migrated.kinds(connection, files=tmp_path) == set()
    stored.write_bytes(PLAN.upper())
    assert migrated.kinds(connection, files=tmp_path) == {"file"}
    stored.write_bytes(PLAN)
    pictures[0].write_bytes(b"<html>")
    assert migrated.kinds(connection, files=tmp_path) == {"emoji"}


def test_an_exception_explains_its_message_alone(migrated: Migrated, connection: psycopg.Connection[Any]) -> None:
    mark = {"mark": migrated.garden.mark}
    connection.execute(f"DELETE FROM posts WHERE id IN ({the_post('first of two')}, {the_post('late frost')})", mark)
    gone = check(migrated.export, connection, migrated.garden.team)
    found = [finding for finding in gone if finding.kind != "total"]
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
