"""A server with our plugin as exporters see it: threads and reactions through the plugin, all else as without it.

What it does not override goes the stock road. Holds no business rule,
and falls back to nothing by itself: a plugin that must not write stops the run.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.finding import ok, told
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.api import (
    Asked,
    CountedPost,
    Journal,
    Post,
    PostArrived,
    PostChannel,
    Refused,
    Server,
    Thread,
)
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.importer_threads import ImporterThreads
from mm_pipeline.mattermost.search_index import index_imported
from mm_pipeline.mattermost.stock import Stock

#: A finishing touch: a search engine beside the database is to read what came past it.
INDEX_POSTS = "index_posts"
_ALL = "all"


class Plugin(Stock):
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
        super().__init__(url, token, team, journal, max_archive_bytes=max_archive_bytes, work_folder=work_folder)
        self._importer = Importer(url, token)
        self._sending = threading.Lock()
        self._threads: ImporterThreads | None = None

    # --- reading

    def server(self) -> Server:
        """Ask the server who it is and what it allows, and whether the plugin may write there. Raises AbortRun."""
        server = super().server()
        self._importer.require()
        return msgspec.structs.replace(server, keeps_replies=True)

    def look(self, largest_file: int = 0) -> Asked:
        """Ask all that can be asked before anything is sent, and whether the plugin may write there."""
        asked = super().look(largest_file)
        if asked.server is None:
            return asked
        try:
            self._importer.require()
        except (AbortRun, ApiError) as fault:
            line = told("plugin", str(fault))
        else:
            line = ok("plugin", "The server plugin is there, and may write into this server's tables.")
        return msgspec.structs.replace(asked, findings=[*asked.findings, line])

    def posts_of(self, channel_id: str) -> Iterator[CountedPost]:
        """Yield each post that a channel shows, newest first; none where it is gone."""
        return self._importer.posts_of(channel_id, self._parts().server.hidden_before)

    def was_set_back(self, sent_last: Callable[[], Sequence[str]]) -> bool:
        """Whether the server has none of the posts that were settled last: no job brought them."""
        sent = sent_last()
        return not self.posts_there(sent) if sent else super().was_set_back(lambda: sent)

    # --- writing

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
            yield from super().add_reactions(with_files)

    def finish(self) -> None:
        """Pay what is owed. What the plugin brought is read already."""
        super().finish()
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
        with self._sending:
            if self._threads is None:
                server = self.server()
                self._threads = ImporterThreads(
                    self._importer,
                    self._rest,
                    server,
                    Existing(self._rest, self._work_folder),
                    self._journal,
                    self._max_archive_bytes,
                )
            return self._threads
