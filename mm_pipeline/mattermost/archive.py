"""The archive transport: a whole migration as one bulk-import file, for a server that no network reaches.

Needs no server, marks nothing. It is also the dry run, and the yardstick of the benchmarks.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from mm_pipeline.errors import RowFailed
from mm_pipeline.mattermost.archive_writer import ArchiveWriter, paths_of, picture_of
from mm_pipeline.mattermost.import_lines import (
    DIRECT_KINDS,
    address_fields,
    bot_line,
    channel_line,
    direct_channel_line,
    emoji_line,
    emoji_path,
    line_of,
    line_type,
    loses_something,
    reply_fields,
    thread_lines,
    user_line,
)
from mm_pipeline.mattermost.limits import MESSAGE, refusal_of
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, NewEmoji, Post, PostChannel, Thread
from mm_pipeline.mattermost.sendable import sendable


class Archive:
    """One file in the making, for one team.

    `bot_owner` names the account that will own the bots (servers >= 10.3); without it bots become ordinary accounts.
    `replies_keep_everything`: whether the server will be one that takes all of a reply (>= 10.5).
    Its methods yield what the server would refuse, and what is therefore not in the file; they must be read to the end.
    """

    def __init__(
        self,
        path: Path,
        team: str,
        *,
        bot_owner: str = "",
        max_post_runes: int = MESSAGE,
        replies_keep_everything: bool = True,
    ) -> None:
        self._team = team
        self._bot_owner = bot_owner
        self._max_post_runes = max_post_runes
        self._replies_keep_everything = replies_keep_everything
        self._path = path
        self._writer = ArchiveWriter(path.with_name(f"{path.name}.part"), limit_bytes=1 << 62)

    def add_accounts(self, accounts: Iterable[NewAccount]) -> Iterator[Refused]:
        """Take in people with their memberships, and bots."""
        for account in accounts:
            if account.is_bot and self._bot_owner:
                yield from self._add("bot", account, bot_line(account, self._bot_owner), picture_of(account))
            else:
                # .invalid never receives mail; without an address the server takes nobody.
                email = account.email or f"{account.username}@bot.invalid"
                person = msgspec.structs.replace(account, is_bot=False, email=email)
                yield from self._add("user", person, user_line(person, self._team), picture_of(person))

    def add_channels(self, channels: Iterable[NewChannel]) -> Iterator[Refused]:
        """Take in channels of all four kinds."""
        for channel in channels:
            if channel.kind in DIRECT_KINDS:
                yield from self._add("direct_channel", channel, direct_channel_line(channel))
            else:
                yield from self._add("channel", channel, channel_line(channel, self._team))

    def add_emoji(self, emoji: Iterable[NewEmoji]) -> Iterator[Refused]:
        """Take in custom emoji with their pictures."""
        for one in emoji:
            yield from self._add("emoji", one, emoji_line(one), {emoji_path(one): one.image})

    def add_threads(self, threads: Iterable[Thread]) -> Iterator[Refused]:
        """Take in threads; a reply that would be refused is left out alone, a root with its replies."""
        for thread in threads:
            whole, refused = sendable(thread, self._max_post_runes)
            yield from refused
            if whole is None:
                continue
            for part, (line, replies) in enumerate(thread_lines(whole, self._team)):
                files = paths_of(file for post in (whole.root, *replies) for file in post.files)
                self._writer.add(line_type(whole.channel), line, files, part=part)
                self._complete(whole.channel, replies, part + 1)

    def close(self) -> None:
        """Write the file. Raises AbortRun where it cannot be written."""
        try:
            self._writer.close()
            self._writer.path.replace(self._path)
        finally:
            self._writer.release()

    def _complete(self, channel: PostChannel, replies: Iterable[Post], part: int) -> None:
        """Say once more, in a later segment, what a server < 10.5 drops of replies: as posts they are found by ms and text."""
        for reply in replies if not self._replies_keep_everything else ():
            fields = reply_fields(reply)
            if loses_something(fields):
                line = line_of(line_type(channel), address_fields(channel, self._team) | fields)
                self._writer.add(line_type(channel), line, paths_of(reply.files), part=part)

    def _add(
        self, kind: str, thing: NewAccount | NewChannel | NewEmoji, line: bytes, files: dict[str, Path] | None = None
    ) -> Iterator[Refused]:
        if why := refusal_of(thing):
            yield Refused(key=thing.key, error=RowFailed(why))
        else:
            self._writer.add(kind, line, files or {}, thing.key)
