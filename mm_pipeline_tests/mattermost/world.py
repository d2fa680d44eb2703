"""A few invented people with channels on a throw-away server, and the sender under test. Sends nothing by itself."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row

from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import ChannelKind, PostArrived, Server
from mm_pipeline.mattermost.outcome import Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, Post, PostChannel, PostReaction
from mm_pipeline.mattermost.preflight import ask_server
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.sending import Sender
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost_server.running import RunningServer

FIRST_NAMES = ("ada", "bo", "cy", "di")
MORNING = 1_700_000_000_000


class World:
    """One new team with four people, a public room, a private one, a direct and a group channel."""

    def __init__(self, running: RunningServer, work_folder: Path) -> None:
        self.running = running
        self.team = running.create_team()
        self.http = Http(f"{running.url}/api/v4", running.token)
        self.rest = Rest(self.http, self.team)
        self.server: Server = ask_server(self.rest, running.url)
        self.work_folder = work_folder
        self.journal = MemoryJournal()
        tail = secrets.token_hex(4)
        self.ada, self.bo, self.cy, self.di = self.people = [f"{name}.{tail}" for name in FIRST_NAMES]
        self._rooms = [
            NewChannel(key=1, kind=ChannelKind.PUBLIC, name=f"room-{tail}", display_name="Küche", header="tea"),
            NewChannel(key=2, kind=ChannelKind.PRIVATE, name=f"attic-{tail}", purpose="quiet"),
        ]
        self.sender = self.new_sender()

    def new_sender(self, journal: MemoryJournal | None = None, **server: Any) -> Sender:
        """A sender as another run would make it; `server` overrides what it believes of the server."""
        believed = msgspec.structs.replace(self.server, **server)
        return Sender(self.http, believed, journal or self.journal, self.work_folder)

    def populate(self) -> list[Done | Refused]:
        """Create the people with their rooms; then the direct and group channels."""
        names = tuple(room.name for room in self._rooms)
        accounts = [
            NewAccount(key=key, username=name, email=f"{name}@people.invalid", channels=names)
            for key, name in enumerate(self.people)
        ]
        outcomes = list(self.sender.create_accounts(accounts, self._rooms))
        self.ids = {name: account.id for name, account in self.rest.accounts_named(self.people).items()}
        self.room, self.attic = (
            PostChannel(id=self.rest.channel_named(one.name)["id"], kind=one.kind, name=one.name)  # type: ignore[index]
            for one in self._rooms
        )
        sets = [
            (ChannelKind.DIRECT, (self.ada, self.bo)),
            (ChannelKind.GROUP, (self.ada, self.bo, self.cy)),
            (ChannelKind.DIRECT, (self.ada,)),
        ]
        wish = [
            NewChannel(key=key, kind=kind, members=members, header="sh")
            for key, (kind, members) in enumerate(sets, start=10)
        ]
        opened = self.sender.open_direct_channels(wish)
        done = [one for one in opened if isinstance(one, Done)]
        assert done == opened, opened
        self.dm, self.gm, self.notes = (
            PostChannel(id=one.id, kind=kind, members=members) for one, (kind, members) in zip(done, sets, strict=True)
        )
        return outcomes + opened

    def post(self, key: int, username: str = "", message: str = "", *, at: int = 0, **more: Any) -> Post:
        """A post `at` ms into the morning, by ada if nobody is named."""
        wish = {"username": username or self.ada, "message": message or f"post {key}", "create_at": MORNING + at}
        return Post(key=key, **{**wish, **more})

    def reactions(self, at: int, *usernames: str, emoji_name: str = "tada") -> tuple[PostReaction, ...]:
        return tuple(
            PostReaction(key=0, username=name, emoji_name=emoji_name, create_at=MORNING + at + 1) for name in usernames
        )

    # --- what the server's own database says

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.running.database_url, row_factory=dict_row) as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type,return-value]

    def execute(self, query: str, **parameters: Any) -> None:
        with psycopg.connect(self.running.database_url) as connection:
            connection.execute(query, parameters)  # type: ignore[arg-type]

    def import_jobs(self) -> int:
        """How many import jobs the server has ever been given."""
        return int(self.rows("SELECT count(*) AS n FROM jobs WHERE type = 'import_process'")[0]["n"])

    def posts_in(self, channel: PostChannel) -> list[dict[str, Any]]:
        """Everything that the channel holds, oldest first, in words that are the same on every server."""
        names = {user_id: name.partition(".")[0] for name, user_id in self.ids.items()}
        posts = self.rows(
            "SELECT * FROM posts WHERE channelid = %(id)s AND deleteat = 0 AND type <> 'system_join_channel' "
            "ORDER BY createat, message",
            id=channel.id,
        )
        messages = {post["id"]: post["message"] for post in posts}
        files = self._hanging_on("fileinfo", channel)
        reactions = self._hanging_on("reactions", channel)
        return [
            {
                "author": names.get(post["userid"], "?"),
                "at": post["createat"] - MORNING,
                "message": post["message"],
                "root": messages.get(post["rootid"], post["rootid"]),
                "edit": post["editat"] and post["editat"] - MORNING,
                "pinned": post["ispinned"],
                "type": post["type"],
                "props": post["props"],
                "files": sorted(row["name"] for row in files.get(post["id"], ())),
                "reactions": sorted(
                    (names.get(row["userid"], "?"), row["emojiname"]) for row in reactions.get(post["id"], ())
                ),
            }
            for post in posts
        ]

    def _hanging_on(self, table: str, channel: PostChannel) -> dict[str, list[dict[str, Any]]]:
        """What hangs on the channel's posts, by post."""
        hanging: dict[str, list[dict[str, Any]]] = {}
        query = (
            f"SELECT t.* FROM {table} t JOIN posts p ON p.id = t.postid WHERE p.channelid = %(id)s AND t.deleteat = 0"
        )
        for row in self.rows(query, id=channel.id):
            hanging.setdefault(row["postid"], []).append(row)
        return hanging


def by_key(outcomes: Iterator[PostArrived | Refused]) -> tuple[dict[int, PostArrived], dict[int, str]]:
    """Sort outcomes into what arrived and what was refused, and see that none comes twice."""
    arrived: dict[int, PostArrived] = {}
    refused: dict[int, str] = {}
    for outcome in outcomes:
        assert outcome.key not in arrived
        assert outcome.key not in refused
        if isinstance(outcome, Refused):
            refused[outcome.key] = str(outcome.error)
        else:
            arrived[outcome.key] = outcome
    return arrived, refused
