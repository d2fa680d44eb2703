"""Have channels be there with all their people; how missing ones are made and missing members added is handed to it.

Never touches a channel that was there before us, or that somebody made since the plan, and never removes anybody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import RowFailed
from mm_pipeline.mattermost.channel_lines import ChannelLines, as_closed
from mm_pipeline.mattermost.channel_notes import MADE_PRIVATE, closed_to, kept_out
from mm_pipeline.mattermost.creates import Creates
from mm_pipeline.mattermost.first_sight import SHOW_DIRECT, show_direct_channels
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.limits import refusal_of
from mm_pipeline.mattermost.on_server import NAMED_KINDS, Account, ChannelKind
from mm_pipeline.mattermost.ours import OVERWRITTEN_CHANNEL, channels_made, remember_channels, remember_direct
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewChannel
from mm_pipeline.mattermost.quiet import Quiet
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.strangers import channel_overwritten
from mm_pipeline.nouns import counted


class Channels:
    """Channels of one team."""

    def __init__(self, rest: Rest, journal: Journal, quiet: Quiet, creates: Creates, lines: ChannelLines) -> None:
        self._rest = rest
        self._journal = journal
        self._quiet = quiet
        self._creates = creates
        self._lines = lines

    def open(self, channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Have each channel be there with all its members. Idempotent: where all is well, only questions are asked."""
        names = (name for one in channels for name in (*one.members, *([one.creator] if one.creator else ())))
        people = self._rest.accounts_named(names)
        good: list[NewChannel] = []
        for one in channels:
            if not one.matched and (why := refusal_of(one)):
                yield Refused(key=one.key, error=RowFailed(why))
            else:
                good.append(one)
        yield from self._open_named([one for one in good if one.kind in NAMED_KINDS], people)
        yield from self._open_direct([one for one in good if one.kind not in NAMED_KINDS], people)

    # --- public and private

    def _open_named(self, channels: Sequence[NewChannel], people: Mapping[str, Account]) -> Iterator[Done | Refused]:
        before = self._look_up(channels)
        taken = self._somebody_elses([one for one in channels if not one.matched], before)
        yield from map(self._refused, taken)
        channels = [one for one in channels if one not in taken]
        ours = [one for one in channels if not one.matched]
        if missing := [one for one in ours if before[one.key] is None]:
            remember_channels(self._journal, self._rest.team_id, (one.name for one in missing))
            for outcome in self._creates.create_accounts((), missing):
                raise AssertionError(f"no account was sent: {outcome}")
            self._rest.invalidate_caches()
        kept = [(as_closed(one, there_is), there_is) for one in ours if (there_is := before[one.key])]
        if other := [one for one, there_is in kept if self._differs(one, there_is, people)]:
            self._lines.change(other)
        self._bring_news([(one, there_is) for one in channels if (there_is := before[one.key])])
        there = before | self._look_up([*missing, *other])
        taken = self._somebody_elses(missing, there)
        yield from map(self._refused, taken)
        channels = [one for one in channels if one not in taken]
        for one in channels:
            if one.matched and (found := before[one.key]):
                self._quiet.keep_unread(found)
        refused = self._add_members(channels, there, people)
        for one in channels:
            if (found := there[one.key]) is None:
                yield _not_opened(one)
            else:
                answer = Answer.EXISTED if before[one.key] else Answer.CREATED
                closed = "" if one.matched or as_closed(one, found) == one else MADE_PRIVATE
                absent = refused.get(found["id"], "") or self._not_taken_in(one, found, people)
                note = "; ".join(filter(None, (closed, absent)))
                yield Done(key=one.key, answer=answer, id=found["id"], note=note)

    def _somebody_elses(
        self, channels: Sequence[NewChannel], there: Mapping[int, Mapping[str, Any] | None]
    ) -> list[NewChannel]:
        """Return those that are there and were not made here."""
        made = channels_made(self._journal, self._rest.team_id)
        return [one for one in channels if there[one.key] and one.name not in made]

    def _refused(self, channel: NewChannel) -> Refused:
        """Return why a channel of that name is left alone, and whether an import line of ours was quicker than that."""
        was_overwritten = f"{self._rest.team_id} {channel.name}" in self._journal.owed(OVERWRITTEN_CHANNEL)
        why = channel_overwritten(channel.name) if was_overwritten else _taken(channel.name)
        return Refused(key=channel.key, error=RowFailed(why))

    def _differs(self, wanted: NewChannel, there: Mapping[str, Any], people: Mapping[str, Account]) -> bool:
        lacks_creator = wanted.creator in people and not there["creator_id"]
        is_younger = 0 < wanted.create_at < there["create_at"]
        lacks_origin = self._creates.keeps_creators and not there["delete_at"] and (lacks_creator or is_younger)
        return lacks_origin or _differs(wanted, there)

    def _bring_news(self, channels: Sequence[tuple[NewChannel, dict[str, Any]]]) -> None:
        if changes := [(there, news) for one, there in channels if (news := _news(one, there))]:
            self._lines.retouch(changes)

    def _look_up(self, channels: Sequence[NewChannel]) -> dict[int, dict[str, Any] | None]:
        by_id = {one.key: self._rest.channel(one.id) for one in channels if one.id}
        by_name = self._rest.channels_named(one.name for one in channels if not by_id.get(one.key))
        return {one.key: by_id.get(one.key) or by_name.get(one.name) for one in channels}

    def _add_members(
        self,
        channels: Sequence[NewChannel],
        there: Mapping[int, Mapping[str, Any] | None],
        people: Mapping[str, Account],
    ) -> dict[str, str]:
        """Add those who are missing. Returns channel id -> who of them was refused, and why."""
        wanted: dict[str, list[str]] = {}
        for one in channels:
            found = there[one.key]
            # Nobody can be added to an archived channel, nor a deactivated account to any.
            if found is None or found["delete_at"]:
                continue
            members = [people[name] for name in one.members if name in people]
            wanted.setdefault(found["id"], []).extend(person.id for person in members if not person.delete_at)
            if len(members) < len(set(one.members)):
                absent = len(set(one.members)) - len(members)
                backend_logger.warning(
                    "channel %s: %s no account on the server",
                    one.name,
                    counted(absent, "member has", "members have"),
                )
        bots = frozenset(person.id for person in people.values() if person.is_bot)
        names = {person.id: name for name, person in people.items()}
        refused = self._quiet.add_members(wanted, bots)
        return {
            channel_id: kept_out({names[one]: why for one, why in whys.items()}) for channel_id, whys in refused.items()
        }

    def _not_taken_in(self, channel: NewChannel, there: Mapping[str, Any], people: Mapping[str, Account]) -> str:
        """Return who is not in a channel because it is archived by now, "" where nobody is missing."""
        if not there["delete_at"]:
            return ""
        wanted = {people[name].id: name for name in channel.members if name in people and not people[name].delete_at}
        inside = self._rest.members_of(there["id"], wanted)
        absent = sorted(name for user_id, name in wanted.items() if user_id not in inside)
        return closed_to(absent) if absent else ""

    # --- direct and group

    def _open_direct(self, channels: Sequence[NewChannel], people: Mapping[str, Account]) -> Iterator[Done | Refused]:
        reachable: list[NewChannel] = []
        for one in channels:
            if absent := sorted(set(one.members) - people.keys()):
                yield Refused(key=one.key, error=RowFailed(_nobody(absent)))
            else:
                reachable.append(one)
        ids = {one.key: [people[name].id for name in one.members] for one in reachable}
        there = {one.key: self._rest.channel_of(ids[one.key]) for one in reachable}
        for one in reachable:
            if found := there[one.key]:
                yield Done(key=one.key, answer=Answer.EXISTED, id=found["id"])
        if missing := [one for one in reachable if there[one.key] is None]:
            if self._creates.hides_direct_channels:
                self._journal.owe(SHOW_DIRECT, [" ".join(sorted(set(ids[one.key]))) for one in missing])
            remember_direct(self._journal, (one.members for one in missing), people)
            yield from self._creates.open_direct_channels(missing)
            show_direct_channels(self._rest, self._journal)


def _differs(wanted: NewChannel, there: Mapping[str, Any]) -> bool:
    """Whether a channel of ours lacks something of what it is to be. An archived one cannot be changed: it is finished."""
    if there["delete_at"]:
        return False
    now = (there["display_name"], there["type"])
    kept = (wanted.display_name or wanted.name, wanted.kind.value)
    texts = ((wanted.header, there["header"]), (wanted.purpose, there["purpose"]))
    return now != kept or any(text and text != said for text, said in texts)


def _news(wanted: NewChannel, there: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a channel of an earlier run is to have anew: closed, where it was; texts that nobody changed here."""
    if wanted.texts_before is None or there["delete_at"]:
        return {}
    news = {"type": wanted.kind.value} if (wanted.kind, there["type"]) == (ChannelKind.PRIVATE, "O") else {}
    texts = zip(("header", "purpose"), wanted.texts_before, (wanted.header, wanted.purpose), strict=True)
    for name, sent, text in texts:
        if text not in (sent, there[name]):
            if there[name] == sent:
                news[name] = text
            else:
                backend_logger.info("the %s of channel %s was changed in Mattermost: it stays", name, there["name"])
    return news


def _taken(name: str) -> str:
    return (
        f"the name {name} was taken by a channel of somebody else since the plan was made, and that is left as it is: give this "
        "one another name, or match it (`mm-pipeline plan --csv`), then `mm-pipeline retry`"
    )


def _not_opened(channel: NewChannel) -> Refused:
    name = channel.name or f"of {', '.join(channel.members)}"
    text = (
        f"After the import job the channel {name} is not there: the server's log says why; mend that, then try again."
    )
    return Refused(key=channel.key, error=RowFailed(text))


def _nobody(usernames: Iterable[str]) -> str:
    return f"The server has no account {', '.join(usernames)}: export that person first, then try again."
