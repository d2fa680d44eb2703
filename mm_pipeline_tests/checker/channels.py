"""Which channel a conversation became, and whether kind, names, archive, people, topic and purpose are right.

Direct and group channels are known by their people; the others by name and by the times of their posts.
"""

import hashlib
import re
from collections.abc import Iterator
from itertools import islice

from mm_pipeline_tests.checker.expected import cut_to_ms
from mm_pipeline_tests.checker.export import Conversation, Export
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.invented import Invented
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.rows import Channel, Member
from mm_pipeline_tests.checker.seen import text_seen
from mm_pipeline_tests.checker.server import Server
from mm_pipeline_tests.checker.words import words_of

#: Slack's kinds and Mattermost's letters. Bare folders and file conversations tell nothing of their people.
KINDS = {
    "public": {"O"},
    "private": {"P"},
    "direct": {"D"},
    "group": {"G"},
    "file": {"O", "P", "D", "G"},
    "unknown": {"P"},
}
KIND_WORDS = {"O": "public", "P": "private", "D": "direct", "G": "group"}
#: A bare folder with such a name was a direct or group conversation.
PERSONAL_FOLDER = re.compile(r"D[A-Z0-9]{6,}|mpdm-.+", re.ASCII)
#: The server puts everybody of the team in here by itself.
DEFAULT_CHANNELS = {"town-square", "off-topic"}
MAX_GROUP = 8
#: What Mattermost takes as the name of a channel.
CHANNEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
DISPLAY_RUNES = 64
HEADER_RUNES = 1024
PURPOSE_RUNES = 250
#: How many messages of a conversation are looked up to recognise its channel.
SAMPLE = 300


def kinds_of(conversation: Conversation, people: int) -> set[str]:
    """Return the letters that are right for a conversation of so many people with accounts."""
    if conversation.kind == "direct" and people < len(set(conversation.members)):
        return {"P"}  # somebody of it has no account: as a direct channel it would be the other's notes to self
    if conversation.kind in {"direct", "group"}:
        return {"D"} if people <= 2 else {"G"} if people <= MAX_GROUP else {"P"}
    if conversation.kind == "unknown" and PERSONAL_FOLDER.fullmatch(conversation.name):
        return {"P", "D", "G"}
    return KINDS[conversation.kind]


def match_channels(export: Export, server: Server, people: People) -> dict[str, Channel]:
    """Return conversation id -> channel. Two group conversations of the same people share one."""
    matched: dict[str, Channel] = {}
    by_name = {channel.name: channel for channel in server.channels}
    for conversation in export.conversations:
        personal = by_name.get(_personal_name(conversation, people))
        if personal:
            matched[conversation.id] = personal
    taken = {channel.id for channel in matched.values()}
    by_id = {channel.id: channel for channel in server.channels}
    offers: list[tuple[bool, int, int, str, str]] = []
    for conversation in export.conversations:
        if conversation.id not in matched:
            times = _some_times(export, conversation)
            seen = server.channels_with(times) if times else {}
            for channel in server.channels:
                half = seen.get(channel.id, 0) * 2 >= max(len(times), 1)
                likeness = _likeness(conversation, channel)
                if channel.id not in taken and (likeness or half):
                    offers.append((not half, -likeness, -seen.get(channel.id, 0), conversation.id, channel.id))
    for _, _, _, conversation_id, channel_id in sorted(offers):
        if conversation_id not in matched and channel_id not in taken:
            matched[conversation_id] = by_id[channel_id]
            taken.add(channel_id)
    return matched


def channel_findings(
    conversation: Conversation,
    channel: Channel,
    members: list[Member],
    people: People,
    names: Names,
    invented: Invented,
    *,
    writers: set[str],
    since_ms: int | None,
) -> Iterator[Finding]:
    """Yield what is wrong with the channel itself. `writers` are the accounts of those who wrote in it."""
    was_there = since_ms is not None and channel.create_at < since_ms
    accounts = {account.id for member in conversation.members if (account := people.account_of(member))}
    # Mattermost calls a lonely conversation direct, and there is no channel of somebody without an account.
    right_kinds = kinds_of(conversation, len(accounts))
    if channel.type not in right_kinds:
        wanted = " or ".join(KIND_WORDS[kind] for kind in sorted(right_kinds))
        yield _finding(
            "kind", conversation, f"It is {KIND_WORDS.get(channel.type, channel.type)} and should be {wanted}."
        )
    if conversation.archived != (channel.delete_at > 0):
        yield _finding("archived", conversation, f"It is {'archived' if channel.delete_at else 'not archived'}.")
    if not was_there:
        yield from _names(conversation, channel)
        yield from _words(conversation, "header", conversation.topic, channel.header, HEADER_RUNES, names, invented)
        yield from _words(
            conversation, "purpose", conversation.purpose, channel.purpose, PURPOSE_RUNES, names, invented
        )
    for member in members:
        if channel.name in DEFAULT_CHANNELS or was_in_before(channel, member, people, since_ms):
            continue
        if member.user_id not in accounts and not (
            conversation.kind in {"unknown", "file"} and member.user_id in writers
        ):
            yield _finding("member", conversation, f"{people.name_of(member.user_id)} is no member in Slack.")
    there = {member.user_id for member in members}
    for account_id in sorted(accounts - there):
        if not people.accounts[account_id].is_bot or channel.type in {"D", "G"}:
            yield _finding("member", conversation, f"{people.name_of(account_id)} is not in it.")


def was_in_before(channel: Channel, member: Member, people: People, since_ms: int | None) -> bool:
    """Whether somebody was in the channel when it all began. Of whom a job put in the server notes no time of joining."""
    account = people.accounts.get(member.user_id)
    times = (channel.create_at, member.joined_at, account.create_at if account else 0)
    return since_ms is not None and max(times) < since_ms


def strange_channels(server: Server, matched: dict[str, Channel], since_ms: int | None) -> Iterator[Finding]:
    """Yield channels of the team that are no conversation's, but for the server's own and those that were there."""
    ours = {channel.id for channel in matched.values()}
    for channel in server.channels:
        own = channel.name in DEFAULT_CHANNELS or not channel.team_id
        if channel.id not in ours and not own and (since_ms is None or channel.create_at >= since_ms):
            yield Finding(kind="channel", channel=channel.name, sentence="The channel belongs to no conversation.")


def _personal_name(conversation: Conversation, people: People) -> str:
    """What Mattermost calls the direct or group channel of these people; empty if it is none."""
    accounts = [people.account_of(member) for member in dict.fromkeys(conversation.members)]
    ids = sorted({account.id for account in accounts if account})
    if conversation.kind not in {"direct", "group"} or not ids or len(ids) > MAX_GROUP or None in accounts:
        return ""
    if len(ids) <= 2:
        return f"{ids[0]}__{ids[-1]}"
    return hashlib.sha1("".join(ids).encode()).hexdigest()  # the server's own GetGroupNameFromUserIds


def _likeness(conversation: Conversation, channel: Channel) -> int:
    """How much the names are alike, 0-4."""
    name, folded = conversation.name.lower(), "".join(words_of(conversation.name))
    if channel.name == name:
        return 4
    if channel.display_name.lower() in {name, name[:64]}:
        return 3
    if folded and folded in {"".join(words_of(channel.name)), "".join(words_of(channel.display_name))}:
        return 2
    return 1 if folded and "".join(words_of(channel.name)).startswith(folded[:40]) else 0


def _some_times(export: Export, conversation: Conversation) -> list[int]:
    times = set()
    for message in islice(export.messages(conversation), SAMPLE):
        try:
            times.add(cut_to_ms(message["ts"]))
        except ValueError:
            continue
    return sorted(times)


def _names(conversation: Conversation, channel: Channel) -> Iterator[Finding]:
    """Channels of a team are called as in Slack; direct and group channels by their people, whom Mattermost names.

    A name that is taken gets an ending.
    """
    if conversation.kind in {"direct", "group"} or channel.type in {"D", "G"}:
        return
    wanted, shown = " ".join(conversation.name.split()), channel.display_name
    cut = len(wanted) > DISPLAY_RUNES and shown[: DISPLAY_RUNES // 2] == wanted[: DISPLAY_RUNES // 2]
    # A folder without an entry that was a direct conversation is shown by its people.
    of_people = conversation.kind == "unknown" and PERSONAL_FOLDER.fullmatch(conversation.name)
    if shown != wanted and not cut and not of_people:
        yield _finding("name", conversation, f"It is shown as {shown}.")
    if CHANNEL_NAME.fullmatch(conversation.name) and not channel.name.startswith(conversation.name[:40]):
        yield _finding("name", conversation, f"It is called {channel.name}.")


def _words(
    conversation: Conversation, kind: str, wanted: str, found: str, limit: int, names: Names, invented: Invented
) -> Iterator[Finding]:
    """A text that the field cannot hold may end where the field ends, never sooner."""
    lacking = text_seen(wanted, names).lacking(found)
    if lacking and not (len(wanted) > limit * 0.8 and len(found) >= limit * 0.8):
        yield _finding(kind, conversation, f"It lacks: {', '.join(lacking[:10])}.")
    if strange := invented.words(found, wanted):
        yield _finding(kind, conversation, f"Nobody wrote: {', '.join(strange[:10])}.")
    elif not wanted.strip() and found.strip():
        yield _finding(kind, conversation, "It has one where Slack has none.")


def _finding(kind: str, conversation: Conversation, sentence: str) -> Finding:
    return Finding(kind=kind, channel=conversation.name, sentence=sentence)
