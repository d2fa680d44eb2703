"""A server with our plugin as exporters see it: threads and reactions through the plugin, all else as without it.

Composes the two. Holds no business rule, and falls back to nothing by itself: a plugin that must not write stops the run.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.api import (
    Account,
    Done,
    ExistingChannel,
    Journal,
    NewAccount,
    NewChannel,
    NewEmoji,
    Post,
    PostArrived,
    PostChannel,
    Refused,
    Server,
    Thread,
    WantedPost,
)
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.importer_threads import ImporterThreads
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.search_index import index_imported
from mm_pipeline.mattermost.stock import Stock

#: A finishing touch: a search engine beside the database is to read what came past it.
INDEX_POSTS = "index_posts"
_ALL = "all"


class Plugin:
    """Implements api.MattermostAPI. Says nothing to the server until it is asked something. Safe for threads."""

    def __init__(
        self,
        url: str,
        token: str,
        team: str,
        journal: Journal,
        *,
        max_archive_bytes: int | None = None,
        work_folder: Path,
    ) -> None:
        self._stock = Stock(url, token, team, journal, max_archive_bytes=max_archive_bytes, work_folder=work_folder)
        self._rest = Rest(Http(f"{url.rstrip('/').removesuffix('/api/v4')}/api/v4", token), team)
        self._importer = Importer(url, token)
        self._journal = journal
        self._work_folder = work_folder
        self._once = threading.Lock()
        self._threads: ImporterThreads | None = None

    # --- reading

    def server(self) -> Server:
        """Ask the server who it is and what it allows, and whether the plugin may write there. Raises AbortRun."""
        server = self._stock.server()
        self._importer.require()
        return server

    def me(self) -> Account:
        """Return the token's owner."""
        return self._stock.me()

    def accounts(self) -> Iterator[Account]:
        """Every account of the server, bots and deactivated ones too."""
        return self._stock.accounts()

    def account_named(self, username: str) -> Account | None:
        """Look up one account by its exact lower-case username."""
        return self._stock.account_named(username)

    def account_with_email(self, email: str) -> Account | None:
        """Look up one account by its e-mail address."""
        return self._stock.account_with_email(email)

    def channel_named(self, name: str) -> ExistingChannel | None:
        """Look up a channel of the team by name, archived ones too."""
        return self._stock.channel_named(name)

    def channel_of(self, member_ids: Sequence[str]) -> ExistingChannel | None:
        """Look up the direct or group channel of exactly these people."""
        return self._stock.channel_of(member_ids)

    def emoji_names(self) -> set[str]:
        """The names of the server's custom emoji."""
        return self._stock.emoji_names()

    def find_posts(self, channel: PostChannel, wanted: Iterable[WantedPost]) -> Iterator[PostArrived]:
        """Read the channel back and yield those of the wanted posts that are there."""
        return self._stock.find_posts(channel, wanted)

    def knows_last_job(self) -> bool:
        """Whether the server knows the newest job that went well; true where there was none."""
        return self._stock.knows_last_job()

    def posts_there(self, post_ids: Sequence[str]) -> set[str]:
        """Return those of some posts (at most 1000) that the server has."""
        return self._stock.posts_there(post_ids)

    # --- writing

    def resume(self) -> None:
        """Take up what an earlier run left. Of the plugin nothing is left: a batch is there as a whole or not at all."""
        self._stock.resume()

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create accounts with their memberships; `channels` that the server lacks come into being on the way."""
        return self._stock.create_accounts(accounts, channels)

    def create_emoji(self, emoji: Iterable[NewEmoji]) -> Iterator[Done | Refused]:
        """Create custom emoji; one whose name the server has is left as it is."""
        return self._stock.create_emoji(emoji)

    def open_channels(self, channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Have each channel be there with all its members, and nobody disturbed."""
        return self._stock.open_channels(channels)

    def send_threads(self, threads: Iterable[Thread]) -> Iterator[PostArrived | Refused]:
        """Send posts with authors, times, files and reactions; yield what is there then, and what was refused."""
        return self._send(threads)

    def add_reactions(self, posts: Iterable[tuple[PostChannel, Post]]) -> Iterator[PostArrived | Refused]:
        """Add reactions to posts that the server has through the plugin, and files by import job, after them."""
        with_files: list[tuple[PostChannel, Post]] = []

        def without_files() -> Iterator[Thread]:
            for channel, post in posts:
                if post.files:
                    with_files.append((channel, post))
                else:
                    yield Thread(channel=channel, root=post)

        yield from self._send(without_files(), known=True)
        if with_files:
            yield from self._stock.add_reactions(with_files)

    def replace_text(self, post_id: str, old: str, new: str, edit_at: int | None = None) -> str:
        """Give a post another text, if nobody else has and it may be edited. Returns why it stays as it is, or ""."""
        return self._stock.replace_text(post_id, old, new, edit_at)

    def archive_channel(self, channel_id: str) -> None:
        """Archive a channel silently, at the latest in `finish`; one that is archived is left."""
        self._stock.archive_channel(channel_id)

    def deactivate_bot(self, user_id: str) -> None:
        """Disable a bot account; one that is disabled is left."""
        self._stock.deactivate_bot(user_id)

    def finish(self) -> None:
        """Pay what is owed. What the plugin brought is read already."""
        self._stock.finish()
        if self._journal.owed(INDEX_POSTS):
            self._rest.invalidate_caches()
            index_imported(self._rest)
            self._journal.paid(INDEX_POSTS, [_ALL])

    # --- how

    def _send(self, threads: Iterable[Thread], *, known: bool = False) -> Iterator[PostArrived | Refused]:
        sender = self._sender()
        self._journal.owe(INDEX_POSTS, [_ALL])
        try:
            yield from sender.send(threads, known=known)
        except ApiError as refused:  # of a whole batch: it concerns no single row
            raise AbortRun(str(refused)) from refused

    def _sender(self) -> ImporterThreads:
        with self._once:
            if self._threads is None:
                server = self.server()
                self._threads = ImporterThreads(
                    self._importer, self._rest, server, Existing(self._rest, self._work_folder)
                )
            return self._threads
