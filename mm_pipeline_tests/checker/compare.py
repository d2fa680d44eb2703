"""The whole comparison: a raw Slack export against one team of a server's database.

Puts the parts together and says what is lost or too many over all channels; the parts judge.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from mm_pipeline_tests.checker.channels import (
    DEFAULT_CHANNELS,
    channel_findings,
    kinds_of,
    match_channels,
    strange_channels,
)
from mm_pipeline_tests.checker.expected import Expected, bots_of, expected_posts
from mm_pipeline_tests.checker.export import Conversation, Export
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.followers import follower_findings
from mm_pipeline_tests.checker.hanging import hanging_findings
from mm_pipeline_tests.checker.invented import Invented
from mm_pipeline_tests.checker.links import Links
from mm_pipeline_tests.checker.marks import mark_findings
from mm_pipeline_tests.checker.messages import Matching, finding
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.pictures import emoji_findings
from mm_pipeline_tests.checker.presence import presence_findings
from mm_pipeline_tests.checker.profiles import profile_findings
from mm_pipeline_tests.checker.read_state import read_findings
from mm_pipeline_tests.checker.rows import Channel, Post
from mm_pipeline_tests.checker.server import Server
from mm_pipeline_tests.checker.side_bar import hidden_findings


def check(
    export: Path | str,
    database: str | psycopg.Connection[Any],
    team: str,
    *,
    files: Path | None = None,
    since_ms: int | None = None,
    keeps_replies: bool = False,
) -> list[Finding]:
    """Return every difference between a Slack export and what a Mattermost team holds; an empty list if there is none.

    `export` is the raw zip or its folder; `database` the URL of the server's PostgreSQL, or a connection to it (read
    only, within its transaction). `files` is the server's file store: bytes are compared then. `since_ms` is when the
    migration began: what is older, in channels and of accounts that were there before, is not ours to judge; and what
    came into being since is all held to be the migration's, in every channel of the team. `keeps_replies`: what came did not
    go by the import job, which on an old server drops the props of replies and who follows a thread.
    Raises LookupError if there is no such team, OSError or zipfile.BadZipFile if the export cannot be opened.
    """
    if isinstance(database, psycopg.Connection):
        server = Server(database, team, keeps_replies=keeps_replies)
        return list(Comparison(Export(Path(export)), server, files, since_ms).findings())
    with psycopg.connect(database) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        server = Server(connection, team, keeps_replies=keeps_replies)
        return list(Comparison(Export(Path(export)), server, files, since_ms).findings())


class Comparison:
    """One export against one team. Holds what spans channels: messages that were lost, posts that are too many."""

    def __init__(self, export: Export, server: Server, files: Path | None, since_ms: int | None) -> None:
        self.export = export
        self.server = server
        self.files = files
        self.since_ms = since_ms
        self.people = People(export.users, server.accounts)
        self.bots = bots_of(export.users)
        self.channels = match_channels(export, server, self.people)
        self.names = Names(self.people.spellings(), self._channel_names(), export.emoji_aliases)
        self.invented = Invented(export, self.people, self.names, server.team)
        self.links = Links(server.team, self._channel_addresses())
        self.reacted: set[str] = set()  #: Slack's names of all reactions
        self.lost: list[Expected] = []
        self.spare: list[tuple[str, Channel, Post]] = []

    def findings(self) -> Iterator[Finding]:
        """Yield every difference."""
        yield from self.people.findings()
        sharing: dict[str, list[Conversation]] = defaultdict(list)
        for conversation in self.export.conversations:
            channel = self.channels.get(conversation.id)
            if channel:
                sharing[channel.id].append(conversation)
            else:
                yield from self._without_channel(conversation)
        by_id = {channel.id: channel for channel in self.server.channels}
        for channel_id, conversations in sharing.items():
            yield from self._channel(conversations, by_id[channel_id])
        yield from self._lost_and_spare()
        yield from strange_channels(self.server, self.channels, self.since_ms)
        named = [(conversations[0].name, by_id[channel_id]) for channel_id, conversations in sharing.items()]
        yield from hidden_findings(named, self.server, self.people, self.since_ms)
        yield from self.links.findings()
        yield from self._elsewhere()
        yield from emoji_findings(self.export, self.server, self.reacted, self.files)
        yield from profile_findings(self.people, self.since_ms)
        yield from presence_findings(self.server, self.people, self.since_ms)
        for name in dict.fromkeys(self.export.unreadable):
            yield Finding(kind="export", sentence=f"{name} cannot be read.")

    def _elsewhere(self) -> Iterator[Finding]:
        """What the migration left where no conversation went: strangers, notices, something unread."""
        if self.since_ms is None:
            return
        yield from self.people.strangers(self.since_ms)
        known = {channel.id for channel in self.channels.values()}
        ours = self.people.taken | set(self.people.learned.values())
        for name, post_type in self.server.notices(self.since_ms, known, ours):
            yield Finding(kind="notice", channel=name, sentence=f"There is a {post_type} of the migration's.")
        for channel in self.server.channels:
            if channel.team_id and channel.id not in known and channel.name in DEFAULT_CHANNELS:
                members = self.server.members(channel)
                yield from read_findings(
                    channel.name, channel, members, self.server, self.people, since_ms=self.since_ms
                )

    def _channel(self, conversations: list[Conversation], channel: Channel) -> Iterator[Finding]:
        """Several conversations share a channel only when they are group conversations of the same people."""
        first = conversations[0]
        wanted = [
            message
            for conversation in conversations
            for message in expected_posts(self.export, conversation, self.names, self.bots)
        ]
        matching = Matching(wanted, self.server.posts(channel), self.people)
        yield from matching.findings()
        for pair in [*matching.pairs, *matching.late]:
            self.links.note(pair)
            yield from self.invented.findings(pair)
            yield from mark_findings(pair, self.people, keeps_replies=self.server.keeps_replies)
            yield from hanging_findings(pair, self.export, self.people, self.files)
        self.reacted.update(name for message in wanted for name, _ in message.reactions)
        yield from matching.thread_findings(self.server.threads(channel))
        if self.server.keeps_replies:  # an older server is not told who follows
            yield from follower_findings(matching.pairs, self.server.followers(channel), self.people)
        self.lost += matching.lost
        yield from self._doubles(matching)
        self.spare += [(first.name, channel, post) for post in matching.spare.values()]
        members = self.server.members(channel)
        writers = {pair.post.user_id for pair in matching.pairs}
        yield from channel_findings(
            first,
            channel,
            members,
            self.people,
            self.names,
            self.invented,
            writers=writers,
            since_ms=self.since_ms,
        )
        yield from read_findings(first.name, channel, members, self.server, self.people, since_ms=self.since_ms)

    def _doubles(self, matching: Matching) -> Iterator[Finding]:
        """A post nobody claimed that says what a claimed one says, by the same person in the same thread."""
        claimed = {
            (pair.post.user_id, pair.post.message, pair.post.root_id): pair
            for pair in [*matching.pairs, *matching.late]
        }
        for post in list(matching.spare.values()):
            twin = claimed.get((post.user_id, post.message, post.root_id))
            if twin and (post.message or post.create_at == twin.post.create_at):
                yield finding("double", twin.wanted, f"A second post of it stands at {post.create_at}.")
                del matching.spare[post.id]

    def _lost_and_spare(self) -> Iterator[Finding]:
        """What one channel lost and another has too many is one message in the wrong place."""
        at: dict[int, list[int]] = defaultdict(list)
        for number, (_, _, post) in enumerate(self.spare):
            at[post.create_at].append(number)
        placed: set[int] = set()
        for message in self.lost:
            found = next(
                (number for number in at.get(message.ms, ()) if number not in placed and self._is(message, number)),
                None,
            )
            if found is None:
                yield finding("missing", message, "No post is this message.")
            else:
                placed.add(found)
                yield finding("place", message, f"It is in {self.spare[found][1].name}.")
        for number, (name, channel, post) in enumerate(self.spare):
            if number not in placed and not self._was_there(channel, post):
                kind = "notice" if post.type.startswith("system_") else "extra"
                yield Finding(kind=kind, channel=name, sentence=f"The post {post.id} ({post.create_at}) is no message.")

    def _is(self, message: Expected, number: int) -> bool:
        post = self.spare[number][2]
        account = self.people.account_of(message.author)
        return account is not None and account.id == post.user_id and not message.seen.lacking(post.shown())

    def _was_there(self, channel: Channel, post: Post) -> bool:
        return self.since_ms is not None and channel.create_at < self.since_ms and post.create_at < self.since_ms

    def _without_channel(self, conversation: Conversation) -> Iterator[Finding]:
        """A conversation that nobody wrote in needs no channel if somebody of it has no account."""
        messages = expected_posts(self.export, conversation, self.names, self.bots)
        accounts = [self.people.account_of(member) for member in conversation.members]
        personal = bool(kinds_of(conversation, len(accounts)) & {"D", "G"})
        if messages or not personal or None not in accounts:
            yield Finding(kind="channel", channel=conversation.name, sentence=f"{conversation.id} has no channel.")
        self.lost += [message for message in messages if not message.optional]

    def _channel_addresses(self) -> dict[str, str]:
        """Conversation id -> the channel's name in addresses, for public and private ones."""
        return {id_: channel.name for id_, channel in self.channels.items() if channel.type in {"O", "P"}}

    def _channel_names(self) -> dict[str, tuple[str, ...]]:
        """Channel id -> spellings: the channel's own names and Slack's."""
        spellings: dict[str, tuple[str, ...]] = {}
        for conversation in self.export.conversations:
            channel = self.channels.get(conversation.id)
            ours = (channel.name, channel.display_name) if channel else ()
            spellings[conversation.id] = (*ours, conversation.name)
        return spellings
