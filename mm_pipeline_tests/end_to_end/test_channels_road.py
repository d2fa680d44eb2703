"""Every kind of conversation, through an edited plan, into a team that has channels of its own. On both servers."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from mm_pipeline.mattermost.rest import Rest
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, pending, statuses
from mm_pipeline_tests.end_to_end.small_export import Files, message, person, write
from mm_pipeline_tests.mattermost.people_of import http_of
from mm_pipeline_tests.mattermost_server.running import RunningServer

NAMES = ("ada", "ben", "cleo", "dora", "emil", "fay", "gus", "hal", "ida", "jo")
IDS = [f"U0{name.upper()}" for name in NAMES]
ADA, BEN, CLEO, DORA = IDS[:4]
HEX, LIKE_DM = "0123456789abcdef0123456789abcdef01234567", f"{'a' * 26}__{'b' * 26}"
LONG = "far too long " * 100

#: Slack id -> index file, its entry there. Whoever is first in it says one thing there.
CONVERSATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "C0GENERAL": ("channels", {"name": "general", "is_general": True, "members": [ADA, BEN]}),
    "C0SQUARE": ("channels", {"name": "town-square", "members": [ADA]}),
    "C0TOPIC": ("channels", {"name": "off-topic", "members": [BEN]}),
    "C0KITCHEN": ("channels", {"name": "kitchen", "members": [ADA, BEN], "topic": {"value": "not theirs"}}),
    "C0TAKEN": ("channels", {"name": "taken", "members": [ADA]}),
    "C0ATTIC": ("channels", {"name": "attic", "is_private": True, "members": [ADA, CLEO]}),
    "C0CLOSED": ("groups", {"name": "closed", "members": [BEN, CLEO], "is_ext_shared": True, "is_shared": True}),
    "G0OPEN": ("channels", {"name": "open", "is_private": False, "members": [CLEO], "previous_names": ["ajar"]}),
    "C0JAPAN": ("channels", {"name": "日本語", "members": [ADA]}),
    "C0HEX": ("channels", {"name": HEX, "members": [ADA]}),
    "C0LIKEDM": ("channels", {"name": LIKE_DM, "members": [ADA]}),
    "C0GROSS": ("channels", {"name": "größe", "members": [ADA]}),
    "C0GROSSE": ("channels", {"name": "grosse", "members": [BEN]}),
    "C0PAST": ("channels", {"name": "past", "is_archived": True, "members": [ADA, BEN]}),
    "C0LONG": ("channels", {"name": "long", "members": [ADA], "topic": {"value": LONG}, "purpose": {"value": LONG}}),
    "C0AWAY": ("channels", {"name": "away", "members": [ADA, BEN]}),
    "D0PAIR": ("dms", {"members": [ADA, BEN]}),
    "D0SELF": ("dms", {"members": [ADA]}),
    "D0LOST": ("dms", {"members": [BEN, "U0NOBODY"]}),
    "D0DORA": ("dms", {"members": [ADA, DORA]}),
    "G0THREE": ("mpims", {"name": "mpdm-ada--ben--cleo-1", "members": [ADA, BEN, CLEO]}),
    "G0AGAIN": ("mpims", {"name": "mpdm-ada--ben--cleo-2", "members": [CLEO, BEN, ADA], "is_archived": True}),
    "G0TEN": ("mpims", {"name": "mpdm-ten-1", "members": IDS}),
}
ACTION = "action (create/match/skip)"
LEFT_OUT = {"C0AWAY": "skip", DORA: "skip"}
RENAMED = {"C0LONG": "The Long Table"}
#: Slack id -> kind, name ("": known by its people), members, what a search of its posts says. Dora is left out.
EXPECTED = {
    "C0GENERAL": ("O", "town-square", None),
    "C0SQUARE": ("O", "town-square-2", ["ada"]),
    "C0TOPIC": ("O", "off-topic", None),
    "C0KITCHEN": ("O", "kitchen", ["ada", "ben"]),
    "C0TAKEN": ("O", "taken-2", ["ada"]),
    "C0ATTIC": ("P", "attic-2", ["ada", "cleo"]),
    "C0CLOSED": ("P", "closed", ["ben", "cleo"]),
    "G0OPEN": ("O", "open", ["cleo"]),
    "C0JAPAN": ("O", "slack-c0japan", ["ada"]),
    "C0HEX": ("O", f"{HEX}-2", ["ada"]),
    "C0LIKEDM": ("O", f"{LIKE_DM}-2", ["ada"]),
    "C0GROSS": ("O", "grosse", ["ada"]),
    "C0GROSSE": ("O", "grosse-2", ["ben"]),
    "C0PAST": ("O", "past", ["ada", "ben"]),
    "C0LONG": ("O", "the-long-table", ["ada"]),
    "D0PAIR": ("D", "", ["ada", "ben"]),
    "D0SELF": ("D", "", ["ada"]),
    "D0LOST": ("P", "slack-d0lost", ["ben"]),
    "D0DORA": ("P", "slack-d0dora", ["ada"]),
    "G0THREE": ("G", "", ["ada", "ben", "cleo"]),
    "G0AGAIN": ("G", "", ["ada", "ben", "cleo"]),
    "G0TEN": ("P", "mpdm-ten-1", [name for name in NAMES if name != "dora"]),
}
_WHERE = """
SELECT c.*, (SELECT array_agg(u.username ORDER BY u.username) FROM channelmembers m JOIN users u ON u.id = m.userid
             WHERE m.channelid = c.id) AS members
FROM posts p JOIN channels c ON c.id = p.channelid WHERE p.message = %s AND c.teamid IN (%s, '')
"""
_UNREAD = """
SELECT u.username, c.name, c.totalmsgcount, m.msgcount, m.mentioncount
FROM channelmembers m JOIN channels c ON c.id = m.channelid JOIN users u ON u.id = m.userid
WHERE u.username = ANY(%s) AND (c.totalmsgcount <> m.msgcount OR m.mentioncount <> 0)
"""


class Team:
    """A team that has channels before anything comes."""

    def __init__(self, server: RunningServer, team: str) -> None:
        self.server, self.team = server, team
        self.rest = Rest(http_of(server.url, server.token), team)
        self.tail = team.removeprefix("team-")
        self.kitchen = self.channel("kitchen", "O")
        self.rest.http.post("/posts", {"channel_id": self.kitchen, "message": "said before anybody came"})
        self.channel("attic", "P")
        self.rest.archive(self.channel("taken", "O"))

    def channel(self, name: str, kind: str) -> str:
        wish = {"team_id": self.rest.team_id, "name": name, "display_name": name, "type": kind, "header": "ours"}
        return str(self.rest.http.post("/channels", wish)["id"])

    def where(self, slack_id: str) -> dict[str, Any]:
        """Return the one channel that holds what was said in a conversation."""
        with psycopg.connect(self.server.database_url, row_factory=dict_row) as connection:
            (found,) = connection.execute(_WHERE, [self.words(slack_id), self.rest.team_id]).fetchall()
        return found

    def unread(self) -> list[dict[str, Any]]:
        """Return what of their channels does not look read to the people of the export, who all are new."""
        names = [self.username(name) for name in NAMES]
        with psycopg.connect(self.server.database_url, row_factory=dict_row) as connection:
            return connection.execute(_UNREAD, [names]).fetchall()

    def words(self, slack_id: str) -> str:
        return f"what was said in {slack_id} of {self.tail}"

    def username(self, name: str) -> str:
        return f"{name}-{self.tail}"

    def export(self) -> Files:
        files: Files = {
            "users.json": [person(u, self.username(name)) for u, name in zip(IDS, NAMES, strict=True)],
        }
        for number, (slack_id, (index, entry)) in enumerate(CONVERSATIONS.items()):
            folder = entry.get("name", slack_id)
            files.setdefault(f"{index}.json", []).append({"id": slack_id, "creator": ADA, **entry})
            said = message(number, self.words(slack_id), entry["members"][0])
            said["reactions"] = [{"name": "tada", "users": [entry["members"][0]], "count": 1}]
            said["files"] = [{"id": "F0AWAY", "name": "away.txt", "size": 3}] if slack_id == "C0AWAY" else []
            files[f"{folder}/2024-05-01.json"] = [said]
        return files


@pytest.fixture
def place(mattermost: RunningServer, team: str) -> Iterator[Team]:
    place = Team(mattermost, team)
    yield place
    place.rest.http.close()


def edit(table: Path) -> dict[str, dict[str, str]]:
    """Leave out what is to be left out, as a person does it in a spreadsheet; return the lines by Slack id."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row[ACTION] = LEFT_OUT.get(row["slack_id"], row[ACTION])
        row["mattermost name"] = RENAMED.get(row["slack_id"], row["mattermost name"])
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return {row["slack_id"]: row for row in rows}


def test_every_kind_of_conversation_finds_its_place(place: Team, tmp_path: Path) -> None:
    export, table = write(place.export(), tmp_path / "export.zip"), tmp_path / "plan.csv"
    before = place.rest.channel(place.kitchen)
    assert before is not None
    run = Pipeline(tmp_path / "state", export, place.server, MM_TEAM=place.team, MM_GENERAL="town-square")
    try:
        assert run.call("mm-pipeline", "plan", "--csv", str(table)).returncode == 0
        assert table.stat().st_mode & 0o077 == 0, "addresses of people stand in it"
        planned = edit(table)
        read = run.call("mm-pipeline", "plan", "--read", str(table))
        assert read.returncode == 0, read.stderr
        ended = run.call(*EXPORT)
        assert ended.returncode == 0, ended.stderr
        counts, reasons = statuses(run), run.status()
        told = run.call("mm-pipeline", "status").stdout
        retried = run.call("mm-pipeline", "retry").stdout
    finally:
        run.down()

    # The plan says what becomes of each, in the table too.
    assert (planned["G0AGAIN"][ACTION], planned["C0KITCHEN"][ACTION]) == ("match", "match")
    for slack_id, word in {
        "C0TAKEN": "archived",
        "G0AGAIN": "the same people as mpdm-ada--ben--cleo-1",
        "G0OPEN": "ajar",
    }.items():
        assert word in planned[slack_id]["note"]
    for name in (
        "日本語",
        "mpdm-ada--ben--cleo-2",
        "away",
        "chosen to be left out: in the plan's table",
        "another workspace",
    ):
        assert name in told

    assert pending(counts) == 0
    assert counts["channel"] == {"pending": 0, "success": len(EXPECTED), "failed": 0, "skipped": 1}
    assert counts["message"] == {"pending": 0, "success": len(EXPECTED), "failed": 0, "skipped": 1}
    # What hangs on it is left out with it: nothing is to be mended, so nothing is tried again.
    for kind in ("message", "attachment", "reaction"):
        assert "chosen to be left out: the conversation, away, is left out" in reasons[kind]["reasons"], kind
    assert not any("its parent" in reason for of_type in reasons.values() for reason in of_type["reasons"])
    assert retried.startswith("No row ")
    for slack_id, (kind, name, members) in EXPECTED.items():
        there = place.where(slack_id)
        assert there["type"] == kind, slack_id
        assert not name or there["name"] == name, slack_id
        archived = slack_id == "C0PAST"
        assert (there["deleteat"] > 0) == archived, slack_id
        ours = [place.username(one) for one in NAMES]
        if members is not None:
            assert [one for one in there["members"] if one in ours] == [place.username(one) for one in members], (
                slack_id
            )
    assert place.where("G0AGAIN")["id"] == place.where("G0THREE")["id"]
    kitchen = place.where("C0KITCHEN")
    assert (kitchen["id"], kitchen["header"], kitchen["displayname"]) == (place.kitchen, "ours", "kitchen")
    # What was said before they came is not theirs to read.
    assert place.unread() == []
    long = place.where("C0LONG")
    assert (len(long["header"]), len(long["purpose"]), long["header"][-1]) == (1024, 250, "…")
    assert long["displayname"] == "The Long Table"  # as it was written in the table
    assert place.where("C0JAPAN")["displayname"] == "日本語"
