"""The accounts, channels and memberships that the plugin writes equal those of the server's own import job, row by row and column
by column: the same people and rooms go both ways, into a team each."""

import re
import secrets
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from PIL import Image
from psycopg.rows import dict_row

from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outcome import Done, Refused
from mm_pipeline.mattermost.outgoing import GUEST, NewAccount, NewChannel, Post, PostChannel, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import PASSWORD
from mm_pipeline_tests.mattermost.world import MORNING
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.differences import Place, differences

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
#: What tells the rows of a table from each other.
_KEYS = {
    "users": ("username",),
    "preferences": ("userid", "category", "name"),
    "teammembers": ("userid",),
    "channels": ("id",),
    "publicchannels": ("id",),
    "channelmembers": ("channelid", "userid"),
    "channelmemberhistory": ("channelid", "userid", "leavetime"),
    "sidebarcategories": ("userid", "type"),
    "status": ("userid",),
    "posts": ("channelid", "type", "userid", "message", "createat"),
}
_AT_3 = MORNING + 3
#: What is different, and why: place -> (the job's, the plugin's). Nothing else is.
_DIFFERENT: dict[str, dict[Place, tuple[Any, Any]]] = {
    "REST writes a notice of who is added: it is taken back, but the channel has had something new today; the plugin writes none": {
        (*place, column): ("now", at)
        for place, at in ((("channels", "kitchen"), _AT_3), (("channels", "empty"), 0))
        for column in ("lastpostat", "lastrootpostat")
    },
    "who is added by REST reads his notice; by the plugin, what was said: nothing, where nothing was": {
        ("channelmembers", channel, name, "lastviewedat"): ("now", at)
        for channel, names, at in (
            ("kitchen", ("lucia", "olga", "piet", "nora"), _AT_3),
            ("empty", ("lucia", "olga"), 0),
            ("off", ("lucia", "olga", "nora"), 0),
        )
        for name in names
    },
}
#: Who has an account before anything of theirs comes.
KNOWN = ("olga", "piet", "nora")


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
        self.later()

    def later(self) -> None:
        """Have people come into channels who have accounts already, and channels become what they are to be by now."""
        kitchen, attic, empty = self.rooms()
        channel = PostChannel(id=self.id_of("kitchen"), kind=kitchen.kind, name=kitchen.name)
        said = [
            Post(key=n, username=self.name("fern"), message=f"said {n}", create_at=MORNING + n, slack_id=f"C1:{n}")
            for n in (1, 2, 3)
        ]
        threads = [Thread(channel=channel, root=said[0], replies=(said[1],)), Thread(channel=channel, root=said[2])]
        assert not [one for one in self.api.send_threads(threads) if isinstance(one, Refused)]
        self.api.finish()
        ids = [self.sign_up(name) for name in KNOWN]
        # One was in the team and has left it, one is in the team, and two have never heard of it.
        self.rest.add_to_team(ids[:2])
        self.rest.http.delete(f"/teams/{self.rest.team_id}/members/{ids[0]}")
        members = tuple(map(self.name, ("fern", "lucia", *KNOWN)))
        change = {"kind": ChannelKind.PRIVATE, "display_name": "Kitchen", "header": "coffee"}
        wish = [
            msgspec.structs.replace(kitchen, members=members, **change),  # type: ignore[arg-type]
            msgspec.structs.replace(attic, members=members),
            msgspec.structs.replace(empty, members=members[1:3], purpose="to think"),
        ]
        outcomes = list(self.api.open_channels(wish))
        assert {type(one) for one in outcomes} == {Done}, outcomes
        self.api.finish()
        # Where somebody has no categories in the side bar, the server makes them when his client first asks.
        for account in self.rest.accounts_named(members).values():
            self.rest.http.get(f"/users/{account.id}/teams/{self.rest.team_id}/channels/categories")

    def sign_up(self, name: str) -> str:
        wish = {"username": self.name(name), "email": f"{self.name(name)}@people.invalid", "password": PASSWORD}
        return str(self.rest.http.post("/users", wish)["id"])

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
        names = [one.username for one in self.accounts()] + [self.name(name) for name in KNOWN]
        people = self.rest.accounts_named(names)
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
            of_posts = "SELECT id, message FROM posts WHERE channelid = %(id)s AND type = ''"
            said = self.rows(connection, of_posts, {"id": self.id_of("kitchen")})
            ids["channels"] = [
                key for key, word in words.items() if key not in ids["people"] and key != self.rest.team_id
            ]
            words |= {post["id"]: f"<{post['message']}>" for post in said}
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


def _is_lost(row: dict[str, Any]) -> bool:
    """The job of a 9.9 has direct channels be shown by their own ids, where no client looks for them."""
    return row.get("category") == "direct_channel_show" and row["name"].partition(" ")[0] in ("dm", "group")


def _is_taken_back(row: dict[str, Any]) -> bool:
    """REST writes a notice of who is added, which is taken back: on a 9.9 it lies there as deleted."""
    return row.get("type") in ("system_add_to_team", "system_add_to_channel") and row["deleteat"] == "now"


def test_people_and_rooms_of_the_plugin_are_those_of_the_import_job(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    by_job = Move(Stock, mattermost_with_plugin, tmp_path / "job").told()
    by_plugin = Move(Plugin, mattermost_with_plugin, tmp_path / "plugin").told()
    made = {row["username"] for row in by_plugin["users"] if row["password"] == ""}
    assert {row["username"] for row in by_plugin["users"]} - made == {f"{name}.~" for name in KNOWN}
    found: dict[Place, tuple[Any, Any]] = {}
    for table, keys in _KEYS.items():
        job = [row for row in by_job[table] if not _is_lost(row) and not _is_taken_back(row)]
        found |= differences(table, keys, job, by_plugin[table], aside=_ASIDE.get(table, ()))
    assert found == {place: values for different in _DIFFERENT.values() for place, values in different.items()}
