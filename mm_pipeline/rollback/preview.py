"""A survey in words, before anything is done: how many of what, what stays and why, what the server's settings keep. Decides nothing."""

from collections import Counter
from collections.abc import Iterable

from mm_pipeline.model import Fate
from mm_pipeline.report.result import text_table
from mm_pipeline.rollback.survey import ChannelThing, Survey, Thing

#: Things whose reason for staying is told; their number says the rest.
_FEW = 10
_SETTINGS = {
    "accounts": ("EnableAPIUserDeletion", "accounts are deactivated and renamed instead of removed"),
    "channels": ("EnableAPIChannelDeletion", "channels are archived and renamed instead of removed"),
    "posts": ("EnableAPIPostDeletion", "messages are deleted as people delete them, and their rows stay"),
}


def as_text(seen: Survey) -> str:
    """Return it for a terminal."""
    rows = [[name, *(str(counts[fate]) for fate in _FATES)] for name, counts in _counts(seen).items()]
    parts = [text_table(["", *(_FATES[fate] for fate in _FATES)], rows)]
    if stays := _reasons(seen):
        parts.append("\n".join(["These stay, because people use them:", *stays]))
    parts += [
        f"ServiceSettings.{setting} is off (or the server too old for it): {what}. Switched on for the time of the rollback, "
        "they would be gone."
        for kind, (setting, what) in _SETTINGS.items()
        if not getattr(seen.allowed, kind)
    ]
    return "\n\n".join(parts)


def is_empty(seen: Survey) -> bool:
    """Whether there is nothing to take back."""
    return not any(counts[fate] for counts in _counts(seen).values() for fate in _FATES if fate is not Fate.KEPT)


_FATES = {
    Fate.REMOVED: "removed for good",
    Fate.CLOSED: "closed and renamed",
    Fate.HIDDEN: "deleted softly",
    Fate.KEPT: "stay",
}


def _counts(seen: Survey) -> dict[str, Counter[Fate]]:
    ours = [one for one in seen.channels if one.is_ours]
    return {
        "accounts": _of(one for one in seen.accounts if not one.account.is_bot),
        "bots": _of(one for one in seen.accounts if one.account.is_bot),
        "channels": _of(one for one in ours if one.is_named),
        "direct channels": _of(one for one in ours if not one.is_named),
        "messages": sum((_posts(seen, one) for one in seen.channels), Counter[Fate]()),
        "memberships": _of(seen.memberships),
        "emoji": _of(seen.emoji),
    }


def _of(things: Iterable[Thing]) -> Counter[Fate]:
    return Counter(one.fate for one in things)


def _posts(seen: Survey, channel: ChannelThing) -> Counter[Fate]:
    room = channel.room
    kept, hidden = sum(map(room.is_kept, room.posts)), len(seen.hidden(channel))
    return Counter({Fate.KEPT: kept, Fate.HIDDEN: hidden, Fate.REMOVED: len(room.posts) - kept - hidden})


def _reasons(seen: Survey) -> list[str]:
    kept = [
        f"  {kind} {one.name}: {one.why}"
        for kind, things in (
            ("account", seen.accounts),
            ("channel", [one for one in seen.channels if one.is_named]),
            ("membership", seen.memberships),
            ("emoji", seen.emoji),
        )
        for one in things
        if one.fate is Fate.KEPT and one.why
    ]
    return kept[:_FEW] + ([f"  … and {len(kept) - _FEW} more"] if len(kept) > _FEW else [])
