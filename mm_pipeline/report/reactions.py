"""What a person should know of the reactions that are on the server: those without a name, a picture, or a place of their own."""

from collections import defaultdict
from collections.abc import Container, Iterable

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.export.directory import Directory
from mm_pipeline.export.emoji_in_use import in_use
from mm_pipeline.model import Status
from mm_pipeline.nouns import counted
from mm_pipeline.render.emoji import MATTERMOST_EMOJI, MISSING_EMOJI, emoji_name

#: Examples in a sentence; the rest is counted.
_MOST = 10


class Nameless(msgspec.Struct, frozen=True, kw_only=True):
    """One emoji on one message that Slack counts more often than it names people."""

    channel: str
    ts: str
    name: str
    missing: int
    count: int


class Reactions(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of reactions. Names are Mattermost's."""

    nameless: int = 0  #: counted by Slack, but by nobody: its lists of people end at 50
    nameless_entries: int = 0
    worst: tuple[Nameless, ...] = ()
    merged: int = 0  #: one person's reactions to one message that share a name in Mattermost
    made: dict[str, int] = {}  #: under names that Mattermost lacks and got from us, with our picture
    without_picture: dict[str, int] = {}

    @classmethod
    def of(cls, store: EntityStore, without_picture: Container[str]) -> "Reactions":
        """Read what came of the reactions. `without_picture`: names that the server lacks, as `finish` saw it."""
        directory = Directory(store)
        nameless, entries, worst = store.nameless_reactions(_MOST)
        names = store.reaction_names(Status.SUCCESS)
        used = in_use(names, directory).most_common()
        lacking = {name: count for name, count in used if name in without_picture and name not in MATTERMOST_EMOJI}
        own = {decision.name for decision in directory.emoji_decisions.values() if not decision.alias_of}
        made = {name: n for name, n in used if name in MISSING_EMOJI and name not in own and name not in lacking}
        return cls(
            nameless=nameless,
            nameless_entries=entries,
            worst=tuple(
                Nameless(channel=channel, ts=ts, name=name, missing=missing, count=count)
                for channel, ts, name, missing, count in worst
            ),
            merged=_merged(store, directory, names),
            made=made,
            without_picture=lacking,
        )

    def sentences(self) -> list[str]:
        """Return what there is to say, one sentence for each matter; none where all is as it was in Slack."""
        told = []
        if self.nameless:
            worst = "; ".join(f"{o.channel} {o.ts} :{o.name}: {o.missing} of {o.count}" for o in self.worst)
            told.append(
                f"{counted(self.nameless, 'reaction has no person and is', 'reactions have no person and are')} not there: Slack counts "
                f"them, but its lists of people end at 50 ({counted(self.nameless_entries, 'entry', 'entries')}; the worst: {worst})."
            )
        if self.merged:
            told.append(
                f"{counted(self.merged, 'reaction')} fell together with another of the same person on the same message: Mattermost "
                "has one name where Slack has several (skin tones that it does not draw, aliases)."
            )
        if self.made:
            told.append(
                f"{counted(sum(self.made.values()), 'reaction stands', 'reactions stand')} under emoji that Mattermost lacks; it got "
                f"{counted(len(self.made), 'custom emoji', 'custom emoji')} for them, which are no rows: {_listed(self.made)}."
            )
        if self.without_picture:
            told.append(
                f"{counted(sum(self.without_picture.values()), 'reaction is there but shows', 'reactions are there but show')} no "
                f"picture, because nobody has one: {_listed(self.without_picture)}. Give the server custom emoji of these names, "
                "or set SLACK_TOKEN or SLACK_FILES, then `mm-pipeline retry` and `mm-pipeline export`."
            )
        return told


def _merged(store: EntityStore, directory: Directory, used: Iterable[str]) -> int:
    sharing: dict[str, list[str]] = defaultdict(list)
    for slack_name in used:
        sharing[emoji_name(slack_name, directory.emoji)].append(slack_name)
    names = {slack: name for name, several in sharing.items() if len(several) > 1 for slack in several}
    return store.merged_reactions(names) if names else 0


def _listed(names: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in names.items())
