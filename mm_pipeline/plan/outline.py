"""The plan in lines and numbers: who is there already, who is new, whose name changes, who stays behind. Decides nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from mm_pipeline.mattermost.on_server import NAMED_KINDS
from mm_pipeline.model import EntityType
from mm_pipeline.nouns import counted, listed
from mm_pipeline.plan.channels import OURS, ChannelDecision
from mm_pipeline.plan.decisions_csv import Decision, Plan, plan_rows
from mm_pipeline.plan.emoji import THERE, EmojiDecision
from mm_pipeline.plan.note import joined
from mm_pipeline.plan.people import BY_NAME, PersonDecision

#: Type -> Slack id -> what leaves a row out: a setting (MM_SINCE=...), beside what the plan's table leaves out.
LeftOutRows = Mapping[EntityType, Mapping[str, str]]


class Fate(StrEnum):
    """What becomes of somebody or something."""

    CREATED = "created"
    MATCHED = "matched"
    JOINED = (
        "with another"  #: nothing of its own: another name of an emoji, a conversation of the same people as another
    )
    AUTHOR = "author only"  #: a person who is left out, and whose messages go
    LEFT_OUT = "left out"


#: Who stays behind stands below who comes.
_STAYING = (Fate.AUTHOR, Fate.LEFT_OUT)


class Staying(msgspec.Struct, frozen=True, kw_only=True):
    """What stays behind with somebody who is left out in the plan's table."""

    own: int = 0  #: messages
    replies: int = 0  #: of others, in threads that they began

    def __str__(self) -> str:
        parts = [counted(self.own, "message")] if self.own else []
        if self.replies:
            replies = counted(self.replies, "reply of others", "replies of others")
            parts.append(f"{replies} in threads that they began")
        return listed(parts)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, as people read it."""

    type: EntityType
    slack_id: str
    slack_name: str
    name: str  #: on the server
    fate: Fate
    is_renamed: bool  #: called otherwise than in Slack
    note: str
    became: str = ""  #: made, matched, or failed or skipped and why; "" while it is still to come

    @property
    def told(self) -> str:
        """The note, behind what became of it."""
        return self.note if self.note.startswith(self.became) else joined(self.became, self.note)

    @property
    def is_missing(self) -> bool:
        """Whether it was to come, and did not."""
        return self.became not in ("", "made", "matched")

    @property
    def is_plain(self) -> bool:
        """Whether it comes as it is in Slack, and nothing is to be said of it but how it was found, for sure."""
        if self.is_renamed or self.fate in (Fate.LEFT_OUT, Fate.AUTHOR) or self.is_missing:
            return False
        if not self.note:
            return True
        if self.type is EntityType.CHANNEL:  # what goes into another one changes that, too
            return self.fate is Fate.MATCHED and OURS in self.note.split("; ")
        return self.fate in (Fate.MATCHED, Fate.JOINED) and not (self.type is EntityType.USER and BY_NAME in self.note)


def outline(
    plan: Plan,
    left_out: LeftOutRows,
    staying: Mapping[str, Staying] = MappingProxyType({}),
    became: Mapping[int, str] = MappingProxyType({}),
) -> list[Line]:
    """Return a line for each decision: people, channels, emoji; of each first what changes, in the order of their names.

    staying: what stays behind with whom (Slack ids). became: what came of which rows by now (by their ids).
    """
    named = Counter(person.slack_name.lower() for person in plan.people)
    lines = [
        _line(
            decision,
            row,
            left_out.get(EntityType(row["type"]), {}).get(decision.slack_id, ""),
            is_one_of_several=isinstance(decision, PersonDecision) and named[decision.slack_name.lower()] > 1,
            staying=staying.get(decision.slack_id) if isinstance(decision, PersonDecision) else None,
            became=became.get(decision.key, ""),
        )
        for decision, row in zip(plan.decisions, plan_rows(plan), strict=True)
    ]
    order = {
        entity_type: n for n, entity_type in enumerate((EntityType.USER, EntityType.CHANNEL, EntityType.CUSTOM_EMOJI))
    }
    lines.sort(
        key=lambda one: (
            order[one.type],
            one.is_plain,
            _STAYING.index(one.fate) if one.fate in _STAYING else -1,
            not one.is_renamed,
            one.slack_name.lower(),
            one.slack_id,
        )
    )
    return lines


def fates(lines: Iterable[Line]) -> dict[EntityType, dict[str, Fate]]:
    """Return per type what becomes of each: Slack id -> fate."""
    found: dict[EntityType, dict[str, Fate]] = {entity_type: {} for entity_type in EntityType}
    for line in lines:
        found[line.type][line.slack_id] = line.fate
    return found


def summary(lines: Iterable[Line]) -> dict[EntityType, dict[str, int]]:
    """Return per type how many there are in all, of each fate, and renamed (of those who come)."""
    counts = {
        entity_type: dict.fromkeys(("in all", *(fate.value for fate in Fate), "renamed"), 0)
        for entity_type in (EntityType.USER, EntityType.CHANNEL, EntityType.CUSTOM_EMOJI)
    }
    for line in lines:
        of_type = counts[line.type]
        of_type["in all"] += 1
        of_type[line.fate.value] += 1
        of_type["renamed"] += line.is_renamed and line.fate is not Fate.LEFT_OUT
    return counts


def _line(
    decision: Decision,
    row: Mapping[str, str],
    setting: str,
    *,
    is_one_of_several: bool,
    staying: Staying | None,
    became: str,
) -> Line:
    """is_one_of_several: others have the same name in Slack, so what tells them apart is said."""
    names_only = decision.names_only if isinstance(decision, PersonDecision) else ""
    if decision.skip or setting:
        fate, note = Fate.LEFT_OUT, setting or joined(decision.skip, f"and with them {staying}" if staying else "")
    elif names_only:
        fate, note = Fate.AUTHOR, names_only
    else:
        fate, note = _fate(decision, row["action"]), decision.note
    if is_one_of_several:
        note = joined(", ".join(filter(None, (row["real name"], row["email"]))), note)
    return Line(
        type=EntityType(row["type"]),
        slack_id=decision.slack_id,
        slack_name=row["slack name"] or decision.slack_id,
        name=row["mattermost name"],
        fate=fate,
        is_renamed=_is_renamed(decision),
        note=note,
        became=became,
    )


def _fate(decision: Decision, action: str) -> Fate:
    """The table says match of what goes with another one of Slack's, too, though nothing of it is on the server yet, and create
    of emoji that are there: people cannot choose that.
    """
    match decision:
        case EmojiDecision(alias_of=other) | ChannelDecision(merged_into=other) if other:
            return Fate.JOINED
        case EmojiDecision() if decision.note.endswith(THERE):
            return Fate.MATCHED
    return Fate.MATCHED if action == "match" else Fate.CREATED


def _is_renamed(decision: Decision) -> bool:
    match decision:
        case PersonDecision():
            return decision.username != decision.slack_name.lower()
        case ChannelDecision():
            return decision.kind in NAMED_KINDS and decision.name != decision.slack_name.lower() and not decision.skip
        case EmojiDecision():
            return not decision.alias_of and decision.name != decision.slack_id
