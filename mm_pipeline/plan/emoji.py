"""Decide under which name each of Slack's custom emoji lives in Mattermost. Pure: reads no picture."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from mm_pipeline.model import Entity
from mm_pipeline.plan.names import NAME_MAX, Numbers, emoji_name_for, is_emoji_name
from mm_pipeline.render.emoji import MISSING_EMOJI, emoji_name

_SUFFIX = "-custom"
#: How the note begins of aliases that lead to no emoji: there is nothing to make.
IN_A_CIRCLE = "its aliases go in a circle"
#: How it ends of those that the server has.
THERE = "the server has it already: its picture stays"


class EmojiDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one custom emoji: its Slack name is `slack_id`, `name` is Mattermost's."""

    slack_id: str
    key: int  #: id of the row
    name: str
    alias_of: str = ""  #: the Slack name of the emoji that it stands for at the end of the chain: nothing to upload
    note: str = ""
    skip: str = ""  #: why it is left out; "" = it goes


def plan_emoji(
    rows: Iterable[Entity],
    existing: Collection[str],
    standard: Collection[str],
    decided: Mapping[str, EmojiDecision] | None = None,
) -> list[EmojiDecision]:
    """Return one decision per emoji row, by name. `existing`: the server's custom emoji, `standard`: its built-in ones.

    An alias is no second upload: it is written under its target's name. A row with `target_name` keeps it;
    one that `decided` (an earlier plan or a person's edit, by Slack name) leaves out stays out.
    """
    emoji = {row.slack_id: row for row in sorted(rows, key=lambda row: row.slack_id)}
    alias_of = {name: target for name, row in emoji.items() if (target := _alias(row))}
    taken = {row.target_name for name, row in emoji.items() if row.target_name and name not in alias_of}
    left_out = {name: one for name, one in (decided or {}).items() if one.skip and name in emoji}
    made = {name: msgspec.structs.replace(one, key=emoji[name].id) for name, one in left_out.items()}
    numbers = Numbers()
    # A name that is valid as it stands goes before one that has to be changed into it.
    for name, row in sorted(emoji.items(), key=lambda item: (emoji_name_for(item[0]) != item[0], item[0])):
        if name not in alias_of and name not in made:
            made[name] = _own(row, taken, existing, standard, numbers)
            taken.add(made[name].name)
    ends = _ends(alias_of)
    for name in alias_of.keys() - left_out.keys():
        made[name] = _stands_for(emoji[name], alias_of[name], ends[name], made, standard)
    return [made[name] for name in emoji]


def _own(
    row: Entity, taken: set[str], existing: Collection[str], standard: Collection[str], numbers: Numbers
) -> EmojiDecision:
    name, nearest = row.slack_id, emoji_name_for(row.slack_id)
    notes = []
    if row.target_name:
        final = row.target_name
    else:
        wanted = nearest[: NAME_MAX - len(_SUFFIX)] + _SUFFIX if nearest in standard else nearest
        # Slack's newer standard names are kept free for what they mean there, unless the emoji has one of them itself.
        kept_free = MISSING_EMOJI.keys() - {name}
        final = next(
            one for one in numbers.of(wanted) if one not in taken and one not in standard and one not in kept_free
        )
    if final != name:
        notes.append(f"renamed to {final}: {_why_renamed(row, nearest, standard)}")
    if final in existing:
        notes.append(THERE)
    return EmojiDecision(slack_id=name, key=row.id, name=final, note="; ".join(notes))


def _why_renamed(row: Entity, nearest: str, standard: Collection[str]) -> str:
    if nearest in standard:
        return "Mattermost has an emoji of that name"
    if not is_emoji_name(row.slack_id):
        return "Mattermost takes a-z 0-9 _ + - alone, at most 64"
    return "as decided before" if row.target_name else "another emoji has that name"


def _ends(alias_of: Mapping[str, str]) -> dict[str, str]:
    """Return what each alias stands for at the end of its chain; "" where the chain goes in a circle."""
    ends: dict[str, str] = {}
    for name in alias_of:
        chain: dict[str, None] = {}
        end = name
        while end in alias_of and end not in ends and end not in chain:
            chain[end] = None
            end = alias_of[end]
        end = "" if end in chain else ends.get(end, end)
        ends |= dict.fromkeys(chain, end)
    return ends


def _stands_for(
    row: Entity, alias_of: str, target: str, decided: dict[str, EmojiDecision], standard: Collection[str]
) -> EmojiDecision:
    if not target:
        return EmojiDecision(
            slack_id=row.slack_id,
            key=row.id,
            name=emoji_name_for(row.slack_id),
            note=f"{IN_A_CIRCLE} ({row.slack_id} -> {alias_of}), so it has no picture",
        )
    if target in decided:
        name, skip = decided[target].name, decided[target].skip
    else:
        name, skip = emoji_name(target, {}), ""
    note = f"alias of {target}: written as {name}"
    if target not in decided and name not in standard:
        drawn = "gets from us where people react with it" if target in MISSING_EMOJI else "does not have"
        note += f", which Mattermost {drawn}"
    return EmojiDecision(slack_id=row.slack_id, key=row.id, name=name, alias_of=target, note=note, skip=skip)


def _alias(row: Entity) -> str:
    """Return the name that the row is an alias of, or "". emoji.list says `alias:name` where a URL would stand."""
    url = row.raw_data.get("url")
    if row.parent_slack_id:
        return row.parent_slack_id
    return url.removeprefix("alias:") if isinstance(url, str) and url.startswith("alias:") else ""
