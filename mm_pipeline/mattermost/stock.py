"""An unmodified Mattermost server as exporters see it: import jobs for what is new, quiet REST for what exists.

Composes the two halves. Holds no business rule, and no request of its own making.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.finding import Finding, told
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.audit import Audit
from mm_pipeline.mattermost.bots import GREETINGS, Bots
from mm_pipeline.mattermost.channel_lines import ARCHIVE, ChannelLines
from mm_pipeline.mattermost.channels import Channels
from mm_pipeline.mattermost.creates import Creates
from mm_pipeline.mattermost.custom_emoji import create_all, emoji_names
from mm_pipeline.mattermost.first_sight import (
    NEWCOMERS,
    SHOW_DIRECT,
    homes_of_newcomers,
    show_direct_channels,
    without_newcomers,
)
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.mailing import mailing, send_test_mail
from mm_pipeline.mattermost.on_server import (
    Account,
    Allowed,
    Asked,
    CountedPost,
    ExistingChannel,
    Mailing,
    PostArrived,
    SeenPost,
    Server,
    WantedPost,
)
from mm_pipeline.mattermost.ours import EDITED
from mm_pipeline.mattermost.outcome import Done, Refused, Taken
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, NewEmoji, Post, PostChannel, Thread
from mm_pipeline.mattermost.own_unread import FIRST_UNREAD, restore_unread
from mm_pipeline.mattermost.packing import archive_limit
from mm_pipeline.mattermost.password_resets import password_resets, send_password_reset
from mm_pipeline.mattermost.people import People
from mm_pipeline.mattermost.preflight import ask_server, look_at_server
from mm_pipeline.mattermost.quiet import MEMBER_READ, NOTICES, Quiet
from mm_pipeline.mattermost.read_state import (
    KEEP_THREAD,
    KEEP_UNREAD,
    MARK_READ,
    MARK_THREADS,
    mark_read_for_all,
)
from mm_pipeline.mattermost.remembered import Remembered
from mm_pipeline.mattermost.removal import Removal
from mm_pipeline.mattermost.rest import Rest, channel
from mm_pipeline.mattermost.search_index import index_imported
from mm_pipeline.mattermost.sending import Sender
from mm_pipeline.mattermost.settings import FOR_A_MOMENT, put_back
from mm_pipeline.mattermost.shown import everything_in, thread
from mm_pipeline.mattermost.surroundings import look_around
from mm_pipeline.mattermost.time_zones import TIME_ZONES, set_time_zones
from mm_pipeline.mattermost.way import look_at_way

#: Channels take a list of people from here on (facts: contract 4).
_LISTS_OF_MEMBERS = (10, 0)


class Parts(NamedTuple):
    """What depends on the server's answers, made when it is first needed."""

    server: Server
    bots: Bots
    quiet: Quiet
    lines: ChannelLines
    sender: Sender
    creates: Creates
    removal: Removal


class Stock:
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
        remembered: Remembered | None = None,
    ) -> None:
        self._url = url.rstrip("/").removesuffix("/api/v4")
        self._token = token
        self._journal = journal
        self._max_archive_bytes = max_archive_bytes
        self._work_folder = work_folder
        self._rest = Rest(Http(f"{self._url}/api/v4", token, outages=journal), team)
        self._once = threading.Lock()
        self._remembered = remembered or Remembered()
        self._told: Server | None = None
        self._built: Parts | None = None

    # --- reading

    def server(self) -> Server:
        """Return who the server is and what it allows, as it said within seconds. Raises AbortRun: URL, token, rights, team, version."""
        self._told = self._remembered.said(self._ask_server)
        return self._told

    def _ask_server(self) -> Server:
        return ask_server(self._rest, self._url)

    def look(self, largest_file: int | None = 0) -> Asked:
        """Ask all that can be asked before anything is sent; what lies in between is sent as much as an upload would (None: not)."""
        asked = look_at_server(self._rest, self._url)
        if asked.server is None:
            return asked
        try:
            around, fixed = look_around(self._rest)
            way = [self._way(asked.server, largest_file)] if largest_file is not None else []
        except (AbortRun, ApiError) as fault:
            return msgspec.structs.replace(asked, findings=[*asked.findings, told("server", str(fault))])
        return msgspec.structs.replace(asked, findings=[*asked.findings, *around, *way], fixed=fixed)

    def _way(self, server: Server, largest_file: int) -> Finding:
        archive = archive_limit(server.max_file_bytes, self._max_archive_bytes)
        return look_at_way(self._rest.http, max(archive, min(largest_file, server.max_file_bytes)))

    def me(self) -> Account:
        """Return the token's owner."""
        return self._rest.me

    def accounts(self) -> Iterator[Account]:
        """Every account of the server, bots and deactivated ones too."""
        return self._rest.accounts()

    def account_named(self, username: str) -> Account | None:
        """Look up one account by its exact lower-case username."""
        return self._rest.account_named(username)

    def account_with_email(self, email: str) -> Account | None:
        """Look up one account by its e-mail address."""
        return self._rest.account_with_email(email)

    def channel_named(self, name: str) -> ExistingChannel | None:
        """Look up a channel of the team by name, archived ones too."""
        found = self._rest.channel_named(name)
        return channel(found) if found else None

    def channels_there(self, names: Iterable[str]) -> set[str]:
        """Return those of some names that a channel of the team has, archived ones too."""
        return set(self._rest.channels_named(names))

    def channel_of(self, member_ids: Sequence[str]) -> ExistingChannel | None:
        """Look up the direct or group channel of exactly these people."""
        found = self._rest.channel_of(member_ids)
        return channel(found) if found else None

    def emoji_names(self) -> set[str]:
        """The names of the server's custom emoji."""
        return emoji_names(self._rest)

    def members_of_team(self, user_ids: Sequence[str]) -> set[str]:
        """Those of some people (ids) who are in the team."""
        return self._rest.members_of_team(user_ids)

    def find_posts(self, channel: PostChannel, wanted: Iterable[WantedPost]) -> Iterator[PostArrived]:
        """Read the channel back and yield those of the wanted posts that are there."""
        return self._parts().sender.find_posts(channel, wanted)

    def was_set_back(self, sent_last: Callable[[], Sequence[str]]) -> bool:
        """Whether the server has neither the newest job that went well nor any of the posts that were settled last.

        It forgets its old jobs by itself (JobSettings.CleanupJobsThresholdDays).
        """
        job_id = self._journal.last_job()
        if job_id is None or self._rest.http.get_or_none(f"/jobs/{job_id}") is not None:
            return False
        sent = sent_last()
        return not (sent and self.posts_there(sent))

    def posts_there(self, post_ids: Sequence[str]) -> set[str]:
        """Return those of some posts (at most 1000) that the server has."""
        return self._rest.posts_there(post_ids)

    def audit(self) -> Audit:
        """Return what asks the server anew for what it has."""
        return Audit(self._rest)

    def has_channel(self, channel_id: str) -> bool:
        """Whether the server has a channel, be it archived."""
        return self._rest.channel(channel_id) is not None

    def posts_of(self, channel_id: str) -> Iterator[CountedPost]:
        """Yield each post that a channel shows, newest first; none where it is gone."""
        return everything_in(self._rest.http, channel_id)

    def thread(self, post_id: str) -> list[SeenPost]:
        """Return a root and its replies, oldest first; [] where it is gone."""
        return thread(self._rest.http, post_id)

    # --- writing

    def rest(self) -> None:
        """Put back every setting that is still changed: nothing is sent or read back for a while."""
        put_back(self._journal, self._rest)

    def resume(self) -> None:
        """Put back what a crash left changed, and wait for jobs whose end nobody saw.

        What stays changed until all is finished stays: another run may be reading back at this moment.
        """
        put_back(self._journal, self._rest, FOR_A_MOMENT)
        self._parts().sender.resume()

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create accounts with their memberships; `channels` that the server lacks come into being on the way."""
        parts = self._parts()
        return People(self._rest, parts.bots, parts.creates, self._journal).create(accounts, channels)

    def create_emoji(self, emoji: Iterable[NewEmoji]) -> Iterator[Done | Refused]:
        """Create custom emoji; one whose name the server has is left as it is."""
        return create_all(self._rest, self._journal, emoji)

    def open_channels(self, channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Have each channel be there with all its members, and nobody disturbed."""
        parts = self._parts()
        return Channels(self._rest, self._journal, parts.quiet, parts.creates, parts.lines).open(channels)

    def send_threads(self, threads: Iterable[Thread]) -> Iterator[PostArrived | Refused]:
        """Send posts by import job; yield what was read back, and what was refused."""
        return self._parts().sender.send_threads(threads)

    def add_reactions(self, posts: Iterable[tuple[PostChannel, Post]]) -> Iterator[PostArrived | Refused]:
        """Add reactions and files to posts that the server has."""
        return self._parts().sender.add_reactions(posts)

    def replace_text(
        self, post_id: str, old: str, new: str, edit_at: int | None = None, edited_at: int | None = None
    ) -> str:
        """Give a post another text, if nobody else has and it may be edited: today. Returns why it stays as it is, or ""."""
        if old == new:
            return ""
        if why := self._rest.replace_text(post_id, old, new, edit_at):
            return why
        if post := self._rest.http.get_or_none(f"/posts/{post_id}"):
            self._journal.owe(EDITED, [f"{post_id} {post['edit_at']}"])
        return ""

    def archive_channel(self, channel_id: str) -> None:
        """Archive a channel silently, by the next job with posts or else one of `finish`; one that is archived is left."""
        self._parts().lines.archive_later(channel_id)

    def deactivate_bot(self, user_id: str) -> None:
        """Disable a bot account; one that is disabled is left."""
        self._parts().bots.disable(user_id)

    def activate_account(self, user_id: str) -> None:
        """Let a deactivated person in; nothing happens to one who is active."""
        self._rest.activate(user_id)

    def finish(self) -> None:
        """Pay what is owed: everything imported is read, notices are gone, settings put back. Nothing owed, nothing sent."""
        put_back(self._journal, self._rest)
        imported, added = self._journal.owed(MARK_READ), self._journal.owed(MEMBER_READ)
        loud = self._journal.owed(NOTICES) + self._journal.owed(GREETINGS)
        quiet = [task for task in (ARCHIVE, NEWCOMERS, SHOW_DIRECT, TIME_ZONES) if self._journal.owed(task)]
        if not (imported or added or loud or quiet):
            return
        parts = self._parts()
        if loud:
            with parts.quiet.please():
                parts.quiet.remove_notices()
                parts.bots.remove_greetings()
        kept, grown = self._journal.owed(KEEP_UNREAD), self._journal.owed(MARK_THREADS)
        kept_threads = self._journal.owed(KEEP_THREAD)
        keep = without_newcomers(self._rest, self._journal, kept)
        with ThreadPoolExecutor(1, "archiving") as beside:
            archived = beside.submit(parts.lines.archive)  # its job waits up to 15 s for its turn
            left = parts.quiet.mark_members_read()
            left += self._mark_read(
                imported,
                threads=frozenset(grown) if parts.server.imports_followers else frozenset(),
                keep=keep.union(kept_threads),
                besides=homes_of_newcomers(self._rest, self._journal),
            )
            self._journal.paid(NEWCOMERS, self._journal.owed(NEWCOMERS))
            show_direct_channels(self._rest, self._journal)
            set_time_zones(self._rest, self._journal)
            archived.result()
        restore_unread(self._rest, self._journal, frozenset(imported), keep)
        self._rest.invalidate_caches()
        if imported:
            index_imported(self._rest)
        unread = [f"{user_id} {channel_id}" for user_id, channel_id in left]
        self._journal.owe(MEMBER_READ, unread)
        self._journal.paid(MARK_READ, imported)
        self._journal.paid(MARK_THREADS, grown)
        self._journal.paid(KEEP_THREAD, kept_threads)
        self._journal.paid(MEMBER_READ, set(added).difference(unread))
        self._journal.paid(FIRST_UNREAD, self._journal.owed(FIRST_UNREAD))
        self._journal.paid(KEEP_UNREAD, kept)

    # --- inviting

    def mailing(self) -> Mailing:
        """Return how the server mails, as far as its settings tell."""
        return mailing(self._rest)

    def send_test_mail(self) -> None:
        """Have the server mail the token's owner."""
        send_test_mail(self._rest)

    def send_password_reset(self, email: str) -> None:
        """Have the server mail a link to choose a password."""
        send_password_reset(self._rest, email)

    def password_resets(self) -> set[str]:
        """Return the addresses to which the token's owner had such links mailed."""
        return password_resets(self._rest)

    # --- taking back

    def allowed(self) -> Allowed:
        """Return what may be removed for good."""
        return self._parts().removal.allowed()

    def read_posts(self, channel_id: str) -> Iterator[SeenPost]:
        """Yield everything that lies in a channel, newest first."""
        self._parts().sender.stop_fetching_links()
        return self._parts().removal.read_posts(channel_id)

    def channels_of(self, user_id: str) -> set[str]:
        """Return the ids of the team's channels that somebody is in."""
        return self._parts().removal.channels_of(user_id)

    def default_channels(self) -> list[str]:
        """Return the ids of the channels that everybody who joins the team is put into."""
        return self._parts().removal.default_channels()

    def has_signed_in(self, user_id: str) -> bool:
        """Whether anybody has ever used the account."""
        return self._parts().removal.has_signed_in(user_id)

    def own_tables(self) -> str:
        """Return what is kept in the server's database beside its own tables: nothing."""
        return ""

    def own_emoji(self, names: Iterable[str]) -> dict[str, str]:
        """Return name -> id of those custom emoji that the token's owner made."""
        return self._parts().removal.own_emoji(names)

    def take_back_posts(self, channel_id: str, post_ids: Sequence[str], *, for_good: bool) -> Iterator[Taken]:
        """Delete posts, for good or as people do."""
        return self._parts().removal.posts(channel_id, post_ids, for_good=for_good)

    def hide_direct(self, channel_id: str) -> None:
        """Take a direct or group channel out of the side bars of its people."""
        self._parts().removal.hide_direct(channel_id)

    def take_back_channel(self, channel_id: str, *, for_good: bool) -> Taken:
        """Remove a public or private channel; or rename and archive it."""
        return self._parts().removal.channel(channel_id, for_good=for_good)

    def take_back_accounts(self, accounts: Sequence[Account], *, for_good: bool) -> Iterator[Taken]:
        """Remove accounts with all that they wrote; or rename and deactivate them."""
        return self._parts().removal.accounts(accounts, for_good=for_good)

    def take_back_emoji(self, emoji_id: str) -> Taken:
        """Delete a custom emoji."""
        return self._parts().removal.emoji(emoji_id)

    def take_back_memberships(
        self, channels: Mapping[str, Sequence[str]], team: Sequence[str]
    ) -> Iterator[tuple[str, Taken]]:
        """Take people out of channels and out of the team; nobody is told."""
        return self._parts().removal.memberships(channels, team)

    def put_back(self) -> None:
        """Give the server its settings back where they are still changed, and archive what was opened for a moment."""
        put_back(self._journal, self._rest)
        self._parts().removal.archive_opened()
        self._rest.invalidate_caches()

    # --- how

    def _mark_read(self, channel_ids: Sequence[str], **how: Any) -> list[tuple[str, str]]:
        return mark_read_for_all(self._rest, channel_ids, **how)

    def _parts(self) -> Parts:
        with self._once:
            if self._built is None:
                self._built = self._build()
            return self._built

    def _build(self) -> Parts:
        rest, journal, folder = self._rest, self._journal, self._work_folder
        server = self._told or self.server()
        folder.mkdir(parents=True, exist_ok=True)
        quiet = Quiet(rest, journal, many_at_once=server.version >= _LISTS_OF_MEMBERS)
        sender = Sender(
            rest.http,
            server,
            journal,
            folder,
            self._max_archive_bytes,
            meanwhile=partial(set_time_zones, rest, journal),
        )
        return Parts(
            server=server,
            bots=Bots(rest, journal),
            quiet=quiet,
            removal=Removal(rest, journal, quiet, server.version),
            lines=ChannelLines(rest, journal, folder),
            sender=sender,
            creates=sender,
        )
