"""What is left on the server of things that were taken back: one entry for each, as CSV or JSON too. Removes nothing."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from mm_pipeline.model import Fate, Residue
from mm_pipeline.rollback.kind import Kind
from mm_pipeline.rollback.survey import Survey
from mm_pipeline.rollback.things import AccountThing, ChannelThing, Membership, Thing


def left_posts(channel: ChannelThing, survey: Survey, refused: Mapping[str, str]) -> Iterator[Residue]:
    """Yield an entry for each post of a channel that is still there, seen or not."""
    room = channel.room
    hidden = {post.id for post in survey.hidden(channel)}
    for post in room.posts:
        if room.is_kept(post):
            yield _left(Kind.POST, post.id, f"in {channel.name}", Fate.KEPT, room.kept[post.thread])
        elif post.id in refused:
            yield _left(Kind.POST, post.id, f"in {channel.name}", Fate.KEPT, refused[post.id])
        elif post.id in hidden:
            yield _left(Kind.POST, post.id, f"in {channel.name}", Fate.HIDDEN, _HIDDEN)


def left_files(channel: ChannelThing, survey: Survey) -> Iterator[Residue]:
    """Yield an entry for each file that outlives its post; its id is "<file id> <author's id>"."""
    # A deleted message may still be removed, and takes its files along then; a removed channel has left them behind for ever.
    fate = Fate.TRACE if channel.fate is Fate.REMOVED else Fate.HIDDEN
    for file_id, author in survey.files_left(channel):
        yield _left(Kind.FILE, f"{file_id} {author}", f"of {channel.name}", fate, _FILES)


def left_channel(channel: ChannelThing) -> Iterator[Residue]:
    """Yield what is left of a channel."""
    kind = Kind.CHANNEL if channel.is_named else Kind.DIRECT
    if channel.is_ours:
        yield _left(kind, channel.id, channel.name, *_fate_of(channel, "archived"))
    elif channel.room.posts:
        yield _left(Kind.COUNTERS, channel.id, channel.name, Fate.TRACE, _COUNTERS)


def left_account(account: AccountThing, note: str = "") -> Residue:
    """Return what is left of an account. note: what it is still in, though it was closed."""
    kind = Kind.BOT if account.account.is_bot else Kind.ACCOUNT
    fate, remains = _fate_of(account, "deactivated")
    return _left(kind, account.id, account.name, fate, f"{remains}; {note}" if note else remains)


def left_trace(left: Residue) -> Residue:
    """Return what is left of something that was only closed before, and is removed now."""
    return msgspec.structs.replace(left, fate=Fate.TRACE.value, remains=_TRACES)


def _fate_of(thing: Thing, closed: str) -> tuple[Fate, str]:
    if thing.fate is Fate.REMOVED:
        return Fate.TRACE, _TRACES
    return thing.fate, thing.why or f"{closed}, and called removed-… now"


def left_membership(membership: Membership) -> Residue:
    """Return what is left of a membership: the server keeps a memory of each."""
    place = membership.channel_id or "team"
    fate = Fate.KEPT if membership.fate is Fate.KEPT else Fate.TRACE
    what = membership.why or "ended; the server remembers it, and the notices about it"
    return _left(Kind.MEMBERSHIP, f"{place} {membership.id}", membership.name, fate, what)


def left_emoji(emoji: Thing) -> Residue:
    """Return what is left of an emoji: the server keeps its row."""
    return _left(Kind.EMOJI, emoji.id, emoji.name, emoji.fate, emoji.why or "deleted; the name is free, the row stays")


def left_notice(post_id: str, place: str) -> Residue:
    """Return what is left of a notice of the server's about us."""
    return _left(Kind.NOTICE, post_id, f"in {place}", Fate.HIDDEN, "deleted; the row stays")


def left_of_all(survey: Survey) -> Iterator[Residue]:
    """Yield what is left of no single thing."""
    yield _left(
        Kind.LOG, "log", "audits, jobs, records of archives", Fate.TRACE, "the server's log of what was done to it"
    )
    if survey.own_tables:
        yield _left(Kind.TABLES, "tables", "which post came of which message", Fate.TRACE, survey.own_tables)
    if survey.memberships or any(one.fate is Fate.CLOSED for one in survey.accounts):
        for channel_id in survey.homes:
            yield _left(Kind.COUNTERS, channel_id, "a channel that everybody is in", Fate.TRACE, _COUNTERS)


def as_csv(residue: Iterable[Residue]) -> str:
    """Return the entries as a table."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(Residue.__struct_fields__)
    table.writerows(msgspec.structs.astuple(one) for one in residue)
    return text.getvalue()


def as_json(residue: Iterable[Residue]) -> str:
    """Return the entries for programs."""
    return json.dumps([msgspec.structs.asdict(one) for one in residue], indent=2, ensure_ascii=False)


def _left(kind: Kind, object_id: str, name: str, fate: Fate, remains: str) -> Residue:
    return Residue(kind=kind.value, id=object_id, name=name, fate=fate.value, remains=remains)


#: Each reads as well of one as of many (left_text.py).
_HIDDEN = "deleted as people delete; kept in the server's tables, with files and reactions"
_TRACES = "removed; what the server remembers nobody sees: who was a member when, presence, side bars"
_FILES = "the message is gone; kept on the server's disk, and shown to nobody"
_COUNTERS = "was there before; counters and the time of the last message count what is gone"
