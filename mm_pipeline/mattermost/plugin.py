"""A server with our plugin as exporters see it: people, channels and what was said through the plugin, bots and emoji by REST.

What it does not override goes the stock road. Holds no business rule,
and falls back to nothing by itself: a plugin that must not write stops the run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.finding import ok, told
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.importer_channels import ImporterLines, ImporterMembers
from mm_pipeline.mattermost.importer_late_files import ImporterLateFiles
from mm_pipeline.mattermost.importer_people import ImporterPeople
from mm_pipeline.mattermost.importer_read import mark_read
from mm_pipeline.mattermost.importer_threads import ImporterThreads
from mm_pipeline.mattermost.on_server import Asked, CountedPost, PostArrived, SeenFile, Server
from mm_pipeline.mattermost.ours import EDITED
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import Post, PostChannel, Thread
from mm_pipeline.mattermost.search_index import index_imported
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline.mattermost.stock import Parts, Stock

#: A finishing touch: a search engine beside the database is to read what came past it.
INDEX_POSTS = "index_posts"
_ALL = "all"


class Plugin(Stock):
    """Implements api.MattermostAPI. Says nothing to the server until it is asked something. Safe for threads."""

    _threads: ImporterThreads

    @cached_property
    def _importer(self) -> Importer:
        # Whatever it is that changes: the engine has its own copy of posts, people and channels.
        return Importer(self._url, self._token, self._journal, lambda: self._journal.owe(INDEX_POSTS, [_ALL]))

    # --- reading

    def _ask_server(self) -> Server:
        """Ask the server who it is and what it allows, and whether the plugin may write there. Raises AbortRun."""
        server = super()._ask_server()
        self._require_plugin()
        return msgspec.structs.replace(server, by_plugin=True)

    def look(self, largest_file: int | None = 0) -> Asked:
        """Ask all that can be asked before anything is sent, and whether the plugin may write there."""
        asked = super().look(largest_file)
        if asked.server is None:
            return asked
        try:
            self._require_plugin()
        except (AbortRun, ApiError) as fault:
            line = told("plugin", str(fault))
        else:
            line = ok("plugin", "The server plugin is there, and may write into this server's tables.")
        server = msgspec.structs.replace(asked.server, by_plugin=True)
        return msgspec.structs.replace(asked, server=server, findings=[*asked.findings, line])

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
        """Add reactions and files to posts that the server has."""
        late, hung = ImporterLateFiles(self._importer, self._rest), dict[int, tuple[SeenFile, ...]]()

        def without_files() -> Iterator[Thread]:
            for channel, post in posts:
                if post.files:
                    hung[post.key] = late.hang(post)
                yield Thread(channel=channel, root=msgspec.structs.replace(post, files=()))

        for outcome in self._send(without_files(), known=True):
            if isinstance(outcome, PostArrived) and outcome.key in hung:
                yield msgspec.structs.replace(outcome, files=hung[outcome.key])
            else:
                yield outcome

    def finish(self) -> None:
        """Pay what is owed. What the plugin brought is read already."""
        super().finish()
        if self._journal.owed(INDEX_POSTS):
            self._rest.invalidate_caches()
            index_imported(self._rest)
            self._journal.paid(INDEX_POSTS, [_ALL])

    def replace_text(
        self, post_id: str, old: str, new: str, edit_at: int | None = None, edited_at: int | None = None
    ) -> str:
        """Give a post another text, if nobody else has: as if it had been sent with it. Returns why it stays, or ""."""
        if old == new:
            return ""
        text = {"id": post_id, "old": old, "new": new, "edit_at": edit_at, "edited_at": edited_at}
        (answer,) = self._importer.texts([text])
        self._rest.invalidate_caches()
        if not answer.reason:
            self._journal.owe(EDITED, [f"{post_id} {answer.edit_at}"])
        return answer.reason

    # --- taking back

    def own_tables(self) -> str:
        """Return what the plugin keeps in the server's database for itself."""
        return "the plugin's own tables; `mm-pipeline plugin remove` takes them away with it"

    # --- how

    def _require_plugin(self) -> None:
        self._importer.require(ServerPlugin(self._url, self._token).is_on)

    def _build(self) -> Parts:
        parts, rest, journal = super()._build(), self._rest, self._journal
        existing = Existing(rest, self._work_folder)
        self._threads = ImporterThreads(self._importer, rest, parts.server, existing, journal, self._max_archive_bytes)
        return parts._replace(
            creates=ImporterPeople(self._importer, rest, self._journal),
            lines=ImporterLines(self._importer, rest, journal, self._work_folder),
            quiet=ImporterMembers(self._importer, rest, journal, many_at_once=True),
        )

    def _mark_read(self, channel_ids: Sequence[str], **how: Any) -> list[tuple[str, str]]:
        return mark_read(self._importer, channel_ids, **how)

    def _send(self, threads: Iterable[Thread], *, known: bool = False) -> Iterator[PostArrived | Refused]:
        self._parts()
        try:
            yield from self._threads.send(threads, known=known)
        except ApiError as refused:  # of a whole batch: it concerns no single row
            raise AbortRun(str(refused)) from refused
