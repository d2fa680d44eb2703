"""Compares what was staged, what the rows say and what the server says, type by type. Changes nothing, decides nothing.

Each comparison says in its description what it proves and what it does not. None reads the messages back a second time:
that was done once, when each was sent; here the server is asked for totals, for ids, and for a few things at random.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.shown_rows import Conversation, ShownRows
from mm_pipeline.export.directory import Directory
from mm_pipeline.mattermost.api import Audit
from mm_pipeline.mattermost.on_server import ChannelKind, ExistingChannel
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted, verb
from mm_pipeline.render.emoji import emoji_name
from mm_pipeline.report.samples import HIDDEN
from mm_pipeline.report.totals import conversations, missing, totals

#: Channels whose totals are asked for, the largest ones: 2 ms each.
_CHANNELS = 1000
#: Messages and messages with reactions that are asked for by id, at random: 0.1 and 4 ms each.
_POSTS, _REACTED = 200, 50


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison came to."""

    agrees: bool
    said: str  #: one sentence
    numbers: dict[str, int] = {}
    lines: list[dict[str, Any]] = []  #: a table: what differs first
    lines_are: str = "compared"  #: what the table is called
    is_harmful: bool = False  #: whether the step that follows would do damage


class Compared:
    """One workspace and its server. What several comparisons need is asked once."""

    def __init__(self, store: EntityStore, audit: Audit) -> None:
        self._store, self._rows, self._audit = store, ShownRows(store), audit

    def accounts(self) -> Verdict:
        """Are the accounts there that the rows know?"""
        known = self._rows.on_server(EntityType.USER)
        return _those_there(known, self._audit.accounts(user_id for _, user_id in known), "accounts")

    def emoji(self) -> Verdict:
        """Are the custom emoji there that the rows know?"""
        there = self._audit.emoji()
        known = [(name, name) for name, _ in self._rows.on_server(EntityType.CUSTOM_EMOJI)]
        return msgspec.structs.replace(_those_there(known, there, "custom emoji"), is_harmful=False)

    def channels(self) -> Verdict:
        """Are the channels there that the rows know?"""
        return _those_there(
            [(_label(one), one.channel_id) for one in self._largest], self._there, "channels" + self._how_many
        )

    def openness(self) -> Verdict:
        """Is a private conversation still private?"""
        private = [one for one in self._conversations if one.kind == ChannelKind.PRIVATE]
        # Of what is sent already nothing changes by going on.
        due = [one for one in private if one.pending]
        there = self._audit.channels(one.channel_id for one in due)
        opened = [
            one
            for one in due
            if one.channel_id in there and there[one.channel_id].kind not in (ChannelKind.PRIVATE, ChannelKind.GROUP)
        ]
        how_many = counted(len(private), "conversation is", "conversations are")
        said = f"{how_many} private in Slack; what is still to be sent goes where it stays so."
        if opened:
            one = "conversation that is private in Slack has a channel by now that everybody can read"
            more = "conversations that are private in Slack have channels by now that everybody can read"
            said = (
                f"{counted(len(opened), one, more)}, like {opened[0].name}: make them private in Mattermost, or leave them out, "
                "before their messages are sent."
            )
        return Verdict(
            agrees=not opened,
            said=said,
            numbers={"private conversations": len(private), "with messages still to be sent": len(due)},
            lines=[{"channel": one.name, "messages still to be sent": one.pending} for one in opened],
            is_harmful=bool(opened),
        )

    def messages(self) -> Verdict:
        """Does the server count as many posts and replies in each channel as were read back?"""
        lines = [_messages_line(one, self._there.get(one.channel_id)) for one in self._largest]
        lines.sort(key=lambda line: -line["missing"])
        lacking = sum(line["missing"] for line in lines)
        asked = self._rows.any_posts(_POSTS)
        there = self._audit.posts(list(asked)) if asked else set()
        gone = [slack_id for post_id, slack_id in asked.items() if post_id not in there]
        said = [
            f"The server counts {counted(lacking, 'post')} fewer than were read back in "
            f"{counted(sum(1 for line in lines if line['missing']), 'channel')}{self._how_many}."
            if lacking
            else f"In {_each_of(lines, 'channel', 'channels')}{self._how_many} the server counts at least the posts and replies that "
            "were read back.",
            f"Of {counted(len(asked), 'message that was', 'messages that were')} asked for by id {_so_many(gone)} missing"
            + (f", like {gone[0]}: deleted by people, or lost by the server." if gone else "."),
        ]
        return Verdict(
            agrees=not lacking and not gone,
            said=" ".join(said),
            numbers={
                "messages in the export": sum(one.staged for one in self._conversations),
                "messages read back": sum(one.arrived for one in self._conversations),
                "posts that these are": sum(one.posts for one in self._largest),
                "posts that the server counts": sum(one.total_msg_count for one in self._there.values()),
                "missing": lacking,
                "missing of those asked for by id": len(gone),
            },
            lines=lines,
        )

    def files(self) -> Verdict:
        """Does the server count as many files in each channel as were read back?"""
        with_files = sorted((one for one in self._conversations if one.files), key=lambda one: -one.files)[:_CHANNELS]
        there = self._audit.files(one.channel_id for one in with_files)
        lines: list[dict[str, Any]] = [
            {"channel": _label(one), "read back": one.files, "on the server": there.get(one.channel_id, 0)}
            for one in with_files
        ]
        fewer = [line for line in lines if line["on the server"] < line["read back"]]
        return Verdict(
            agrees=not fewer,
            said=f"In {len(fewer):,} of {counted(len(lines), 'channel')} with files the server counts fewer than were read back."
            if fewer
            else f"In {_each_of(lines, 'channel with files', 'channels with files')} the server counts at least those that were read back.",
            numbers={
                "files read back": sum(line["read back"] for line in lines),
                "files that the server counts": sum(line["on the server"] for line in lines),
            },
            lines=[*fewer, *(line for line in lines if line not in fewer)],
        )

    def reactions(self) -> Verdict:
        """Are the reactions of some messages there?"""
        parents = self._rows.any_reacted(_REACTED)
        posts = {
            row.slack_id: row.mattermost_id
            for row in self._store.rows_by_slack_id(EntityType.MESSAGE, parents)
            if row.mattermost_id
        }
        directory = Directory(self._store)
        expected: dict[str, set[tuple[str, str]]] = {post_id: set() for post_id in posts.values()}
        for row in self._store.children(list(posts), EntityType.REACTION) if posts else ():
            if row.status == Status.SUCCESS:
                person = directory.user_ids.get(row.user_slack_id or "", "")
                name = emoji_name(str(row.raw_data.get("name") or ""), directory.emoji)
                expected[posts[row.parent_slack_id or ""]].add((person, name))
        there = self._audit.reactions(expected)
        lacking = {post: n for post, wanted in expected.items() if (n := len(wanted - there.get(post, set())))}
        wanted, missing = sum(map(len, expected.values())), sum(lacking.values())
        return Verdict(
            agrees=not missing,
            said=f"Of {counted(wanted, 'reaction')} on {counted(len(expected), 'message that was', 'messages that were')} asked for "
            f"{missing or 'none'} "
            f"{'is' if missing == 1 else 'are'} missing.",
            numbers={"reactions asked for": wanted, "missing": missing},
            lines=[{"post": post, "missing": number} for post, number in lacking.items()],
        )

    @cached_property
    def _conversations(self) -> list[Conversation]:
        return conversations(self._rows)

    @property
    def _largest(self) -> list[Conversation]:
        return self._conversations[:_CHANNELS]

    @property
    def _how_many(self) -> str:
        more = len(self._conversations) - _CHANNELS
        return f" (the largest; {more} smaller ones were not asked for)" if more > 0 else ""

    @cached_property
    def _there(self) -> dict[str, ExistingChannel]:
        return self._audit.channels(one.channel_id for one in self._largest)


class Comparison(NamedTuple):
    """A comparison as it is shown: its name, what it proves, and whether a step must not follow where it finds harm."""

    name: str
    proves: str
    ask: Callable[[Compared], Verdict]
    blocking: bool = False


#: What is asked when a type is done.
COMPARISONS: dict[EntityType, tuple[Comparison, ...]] = {
    EntityType.USER: (
        Comparison(
            "accounts_are_there",
            "Each account that a row says is on the server is asked for by its id. Proves that they exist, deactivated ones "
            "too; not that names and pictures are still as they were sent. Stops the run where not one of them exists: this "
            "is another server then, or was set back, and every message would fail.",
            Compared.accounts,
            blocking=True,
        ),
    ),
    EntityType.CUSTOM_EMOJI: (
        Comparison(
            "emoji_are_there",
            "The name of each custom emoji that was created is among the server's. Proves nothing of the pictures.",
            Compared.emoji,
        ),
    ),
    EntityType.ATTACHMENT: (),
    EntityType.CHANNEL: (
        Comparison(
            "channels_are_there",
            f"Each channel is asked for by its id, the {_CHANNELS:,} largest at most. Proves that they exist, not who is in "
            "them. Stops the run where not one of them exists.",
            Compared.channels,
            blocking=True,
        ),
        Comparison(
            "private_stays_private",
            "Each channel of a private conversation that still has messages to be sent is asked whether it is private. Stops "
            "the run where one is not: everybody could read what comes.",
            Compared.openness,
            blocking=True,
        ),
    ),
    EntityType.MESSAGE: (
        Comparison(
            "messages_are_counted",
            "The server's own totals of each channel (posts ever made, and how many are replies) are at least what was read "
            f"back after sending; {_POSTS} messages at random are asked for by id, and one that was deleted since is missing. "
            "Totals that are too low make channels unread for ever. People's own posts and deleted ones count in them, too: so "
            "they prove that nothing is missing in number, and of single messages only the random ones are proved.",
            Compared.messages,
        ),
        Comparison(
            "files_are_counted",
            "The server counts at least as many files in each channel as were read back with their messages. Fewer are also "
            "what remains when people delete messages that have files.",
            Compared.files,
        ),
    ),
    EntityType.REACTION: (
        Comparison(
            "reactions_are_there",
            f"The reactions of {_REACTED} messages at random are asked for: who, and which emoji. The server has no totals of "
            "them, so this is a sample; each one was read back once when its message was sent.",
            Compared.reactions,
        ),
    ),
}


def _those_there(known: list[tuple[str, str]], there: Any, what: str) -> Verdict:
    """Compare (name, id) with the ids that are there."""
    missing = [name for name, one in known if one not in there]
    return Verdict(
        agrees=not missing,
        said=f"{len(missing)} of {len(known)} {what} are not on the server any more, like {missing[0]}."
        if missing
        else f"All {len(known)} {what} are on the server.",
        numbers={"by the rows": len(known), "on the server": len(known) - len(missing)},
        lines=[{"missing": name} for name in missing],
        is_harmful=bool(known) and len(missing) == len(known),
    )


def _each_of(things: Sequence[object], one: str, many: str) -> str:
    """Return "the one channel" or "each of 12 channels"."""
    return f"the one {one}" if len(things) == 1 else f"each of {len(things):,} {many}"


def _so_many(found: Collection[Any]) -> str:
    return f"{len(found) or 'none'} {verb(len(found), 'is', 'are')}"


def _label(one: Conversation) -> str:
    return HIDDEN.get(one.kind) or one.name


def _messages_line(one: Conversation, there: ExistingChannel | None) -> dict[str, Any]:
    total, replies = totals(there)
    return {
        "channel": _label(one),
        "in the export": one.staged,
        "read back": one.arrived,
        "posts / on the server": f"{one.posts} / {total}",
        "replies / on the server": f"{one.replies} / {replies}",
        "missing": missing(one, there),
    }
