"""A newer export over one that was migrated, after people have worked in Mattermost; and exports that come in parts. On both servers."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from mm_pipeline.mattermost.rest import Rest
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.small_export import MORNING, Files, message, person, write
from mm_pipeline_tests.mattermost.people_of import http_of
from mm_pipeline_tests.mattermost_server.running import RunningServer

DAY = "garden/2024-05-01.json"
ADA, BEN, CLEO, DORA = "U0ADA", "U0BEN", "U0CLEO", "U0DORA"
_POSTS = """
SELECT p.id, p.message, p.rootid, p.editat, p.deleteat, c.name AS channel, c.id AS channelid, u.username,
       ARRAY(SELECT r.emojiname || ' ' || w.username FROM reactions r JOIN users w ON w.id = r.userid
             WHERE r.postid = p.id AND coalesce(r.deleteat, 0) = 0 ORDER BY 1) AS reactions,
       ARRAY(SELECT f.name FROM fileinfo f WHERE f.postid = p.id AND f.deleteat = 0 ORDER BY 1) AS files
FROM posts p JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid JOIN users u ON u.id = p.userid
WHERE t.name = %s AND p.type = '' AND p.originalid = '' ORDER BY p.createat
"""
_CHANNELS = """
SELECT c.name, c.header, c.purpose, c.type::text AS type, c.deleteat > 0 AS archived,
       ARRAY(SELECT u.username FROM channelmembers m JOIN users u ON u.id = m.userid WHERE m.channelid = c.id ORDER BY 1) AS members
FROM channels c JOIN teams t ON t.id = c.teamid WHERE t.name = %s
"""
_UNREAD = """
SELECT u.username, c.name FROM channelmembers m JOIN channels c ON c.id = m.channelid JOIN users u ON u.id = m.userid
JOIN teams t ON t.id = c.teamid WHERE t.name = %s AND c.totalmsgcount > m.msgcount ORDER BY 1, 2
"""
#: Two posts' worth of words.
LONG = "lettuce and leek " * 1500


class Town:
    """A team, and what stands in it."""

    def __init__(self, run: Pipeline) -> None:
        self.run, self.team = run, run.environment["MM_TEAM"]
        self.rest = Rest(http_of(run.server.url, run.server.token), self.team)

    def name(self, name: str) -> str:
        return f"{name}-{self.team}"

    def person(self, slack_id: str, **more: Any) -> dict[str, Any]:
        return person(slack_id, self.name(slack_id.removeprefix("U0").lower()), **more)

    def rows(self, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.run.server.database_url, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), (self.team,)).fetchall()

    def posts(self) -> dict[str, dict[str, Any]]:
        """Return the team's posts by their text; every text must be there once."""
        rows = [row for row in self.rows(_POSTS) if not row["deleteat"]]
        posts = {row["message"]: row for row in rows}
        assert len(posts) == len(rows), sorted(row["message"][:40] for row in rows)
        return posts

    def channel(self, name: str) -> dict[str, Any]:
        (found,) = [row for row in self.rows(_CHANNELS) if row["name"] == name]
        return found

    def members(self, name: str) -> list[str]:
        """Return who is in a channel, without the admin."""
        return [one.removesuffix(f"-{self.team}") for one in self.channel(name)["members"] if self.team in one]

    def edit(self, text: str, new: str) -> None:
        """Edit a post as somebody does it in Mattermost."""
        self.rest.http.put(f"/posts/{self.posts()[text]['id']}/patch", {"message": new})

    def export(self, files: Files, name: str) -> str:
        """Migrate an export. Returns what the run printed."""
        self.run.environment["SLACK_EXPORT"] = str(write(files, self.run_folder / name))
        ended = self.run.export()
        assert ended.returncode == 0, (self.run.status(), ended.stdout[-2000:], ended.stderr[-3000:])
        assert self.run.total("pending") == self.run.total("failed") == 0
        return ended.stdout

    @property
    def run_folder(self) -> Path:
        return Path(self.run.environment["MM_PIPELINE_STATE"]).parent

    def assert_quiet(self) -> None:
        """Run once more: nothing may be sent."""
        before = traces(self.run.server)
        assert self.run.export().returncode == 0
        assert traces(self.run.server) == before


@pytest.fixture(params=["stock", "plugin"])
def town(tmp_path: Path, mattermost_with_plugin: RunningServer, request: pytest.FixtureRequest) -> Iterator[Town]:
    team = mattermost_with_plugin.create_team()
    run = Pipeline(tmp_path / "state", None, mattermost_with_plugin, MM_TEAM=team, MM_TRANSPORT=str(request.param))
    town = Town(run)
    yield town
    town.rest.http.close()
    run.down()


def _channel(slack_id: str, name: str, *members: str, **more: Any) -> dict[str, Any]:
    return {"id": slack_id, "name": name, "creator": ADA, "is_private": False, "members": list(members), **more}


def _first(town: Town) -> Files:
    day = [
        message(0, "a root", reply_count=1),
        message(1, "its reply", BEN),
        message(2, "a root that is edited in Mattermost"),
        message(3, "a tpyo"),
        message(4, "edited on both sides"),
        message(5, "deleted in Slack later"),
        message(6, "deleted in Mattermost, edited in Slack"),
        message(7, f"{LONG}end"),
        message(8, "edited in Slack before", edited={"user": ADA, "ts": "1714560000.000000"}),
        message(9, f"see <https://fern.slack.com/archives/C0GARDEN/p{MORNING}000100>"),
        message(10, "grows longer than a post"),
    ]
    day[1]["thread_ts"] = day[0]["ts"]
    topic = {"topic": {"value": "old topic"}, "purpose": {"value": "old purpose"}}
    return {
        "users.json": [town.person(ADA), town.person(BEN), town.person(CLEO)],
        "channels.json": [
            _channel("C0GARDEN", "garden", ADA, BEN, **topic),
            _channel("C0ATTIC", "attic", BEN, **topic),
            _channel("C0SHED", "shed", ADA),
            _channel("C0OPEN", "openhouse", ADA),
        ],
        DAY: day,
        "shed/2024-05-01.json": [message(0, "in the shed")],
        "openhouse/2024-05-01.json": [message(0, "in the open")],
    }


def _newer(town: Town, first: Files) -> Files:
    """What Slack says a while later."""
    files = copy.deepcopy(first)
    day, (garden, attic, shed, was_open) = files[DAY], files["channels.json"]
    edits = {3: "a typo", 4: "edited on both sides: Slack", 6: "edited in Slack", 8: "edited in Slack again"}
    for number, text in edits.items():
        day[number] |= {"text": text, "edited": {"user": ADA, "ts": "1714570000.000000"}}
    day[5] = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": day[5]["ts"], "hidden": True}
    day[7]["text"] = f"{LONG}END"
    day[9]["text"] += " and more"
    day[10]["text"] = f"grows {LONG}"
    day[0] |= {"reply_count": 3, "reactions": [{"name": "tada", "users": [BEN], "count": 1}]}
    day[1]["files"] = [{"id": "F0LATE", "name": "late.txt", "size": 4, "mode": "hosted"}]
    files["__uploads/F0LATE/late.txt"] = b"late"
    for at, root, text in ((60, 0, "a later reply"), (61, 2, "a reply to what was edited"), (62, 8, "one more")):
        day.append(message(at, text, BEN, thread_ts=day[root]["ts"]))
    day.append(message(63, "by somebody new", DORA))
    garden["members"] += [CLEO, DORA]
    for one in (garden, attic):
        one["topic"] = {"value": "new topic"}
    shed["is_archived"] = True
    files["shed/2024-05-02.json"] = [message(70, "last words")]
    was_open["is_private"] = True
    files["openhouse/2024-05-02.json"] = [message(70, "between us")]
    files["channels.json"].append(_channel("C0POND", "pond", DORA, ADA))
    files["pond/2024-05-02.json"] = [message(71, "frogs", DORA)]
    files["users.json"][1]["deleted"] = True
    files["users.json"][2]["profile"]["display_name"] = "Cleopatra"
    files["users.json"].append(town.person(DORA))
    return files


def test_a_newer_export_brings_what_is_new_and_leaves_what_people_did(town: Town) -> None:
    first = _first(town)
    town.export(first, "first.zip")
    town.edit("a root that is edited in Mattermost", "edited here")
    town.edit("edited on both sides", "edited on both sides: Mattermost")
    posts = town.posts()
    town.rest.delete_post(posts["deleted in Mattermost, edited in Slack"]["id"])
    root, channel = posts["a root"]["id"], posts["a root"]["channelid"]
    me = town.rest.me
    town.rest.http.post("/posts", {"channel_id": channel, "root_id": root, "message": "a reply from here"})
    town.rest.http.post("/posts", {"channel_id": channel, "message": "said here"})
    town.rest.http.post("/reactions", {"user_id": me.id, "post_id": root, "emoji_name": "frog"})
    attic = town.rest.channel_named("attic")
    assert attic is not None
    town.rest.http.put(f"/channels/{attic['id']}/patch", {"header": "our own"})
    unread = town.rows(_UNREAD)
    assert {"username": town.name("ada"), "name": "garden"} in unread

    told = town.export(_newer(town, first), "newer.zip")

    now = town.posts()
    assert {"a typo", "edited in Slack again", "edited here", "edited on both sides: Mattermost"} <= now.keys()
    assert {"a tpyo", "edited in Slack", "edited in Slack before"}.isdisjoint(now)
    assert "deleted in Slack later" in now
    assert now["a typo"]["id"] == posts["a tpyo"]["id"]
    edited_at = {now[text]["editat"] for text in ("a typo", "edited in Slack again")}
    if town.run.environment["MM_TRANSPORT"] == "plugin":
        assert edited_at == {1_714_570_000_000}  # Slack's
    else:
        assert min(edited_at) - 600_000 > 1_714_570_000_000  # today's: REST knows no other
    (linked,) = [text for text in now if text.startswith("see ")]
    assert linked.endswith(f"/pl/{root} and more")
    assert [text[-3:].lower() + text[-3:] for text in now if text[-3:].lower() == "end"] == ["endEND"]
    assert "grows longer than a post" in now
    # Threads stay whole, whoever edited their roots.
    for reply, text in {
        "its reply": "a root",
        "a reply from here": "a root",
        "a later reply": "a root",
        "a reply to what was edited": "edited here",
        "one more": "edited in Slack again",
    }.items():
        assert now[reply]["rootid"] == now[text]["id"], reply
    assert [one.split()[0] for one in now["a root"]["reactions"]] == ["frog", "tada"]
    assert now["a root"]["editat"] == 0, "a new reply or reaction is no edit"
    assert now["its reply"]["files"] == ["late.txt"]
    assert now["its reply"]["id"] == posts["its reply"]["id"]

    garden = town.channel("garden")
    assert (garden["header"], garden["purpose"]) == ("new topic", "old purpose")
    assert town.channel("attic")["header"] == "our own"
    assert town.members("garden") == ["ada", "ben", "cleo", "dora"]
    assert (town.channel("shed")["archived"], now["last words"]["channel"]) == (True, "shed")
    assert (town.channel("openhouse")["type"], now["between us"]["channel"]) == ("P", "openhouse")
    assert (now["frogs"]["channel"], town.members("pond")) == ("pond", ["ada", "dora"])
    assert now["by somebody new"]["username"] == town.name("dora")
    ben = town.rest.account_named(town.name("ben"))
    assert ben is not None
    assert ben.delete_at == 0
    assert town.rows(_UNREAD) == unread, "what people have not read stays so, and nothing else is unread"

    for words in (
        "edited in Slack after it was sent, and Mattermost keeps its text: it was edited in Mattermost, too",
        "edited in Slack after it was sent, and Mattermost keeps its text: it was deleted in Mattermost",
        "it would take 2 posts instead of 1",
        "in Slack deactivated by now; the account stays as it is",
        "in Slack renamed by now; the account stays as it is",
    ):
        assert words in told
    assert "the next export brings that" not in told
    town.assert_quiet()


def test_exports_that_come_in_parts_become_one_whole(town: Town) -> None:
    """A later time first, without e-mails; then an earlier time, which brings a root that was lacking; then one with e-mails."""
    root = message(0, "the root", files=[{"id": "F0ROOT", "name": "root.txt", "size": 4, "mode": "hosted"}])
    root["reactions"] = [{"name": "tada", "users": [BEN], "count": 1}]
    replies = [message(at, f"reply {at}", BEN, thread_ts=root["ts"], parent_user_id=ADA) for at in (10, 20)]
    people = [town.person(ADA), town.person(BEN)]
    nameless = [town.person(one, profile={"email": None}) for one in (ADA, BEN)]
    channels = [_channel("C0GARDEN", "garden", ADA, BEN)]
    later = {"users.json": nameless, "channels.json": channels, "garden/2024-05-02.json": replies}
    earlier = {"users.json": nameless, "channels.json": channels, DAY: [root], "__uploads/F0ROOT/root.txt": b"root"}

    town.export(later, "later.zip")
    stand_in = town.posts()["*The message that began this thread is not in the Slack export.*"]
    town.export(earlier, "earlier.zip")
    now = town.posts()
    assert now.keys() == {"the root", "reply 10", "reply 20"}
    assert (now["the root"]["id"], now["the root"]["files"]) == (stand_in["id"], ["root.txt"])
    assert len(now["the root"]["reactions"]) == 1
    assert {now[f"reply {at}"]["rootid"] for at in (10, 20)} == {stand_in["id"]}
    told = town.export({"users.json": people, "channels.json": channels, DAY: [root]}, "with e-mails.zip")
    assert "in Slack given another e-mail address by now; the account stays as it is" in told
    assert town.posts().keys() == now.keys()
    town.assert_quiet()


def test_a_pilot_of_one_channel_and_then_everything_is_as_everything_at_once(town: Town) -> None:
    everything = _first(town)
    pilot = {name: content for name, content in everything.items() if not name.startswith(("shed", "openhouse"))}
    pilot["channels.json"] = everything["channels.json"][:1]
    town.export(pilot, "pilot.zip")
    first = town.posts()
    town.export(everything, "everything.zip")
    now = town.posts()
    assert now.keys() - first.keys() == {"in the shed", "in the open"}
    assert all(now[text]["id"] == post["id"] and now[text]["editat"] == post["editat"] for text, post in first.items())
    assert (town.members("garden"), town.members("attic"), town.members("shed")) == (["ada", "ben"], ["ben"], ["ada"])
    assert town.rows(_UNREAD) == []
    town.assert_quiet()
