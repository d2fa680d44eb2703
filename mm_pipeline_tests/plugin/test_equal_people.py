"""The accounts, channels and memberships that the plugin writes equal those of the server's own import job, row by row and column
by column: the same people and rooms go both ways, into a team each."""

import difflib
import json
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image
from psycopg.rows import dict_row

from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outcome import Done
from mm_pipeline.mattermost.outgoing import GUEST, NewAccount, NewChannel
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

_IDS = re.compile(r"((?<![a-z0-9])[a-z0-9]{26}(?![a-z0-9]))")
#: Everything that is told of people and rooms happened long before.
_TODAY_MS = 1_750_000_000_000
#: What nobody but a server's own database knows: table -> its rows of the people and channels of a move.
_ROWS = {
    "users": "SELECT * FROM users WHERE id = ANY(%(people)s)",
    "preferences": "SELECT * FROM preferences WHERE userid = ANY(%(people)s)",
    "teammembers": "SELECT * FROM teammembers WHERE userid = ANY(%(people)s)",
    "channels": "SELECT * FROM channels WHERE id = ANY(%(channels)s)",
    "publicchannels": "SELECT * FROM publicchannels WHERE id = ANY(%(channels)s)",
    "channelmembers": "SELECT * FROM channelmembers WHERE userid = ANY(%(people)s)",
    "channelmemberhistory": "SELECT * FROM channelmemberhistory WHERE userid = ANY(%(people)s)",
    "sidebarcategories": "SELECT * FROM sidebarcategories WHERE userid = ANY(%(people)s)",
    "status": "SELECT * FROM status WHERE userid = ANY(%(people)s)",
    "posts": "SELECT * FROM posts WHERE channelid = ANY(%(channels)s)",
}
#: What is different for a reason.
_ASIDE = {
    "users": ("password",),
    # Of two moments of today, one: of no meaning.
    "channelmembers": ("lastupdateat",),
    "posts": ("id", "userid"),
}


class Move:
    """The same people and rooms under names of their own, moved by one transport into a team of their own."""

    def __init__(self, kind: type[Stock], server: RunningServer, folder: Path) -> None:
        folder.mkdir()
        self.server, self.tail, self.journal = server, secrets.token_hex(3), MemoryJournal()
        self.team = server.create_team()
        self.api = kind(server.url, server.token, self.team, self.journal, work_folder=folder / "work")
        self.rest = Rest(Http(f"{server.url}/api/v4", server.token), self.team)
        self.picture = folder / "red.png"
        Image.new("RGB", (128, 128), "red").save(self.picture)
        outcomes = [*self.api.create_accounts(self.accounts(), self.rooms())]
        outcomes += self.api.open_channels(self.rooms() + self.direct())
        assert {type(one) for one in outcomes} == {Done}, outcomes
        self.api.archive_channel(self.id_of("attic"))
        self.api.finish()

    def name(self, name: str) -> str:
        return f"{name}.{self.tail}"

    def person(self, key: int, name: str, *rooms: str, **more: Any) -> NewAccount:
        channels = tuple(f"{room}-{self.tail}" for room in rooms)
        mail = f"{name}.{self.tail}@people.invalid"
        return NewAccount(key=key, username=self.name(name), email=mail, channels=channels, slack_id=f"U{key}", **more)

    def accounts(self) -> list[NewAccount]:
        return [
            self.person(
                *(1, "fern", "kitchen", "attic"),
                first_name="Fern",
                last_name="Ashgrove <&> é 🎉",
                nickname="Ferny",
                position="Keeps the bees",
                locale="pt-BR",
                time_zone="America/Halifax",
                picture=self.picture,
            ),
            self.person(2, "moss", "kitchen", delete_at=1_700_000_000_000),
            self.person(3, "reed", "kitchen", auth_service="gitlab", auth_data=f"4{self.tail}"),
            self.person(4, "walter", "kitchen", roles=GUEST),
            self.person(5, "lucia", roles=GUEST),
            self.person(6, "rosa", roles="system_user system_admin"),
        ]

    def rooms(self) -> list[NewChannel]:
        kitchen, attic = f"kitchen-{self.tail}", f"attic-{self.tail}"
        members = (self.name("fern"),)
        shown = {"display_name": "Küche & Bar", "header": "tea", "purpose": "to eat"}
        return [
            NewChannel(key=1, kind=ChannelKind.PUBLIC, name=kitchen, members=members, slack_id="C1", **shown),  # type: ignore[arg-type]
            NewChannel(key=2, kind=ChannelKind.PRIVATE, name=attic, members=members, slack_id="C2"),
            NewChannel(key=3, kind=ChannelKind.PUBLIC, name=f"empty-{self.tail}", slack_id="C3"),
        ]

    def direct(self) -> list[NewChannel]:
        sets = [("fern", "rosa"), ("fern", "rosa", "reed"), ("fern",), ("fern", "moss"), ("rosa", "walter")]
        return [
            NewChannel(
                key=10 + n,
                kind=ChannelKind.GROUP if len(names) > 2 else ChannelKind.DIRECT,
                members=tuple(map(self.name, names)),
                header="sh" if n % 2 else "",
                slack_id=f"D{n}",
            )
            for n, names in enumerate(sets)
        ]

    def id_of(self, room: str) -> str:
        found = self.rest.channel_named(f"{room}-{self.tail}")
        assert found is not None
        return str(found["id"])

    def told(self) -> dict[str, list[dict[str, Any]]]:
        """Every row, in words that are the same in every move."""
        people = self.rest.accounts_named(one.username for one in self.accounts())
        words = {account.id: name.partition(".")[0] for name, account in people.items()} | {self.rest.team_id: "team"}
        with psycopg.connect(self.server.database_url, row_factory=dict_row) as connection:
            ids = {"people": [account.id for account in people.values()]}
            of_people = "SELECT c.* FROM channels c JOIN channelmembers m ON m.channelid = c.id WHERE m.userid = ANY(%(people)s)"
            for one in connection.execute(of_people, ids):
                named = one["teamid"] or one["displayname"]
                words[one["id"]] = (
                    one["name"].partition("-")[0] if named and one["teamid"] else self.told_of(one, words)
                )
            words[self.id_of("empty")] = "empty"
            ids["channels"] = [
                key for key, word in words.items() if key not in ids["people"] and key != self.rest.team_id
            ]
            return {
                table: sorted(
                    ({name: self.word(value, words) for name, value in row.items()} for row in rows), key=repr
                )
                for table, query in _ROWS.items()
                for rows in [self.rows(connection, query, ids)]
            }

    def told_of(self, channel: dict[str, Any], words: dict[str, str]) -> str:
        if channel["type"] == "G":
            return "group"
        return "dm " + " ".join(sorted(words.get(one, one) for one in channel["name"].split("__")))

    def rows(self, connection: Any, query: str, ids: dict[str, Any]) -> list[dict[str, Any]]:
        return list(connection.execute(query, ids))

    def word(self, value: Any, words: dict[str, str]) -> Any:
        if isinstance(value, int) and value > _TODAY_MS:
            return "now"
        if isinstance(value, dict):
            return {name: self.word(one, words) for name, one in sorted(value.items())}
        if isinstance(value, str):
            told = "".join(words.get(part, part) for part in _IDS.split(value)).replace(self.tail, "~")
            # Two people's ids make the name of their channel in an order of their own; a group's is a hash.
            return re.sub(r"^[0-9a-f]{40}$", "<hash>", "__".join(sorted(told.split("__"))))
        return value


def without(rows: Iterable[dict[str, Any]], *columns: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in columns} for row in rows]


def _is_lost(row: dict[str, Any]) -> bool:
    """The job of a 9.9 has direct channels be shown by their own ids, where no client looks for them."""
    return row.get("category") == "direct_channel_show" and row["name"].partition(" ")[0] in ("dm", "group")


def differences(table: str, job: dict[str, list[dict[str, Any]]], plugin: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return the rows that one has alone, as lines of a difference."""
    aside = _ASIDE.get(table, ())
    of_job, of_plugin = (
        sorted(f"{json.dumps(row, default=str)}\n" for row in without(rows[table], *aside) if not _is_lost(row))
        for rows in (job, plugin)
    )
    return [line for line in difflib.unified_diff(of_job, of_plugin, n=0) if line[0] in "+-"][2:]


def test_people_and_rooms_of_the_plugin_are_those_of_the_import_job(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    by_job = Move(Stock, mattermost_with_plugin, tmp_path / "job").told()
    by_plugin = Move(Plugin, mattermost_with_plugin, tmp_path / "plugin").told()
    assert {row["password"] for row in by_plugin["users"]} == {""}
    told = {table: differences(table, by_job, by_plugin) for table in _ROWS}
    said = [f"{table}: {line}" for table, lines in told.items() for line in lines]
    assert not said, "".join(said)
