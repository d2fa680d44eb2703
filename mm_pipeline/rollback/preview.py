"""A survey in words, before anything is done: how many of what, what stays and why, what the server's settings keep. Decides nothing."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from mm_pipeline.model import Fate
from mm_pipeline.nouns import counted, listed, verb
from mm_pipeline.report.result import text_table
from mm_pipeline.rollback.channels import NEVER_REMOVED, OF_BOT
from mm_pipeline.rollback.kind import Kind
from mm_pipeline.rollback.survey import Survey
from mm_pipeline.rollback.things import ChannelThing, Thing

#: Things whose reason for staying is told; their number says the rest.
_FEW = 10
#: Of these some are only put out of sight where a setting is off: what is done instead.
_SETTINGS = (
    (("accounts", "bots"), Fate.CLOSED, "accounts are deactivated and renamed", "EnableAPIUserDeletion"),
    (("channels",), Fate.CLOSED, "channels are archived and renamed", "EnableAPIChannelDeletion"),
    (("messages",), Fate.HIDDEN, "messages are deleted as people delete them", "EnableAPIPostDeletion"),
)
_FATES = {
    Fate.REMOVED: "removed for good",
    Fate.CLOSED: "closed and renamed",
    Fate.HIDDEN: "deleted softly",
    Fate.KEPT: "stay",
}


def as_text(seen: Survey, width: int | None = None) -> str:
    """Return it for a terminal. width: columns that sentences are broken at, None: not at all."""
    counts = _counts(seen)
    fates = [fate for fate in _FATES if any(of_kind[fate] for of_kind in counts.values())]
    if not fates:
        return "Nothing of it is there."
    rows = [[kind, *(f"{of_kind[fate]:,}" for fate in fates)] for kind, of_kind in counts.items() if of_kind.total()]
    parts = [text_table(["", *(_FATES[fate] for fate in fates)], rows)]
    if stays := _reasons(seen):
        parts.append("\n".join(["These stay, because people use them:", *_broken(stays, width, "  ")]))
    parts += _broken(_notes(seen, counts), width)
    return "\n\n".join(parts)


def is_empty(seen: Survey) -> bool:
    """Whether there is nothing to take back."""
    return not any(counts[fate] for counts in _counts(seen).values() for fate in _FATES if fate is not Fate.KEPT)


def objection(seen: Survey) -> str:
    """Return why none of it is taken back as the server stands, and what mends that; "" where nothing is in the way."""
    if not (seen.allowed.mails and any(one.fate is Fate.CLOSED for one in seen.accounts)):
        return ""
    variables = listed(["MM_" + name.replace(".", "_").upper() for name in seen.allowed.mails])
    return (
        f"The server's environment fixes {variables}, and so everybody whose account is renamed would be mailed: nothing is taken back "
        "as it stands. Switch ServiceSettings.EnableAPIUserDeletion on for the time of the rollback, which removes them and mails nobody, "
        "or take that out of the environment and restart the server."
    )


def _counts(seen: Survey) -> dict[str, Counter[Fate]]:
    ours = [one for one in seen.channels if one.is_ours]
    counts = {
        "accounts": _of(one for one in seen.accounts if not one.account.is_bot),
        "bots": _of(one for one in seen.accounts if one.account.is_bot),
        "channels": _of(one for one in ours if one.is_named),
        "direct channels": _of(one for one in ours if not one.is_named and one.slack_ids),
        "messages": sum((_posts(seen, one) for one in seen.channels), Counter[Fate]()),
        "memberships": _of(seen.memberships),
        "emoji": _of(seen.emoji),
    }
    for kind, count in _of_earlier(seen).items():
        counts[kind][Fate.REMOVED] += count
    return counts


def _of_earlier(seen: Survey) -> dict[str, int]:
    """Return how many of what an earlier rollback could only put out of sight."""
    earlier = seen.earlier
    return {
        "accounts": sum(not one.is_bot for one in earlier.accounts),
        "bots": sum(one.is_bot for one in earlier.accounts),
        "channels": len(earlier.channels),
        "messages": sum(one.kind == Kind.POST for one in earlier.posts),
    }


def _of(things: Iterable[Thing]) -> Counter[Fate]:
    return Counter(one.fate for one in things)


def _posts(seen: Survey, channel: ChannelThing) -> Counter[Fate]:
    room = channel.room
    kept, hidden = sum(map(room.is_kept, room.posts)), len(seen.hidden(channel))
    return Counter({Fate.KEPT: kept, Fate.HIDDEN: hidden, Fate.REMOVED: len(room.posts) - kept - hidden})


def _reasons(seen: Survey) -> list[str]:
    kept = [
        f"{kind} {one.name}: {one.why}"
        for kind, things in (
            ("account", seen.accounts),
            ("channel", [one for one in seen.channels if one.is_named]),
            ("membership of", seen.memberships),
            ("emoji", seen.emoji),
        )
        for one in things
        if one.fate is Fate.KEPT and one.why
    ]
    return kept[:_FEW] + ([f"… and {len(kept) - _FEW:,} more"] if len(kept) > _FEW else [])


def _notes(seen: Survey, counts: Mapping[str, Counter[Fate]]) -> Iterator[str]:
    """Yield what the numbers do not say of themselves."""
    if any(one.why == NEVER_REMOVED for one in seen.channels):
        yield "Direct channels stay, empty and out of people's side bars: the server removes none."
    if of_bots := sum(one.why == OF_BOT for one in seen.channels):
        yield (
            f"{counted(of_bots, 'direct channel')} that the server itself opened between you and "
            f"{verb(of_bots, 'the new bot stays', 'the new bots stay')}, empty and out of your side bar."
        )
    if before := [counted(count, kind.removesuffix("s")) for kind, count in _of_earlier(seen).items() if count]:
        yield (
            f"Among what is removed for good {verb(sum(_of_earlier(seen).values()), 'is', 'are')} {listed(before)} that an earlier "
            "rollback could only put out of sight."
        )
    instead = [
        f"{what} ({setting})" for kinds, fate, what, setting in _SETTINGS if any(counts[kind][fate] for kind in kinds)
    ]
    if objects := objection(seen):
        yield objects
    if instead:
        yield (
            f"Not everything can be removed for good: {', '.join(instead)}. These ServiceSettings are off, or the server too old "
            "for them. Switched on for the time of the rollback, they would be gone."
        )


def _broken(sentences: Iterable[str], width: int | None, indent: str = "") -> list[str]:
    """Return sentences broken into lines of a width, the second line of each further in."""
    if not width:
        return [indent + one for one in sentences]
    further = f"{indent}  " if indent else ""
    return [
        textwrap.fill(one, width, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False)
        for one in sentences
    ]
