"""What an administrator chooses to bring: people, conversations, dates, kinds of things. Pure: asks nobody, marks no row.

What goes, goes whole: who wrote it has an account, a thread has its beginning (docs/decisions/what-is-chosen-goes-whole.md).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.model import Entity
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.plan.slack_channel import SlackChannel
from mm_pipeline.plan.slack_user import SlackUser

#: What MM_WITHOUT may name. Accounts are not among it: no message loses its author.
WITHOUT = ("files", "reactions", "emoji", "messages", "direct")
#: What a list of conversations, or of people, may name beside names.
CHANNEL_KINDS = ("@public", "@private", "@direct")
PEOPLE_KINDS = ("@guests", "@deactivated")
#: Characters of a setting's value that a reason quotes.
_QUOTED = 60
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The choices, each named after its MM_ setting; "" everywhere brings everything."""

    only_channels: str = ""
    skip_channels: str = ""
    only_people: str = ""
    skip_people: str = ""
    since: str = ""  #: a date, or a moment; the first that goes
    until: str = ""  #: a date, its whole day included, or a moment; the last that goes
    without: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not any(msgspec.structs.astuple(self))

    def objections(self) -> list[str]:
        """Return one sentence for each choice that cannot be followed, whatever the export holds."""
        faults = []
        moments: dict[str, int] = {}
        for name in ("since", "until"):
            if text := getattr(self, name).strip():
                try:
                    moments[name] = _moment(text, end=name == "until")
                except (ValueError, OverflowError):
                    faults.append(
                        f"MM_{name.upper()}={text} is no date: write it like 2024-01-31, or with a time like "
                        "2024-01-31T18:00+01:00 (UTC where no zone is given)."
                    )
        if len(moments) == 2 and moments["since"] >= moments["until"]:
            faults.append(f"MM_SINCE={self.since} is after MM_UNTIL={self.until}: nothing would go. Swap them.")
        if unknown := [word for word in _entries(self.without) if word not in WITHOUT]:
            faults.append(f"MM_WITHOUT={self.without}: {unknown[0]} is unknown; say any of {', '.join(WITHOUT)}.")
        return faults

    def leaves_out(self, what: str) -> str | None:
        """Return the reason why a kind of things (a word of MM_WITHOUT) is left out, or None where it goes."""
        return f"MM_WITHOUT={what}" if what in _entries(self.without) else None

    @property
    def from_ms(self) -> int | None:
        """The first ms that goes, or None."""
        return _moment(self.since.strip(), end=False) if self.since.strip() else None

    @property
    def before_ms(self) -> int | None:
        """The first ms that goes no more, or None."""
        return _moment(self.until.strip(), end=True) if self.until.strip() else None

    def named(self, setting: str) -> str:
        """Return a setting as a reason quotes it: MM_SINCE=2024-01-01."""
        value = getattr(self, setting).strip()
        return f"MM_{setting.upper()}={value if len(value) <= _QUOTED else value[: _QUOTED - 3] + '...'}"


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who and what a choice leaves out: Slack id -> the setting that does it."""

    conversations: dict[str, str]
    people: dict[str, str]  #: if they wrote something that goes, their account is there for that alone
    strangers: dict[
        str, str
    ]  #: bots, and who is in none of the chosen conversations: come if they wrote something that goes
    direct: dict[
        str, tuple[str, ...]
    ]  #: direct conversations that go -> Slack ids of their people: each needs an account


def left_out(choice: Choice, users: Iterable[Entity], channels: Iterable[Entity], settings: PlanSettings) -> LeftOut:
    """Return what a choice leaves out of these people and conversations.

    Raises AbortRun with all objections: a date that is none, a name that nobody and nothing has.
    """
    people = {row.slack_id: SlackUser.read(row, settings) for row in users}
    everybody = {slack_id: slack_id for slack_id in people}
    slack_names = {person.name: slack_id for slack_id, person in people.items()}
    conversations = [SlackChannel.read(row, everybody, slack_names, settings) for row in channels]
    of_people = _Lists(choice, "people", PEOPLE_KINDS, {who: _words_of_person(one) for who, one in people.items()})
    of_channels = _Lists(
        choice, "channels", CHANNEL_KINDS, {one.row.slack_id: _words_of_channel(one) for one in conversations}
    )
    if faults := [*choice.objections(), *of_channels.objections("conversation"), *of_people.objections("person")]:
        raise AbortRun("\n".join(faults))
    bots = {who for who, person in people.items() if person.is_bot}
    by_name = of_people.reasons()
    without_people = {who: why for who, why in by_name.items() if who not in bots}
    without = _without(choice, conversations, of_channels.reasons(), people.keys() - bots - without_people.keys())
    going = [one for one in conversations if one.row.slack_id not in without]
    strangers = {who: why for who, why in by_name.items() if who in bots}
    if choice.only_channels.strip() and not choice.only_people.strip():
        elsewhere = people.keys() - by_name.keys() - set().union(*(one.members for one in going))
        strangers |= dict.fromkeys(elsewhere, choice.named("only_channels"))
    return LeftOut(
        conversations=without,
        people=without_people,
        strangers=strangers,
        direct={one.row.slack_id: one.members for one in going if one.is_direct},
    )


def _without(
    choice: Choice, conversations: Iterable[SlackChannel], by_name: Mapping[str, str], chosen: Collection[str]
) -> dict[str, str]:
    """Return the conversations that are left out: by name, as direct ones, or because nobody who is chosen could open them."""
    by_people = choice.named("only_people" if choice.only_people.strip() else "skip_people")
    some_people = bool(choice.only_people.strip() or choice.skip_people.strip())
    without: dict[str, str] = {}
    for one in conversations:
        why = by_name.get(one.row.slack_id, "")
        if not why and one.is_direct:
            why = choice.leaves_out("direct") or ""
        if not why and some_people and one.kind is not ChannelKind.PUBLIC and not any(m in chosen for m in one.members):
            why = by_people
        if why:
            without[one.row.slack_id] = why
    return without


class _Lists:
    """The two settings MM_ONLY_... and MM_SKIP_... of conversations or of people, against what each of these is called."""

    def __init__(self, choice: Choice, what: str, kinds: Collection[str], words: Mapping[str, Collection[str]]) -> None:
        """words: Slack id -> what it is called."""
        self._only, self._skip = f"only_{what}", f"skip_{what}"
        self._choice, self._kinds, self._words = choice, kinds, words
        self._wanted = {name: [*_entries(getattr(choice, name))] for name in (self._only, self._skip)}
        self._known = set().union(*words.values())

    def reasons(self) -> dict[str, str]:
        """Return Slack id -> which of the two settings leaves it out."""
        return {slack_id: why for slack_id, words in self._words.items() if (why := self._reason(words))}

    def _reason(self, words: Collection[str]) -> str:
        if _matches(self._wanted[self._skip], words):
            return self._choice.named(self._skip)
        only = self._wanted[self._only]
        return self._choice.named(self._only) if only and not _matches(only, words) else ""

    def objections(self, what: str) -> list[str]:
        """Return a sentence for each entry that nothing is called by."""
        return [
            f"{self._choice.named(name)}: no {what} of what is staged is called {entry}{self._hint(entry)}."
            for name, entries in self._wanted.items()
            for entry in entries
            if entry not in self._kinds and not _matches([entry], self._known)
        ]

    def _hint(self, entry: str) -> str:
        near = get_close_matches(entry, sorted(self._known), 1)
        return f" (is {near[0]} meant?)" if near else f"; kinds are {', '.join(self._kinds)}"


def _words_of_person(person: SlackUser) -> set[str]:
    raw = person.row.raw_data
    flags = {"@guests": person.is_guest, "@deactivated": person.deleted}
    names = {person.row.slack_id, person.name, person.email, person.given_email, str(raw.get("name") or "")}
    return {name.lower() for name in names if name} | {kind for kind, is_so in flags.items() if is_so}


def _words_of_channel(one: SlackChannel) -> set[str]:
    kind = "@direct" if one.is_direct else "@public" if one.kind is ChannelKind.PUBLIC else "@private"
    return {name.lower() for name in (one.row.slack_id, one.name) if name} | {kind}


def _entries(text: str) -> Iterator[str]:
    """Yield the entries of a list, without the sign that Slack writes before a name."""
    for part in re.split(r"[,\n]", text):
        word = part.strip().lower()
        if word in CHANNEL_KINDS or word in PEOPLE_KINDS or (word := word.lstrip("#@").strip()):
            yield word


def _matches(entries: Iterable[str], words: Collection[str]) -> bool:
    return any(
        entry in words if not any(sign in entry for sign in "*?[") else any(fnmatchcase(word, entry) for word in words)
        for entry in entries
    )


def _moment(text: str, *, end: bool) -> int:
    """Return a date or moment in ms; of a date its beginning, or (`end`) that of the next day. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if end and _DATE.fullmatch(text):
        moment += timedelta(days=1)
    return round(moment.timestamp() * 1000)
