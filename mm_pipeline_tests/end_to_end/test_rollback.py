"""What rollback leaves of a migration into a server that was in use before is what it lists, table by table. On both servers."""

import json
import re
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline_tests.end_to_end.explained import Listed
from mm_pipeline_tests.end_to_end.lived_in import LivedIn
from mm_pipeline_tests.end_to_end.migrated import ROOT, Pipeline
from mm_pipeline_tests.end_to_end.outcome import statuses
from mm_pipeline_tests.end_to_end.small_export import write
from mm_pipeline_tests.end_to_end.tables import Difference, Tables, differences, tables_of
from mm_pipeline_tests.mattermost.people_of import session_of
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.push_sink import PushSink
from mm_pipeline_tests.mattermost_server.running import RunningServer

SETTINGS = ("EnableAPIPostDeletion", "EnableAPIChannelDeletion", "EnableAPIUserDeletion")
#: The server mails, pushes and writes presence from threads of its own, after it has answered.
LATE_S = 3
_POSTS = """
SELECT p.message, c.name, u.username, p.deleteat > 0 AS hidden
FROM posts p JOIN channels c ON c.id = p.channelid JOIN users u ON u.id = p.userid
WHERE p.type = '' AND p.originalid = '' AND (c.teamid = %s OR c.id = %s)
"""


class Undone:
    """A migration into a team that was lived in, and what rollback says is left of it."""

    def __init__(self, server: RunningServer, folder: Path, **settings: str) -> None:
        self.server = server
        self.place = LivedIn(server, server.create_team())
        export = write(self.place.export(), folder / "export.zip")
        self.run = Pipeline(folder / "state", export, server, MM_TEAM=self.place.team, **settings)
        self._list = folder / "left.json"

    def allow(self, is_allowed: bool) -> None:
        """Let everything be removed for good, or nothing."""
        self.server.call("PUT", "/config/patch", {"ServiceSettings": dict.fromkeys(SETTINGS, is_allowed)})

    def export(self) -> None:
        ended = self.run.export()
        assert ended.returncode == 0, ended.stderr[-3000:]
        assert self.count("pending") == self.count("failed") == 0, ended.stdout

    def count(self, status: str) -> int:
        return sum(of_type[status] for of_type in statuses(self.run).values())

    def roll_back(self) -> str:
        """Take it back. Returns what was printed."""
        ended = self.run.call("mm-pipeline", "rollback", "--yes", "--json", str(self._list))
        assert ended.returncode == 0, ended.stderr[-3000:]
        assert stat.S_IMODE(self._list.stat().st_mode) == 0o600, "names of people stand in it"
        return ended.stdout

    def members_of(self, channel: str) -> set[str]:
        """Return the names of those in a channel (id) whom an export puts there and an import job does not: Walt and the bot."""
        ids = {self.place.walt["id"]: "walt"}
        ids |= {one.id: "gate" for one in self.place.rest.accounts_named([self.place.name("gate")]).values()}
        return {ids[user_id] for user_id in self.place.rest.members_of(channel, ids)}

    def kill_a_rollback(self) -> None:
        """Kill one when it has deleted a few messages: it has waits before it that are longer than what it has done."""
        command = self.run.command("mm-pipeline", "rollback", "--yes")
        began = subprocess.Popen(
            command, cwd=ROOT, env=self.run.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while sum(row["hidden"] for row in self.posts()) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        began.kill()
        assert began.wait() == -9

    def left(self) -> list[dict[str, str]]:
        """Return what the last rollback listed."""
        listed: list[dict[str, str]] = json.loads(self._list.read_text())
        return listed

    def posts(self) -> list[dict[str, Any]]:
        """Return what was written in the team and between Vera and Walt."""
        with psycopg.connect(self.server.database_url, row_factory=psycopg.rows.dict_row) as connection:
            team = self.place.rest.team_id
            return connection.execute(_POSTS.encode(), (team, self.place.direct)).fetchall()

    def must_be_explained(self, before: Tables, known: list[dict[str, str]]) -> None:
        """Have what differs from before be what is listed, and each new entry of the list be something that differs."""
        listed = Listed(self.left())
        now = tables_of(self.server)
        differing = [one for one in differences(before, now) if not is_the_servers_own(one, now)]
        assert [one for one in differing if not listed.explains(one)] == []
        # Who is added through the plugin leaves nothing in the channels that everybody is in; the list does not know how.
        is_quiet = self.run.environment.get("MM_TRANSPORT") == "plugin"
        quiet = ("counters", "a channel that everybody is in") if is_quiet else ()
        new = [one for one in self.left() if one not in known and (one["kind"], one["name"]) != quiet]
        assert [one for one in new if not listed.explaining.intersection(one["id"].split())] == []


def is_the_servers_own(one: Difference, now: Tables) -> bool:
    """Whether the server did it for itself: jobs of its own, and a bot that it makes when it first has something to tell."""
    if one.table == "systems" or (one.table == "jobs" and one.row["type"] != "import_process"):
        return True
    return any(user["id"] in str(one.row) for user in now["users"].values() if user["username"] == "system-bot")


@pytest.fixture
def undone(mattermost: RunningServer, tmp_path: Path) -> Iterator[Undone]:
    yield from _undone(mattermost, tmp_path)


@pytest.fixture
def undone_11_4(mattermost_11_4: RunningServer, tmp_path: Path) -> Iterator[Undone]:
    yield from _undone(mattermost_11_4, tmp_path)


@pytest.fixture
def undone_by_plugin(mattermost_11_4: RunningServer, plugin_bundle: Path, tmp_path: Path) -> Iterator[Undone]:
    ServerPlugin(mattermost_11_4.url, mattermost_11_4.token).install(plugin_bundle)
    yield from _undone(mattermost_11_4, tmp_path, MM_TRANSPORT="plugin")


def _undone(server: RunningServer, folder: Path, **settings: str) -> Iterator[Undone]:
    made = Undone(server, folder, **settings)
    yield made
    made.allow(False)
    made.place.http.close()
    made.run.down()


def test_what_differs_afterwards_is_what_was_listed(undone: Undone, mail_sink: MailSink, push_sink: PushSink) -> None:
    time.sleep(LATE_S)
    mail_sink.clear()
    push_sink.clear()

    undone.allow(True)
    before = tables_of(undone.server)
    undone.export()
    migrated = sorted(row["message"] for row in undone.posts())
    undone.roll_back()
    time.sleep(LATE_S)
    undone.must_be_explained(before, [])
    assert "post" not in {one["kind"] for one in undone.left()} or undone.server.version == "9.9"
    assert undone.count("success") == 0
    known = undone.left()

    # Once more, with nothing allowed, and killed in the middle.
    undone.allow(False)
    before = tables_of(undone.server)
    undone.export()
    undone.kill_a_rollback()
    undone.roll_back()
    time.sleep(LATE_S)
    undone.must_be_explained(before, known)
    stays = [one for one in undone.left() if one["fate"] == "kept" and one["kind"] != "direct channel"]
    assert (stays, undone.count("success")) == ([], 0)
    closed = [one["id"] for one in undone.left() if one["kind"] in ("account", "bot") and one["fate"] == "closed"]
    assert (len(closed), undone.place.rest.members_of_team(closed)) == (4, set())

    # Again, with everything allowed: what was only put out of sight is removed, too, and announced before.
    undone.allow(True)
    told = undone.roll_back()
    for kind, count in (("accounts", 3), ("bots", 1), ("channels", 3)):
        assert re.search(rf"^{kind} +{count}\b", told, re.MULTILINE), told
    assert {one["kind"] for one in undone.left() if one["fate"] == "closed"} == set()
    undone.must_be_explained(before, known)
    assert undone.count("success") == 0

    # What lies deleted keeps nothing from coming again.
    undone.export()
    there = [row["message"] for row in undone.posts() if not row["hidden"]]
    assert sorted(there) == migrated
    assert [mail for mail in mail_sink.mails if "people" in str(mail.recipients)] == []
    assert push_sink.pushes == []


def test_what_people_did_since_stays_with_what_it_stands_on(undone_11_4: Undone) -> None:
    undone, place = undone_11_4, undone_11_4.place
    undone.allow(True)
    undone.export()
    name, posts = place.name, [row["message"] for row in undone.posts()]
    vera, walt = session_of(undone.server.url, place.vera), session_of(undone.server.url, place.walt)
    pond, root = place.id_of(name("pond")), place.post("the root of 100")
    vera.post("/posts", {"channel_id": pond, "root_id": root, "message": f"I answer :leaf_{place.tail}:"})
    vera.put(f"/posts/{place.post('reply 1 of 400')}/patch", {"message": "I edit"})
    walt.post("/reactions", {"user_id": place.walt["id"], "post_id": place.post("the end of 0"), "emoji_name": "frog"})
    for session in (vera, walt):
        session.close()

    preview = undone.run.call("mm-pipeline", "rollback", "--preview").stdout
    assert f"account {name('ben')}: some of their messages stay" in preview
    assert undone.count("success") > 80, "a preview changes nothing"
    asked = subprocess.run(
        undone.run.command("mm-pipeline", "rollback"),
        cwd=ROOT,
        env=undone.run.environment,
        input="another-team",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, "That is not the team's name: nothing was taken back." in asked.stderr) == (1, True)
    assert undone.count("success") > 80
    pond_before, garden_before = undone.members_of(pond), undone.members_of(place.garden)
    undone.roll_back()

    now = {row["message"]: row for row in undone.posts()}
    kept = {text for text in posts if text.endswith((" of 100", " of 400")) and not text.startswith("the end")}
    mine = {"who waters the beans?", "I do", "are you here?", "I edit", f"I answer :leaf_{place.tail}:"}
    assert now.keys() == (kept - {"reply 1 of 400"}) | {"the end of 0"} | mine
    users = {one.username: one for one in place.rest.accounts()}
    assert users.keys() >= {name("ada"), name("ben")}
    assert name("cleo") not in users
    assert name("gate") not in users
    assert place.rest.channel_named(name("shed")) is place.rest.channel_named(name("attic")) is None
    assert place.rest.members_of(place.garden, [place.walt["id"]]) == {place.walt["id"]}
    assert place.rest.http.get(f"/emoji/name/leaf_{place.tail}")
    reasons = {(one["kind"], one["name"]): one["remains"] for one in undone.left() if one["fate"] == "kept"}
    assert reasons["channel", name("pond")] == "somebody wrote in it since"
    assert reasons["post", f"in {name('pond')}"] == "somebody answered it since"
    assert reasons["membership", f"{place.walt['username']} in garden"] == "they wrote or reacted since"
    assert reasons["emoji", f"leaf_{place.tail}"] == "people used it since"
    assert statuses(undone.run)["message"]["success"] == len(kept) + 1
    assert (undone.members_of(pond), undone.members_of(place.garden)) == (set(), {"walt"})
    status = undone.run.call("mm-pipeline", "status").stdout
    assert re.search(r"It was taken back from the server on .* rows are pending again, \d+ rows tell of what", status)

    undone.export()
    assert undone.members_of(pond) == pond_before == {"walt", "gate"}
    assert undone.members_of(place.garden) == garden_before == {"walt", "gate"}
    posts.remove("reply 1 of 400")
    again = sorted(row["message"] for row in undone.posts())
    assert again == sorted([*posts, "I edit", f"I answer :leaf_{place.tail}:"])


def test_what_came_through_the_plugin_is_taken_back_and_comes_again(undone_by_plugin: Undone) -> None:
    undone = undone_by_plugin
    time.sleep(LATE_S)
    before, own = tables_of(undone.server), sorted(row["message"] for row in undone.posts())
    undone.export()
    migrated = sorted(row["message"] for row in undone.posts())

    # With nothing allowed: what lies deleted keeps its place, and nothing from coming again.
    undone.allow(False)
    undone.roll_back()
    time.sleep(LATE_S)
    undone.must_be_explained(before, [])
    assert sorted(row["message"] for row in undone.posts() if not row["hidden"]) == own
    assert undone.count("success") == 0
    undone.export()
    assert sorted(row["message"] for row in undone.posts() if not row["hidden"]) == migrated

    undone.allow(True)
    undone.roll_back()
    assert sorted(row["message"] for row in undone.posts()) == own
    undone.export()
    assert sorted(row["message"] for row in undone.posts()) == migrated
