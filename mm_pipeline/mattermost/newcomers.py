"""New accounts and channels by import job: one archive for all, and one bad line costs one row.

Sends a line only for what the server lacks at that moment: a line for what exists would overwrite it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun, RowFailed
from mm_pipeline.mattermost.archive_writer import ArchiveWriter, picture_of
from mm_pipeline.mattermost.import_lines import DIRECT_KINDS, channel_line, direct_channel_line, user_line
from mm_pipeline.mattermost.jobs import ImportJobs, Outcome
from mm_pipeline.mattermost.limits import refusal_of
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.packing import Packer
from mm_pipeline.mattermost.rest import Rest

#: Failed jobs in a row that brought nothing: then it is not the lines.
FRUITLESS_JOBS = 25
#: Failed jobs in a row at the line of something that came into being nevertheless: its memberships are refused.
_HALF_MADE = 3
#: Lines of one archive. Each account costs the server 0.08 s of hashing, so this is already half an hour.
_LINES = 20_000
#: Bytes of a line at most, as far as archives are dealt out: texts, and one membership.
_LINE_BYTES, _MEMBERSHIP_BYTES = 4_000, 120

Newcomer = NewAccount | NewChannel
#: Type, line, files by their paths below data/.
Line = tuple[str, bytes, dict[str, Path]]
There = Callable[[Sequence[Newcomer]], Mapping[Newcomer, str]]


class _Result(NamedTuple):
    """What became of a newcomer: its id on the server, or why it has none."""

    who: Newcomer
    id: str
    error: str = ""


class Newcomers:
    """Brings accounts and channels of one team into being."""

    def __init__(self, rest: Rest, team: str, jobs: ImportJobs, packer: Packer) -> None:
        self._rest = rest
        self._team = team
        self._jobs = jobs
        self._packer = packer

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create people, each once, with their memberships, and those of the public and private channels that are absent.

        One outcome per account, none for channels. An account whose name is taken is not sent: USERNAME_EXISTS.
        """
        there = self._rest.accounts_named(account.username for account in accounts)
        yield from (Done(key=one.key, answer=Answer.USERNAME_EXISTS) for one in accounts if one.username in there)
        named = {name for account in accounts for name in account.channels}
        known = self._rest.channels_named([*(one.name for one in channels), *sorted(named)])
        rooms = {one.name: one for one in channels if one.name not in known}
        open_rooms = {name for name in named if name in known} | rooms.keys()

        def line_of(who: Newcomer) -> Line:
            if isinstance(who, NewChannel):
                return "channel", channel_line(who, self._team), {}
            # A membership in a channel that is not there would cost the account; open_channels gives it later.
            own = tuple(name for name in who.channels if name in open_rooms)
            return "user", user_line(msgspec.structs.replace(who, channels=own), self._team), picture_of(who)

        new = [account for account in accounts if account.username not in there]
        for result in self._create([*rooms.values(), *new], line_of, self._who_is_there):
            if isinstance(result.who, NewAccount):
                yield _outcome(result)
            elif result.error:
                open_rooms.discard(result.who.name)
                backend_logger.warning("channel %s was not created: %s", result.who.name, result.error)

    def open_direct_channels(self, channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Create direct and group channels, with their header, shown to their members. One outcome per channel."""
        there = self._who_is_there(channels)
        yield from (Done(key=one.key, answer=Answer.EXISTED, id=there[one]) for one in channels if one in there)
        new = [one for one in channels if one not in there]
        yield from map(_outcome, self._create(new, _direct_line, self._who_is_there))

    def _who_is_there(self, newcomers: Sequence[Newcomer]) -> dict[Newcomer, str]:
        """Return the ids of those that the server has."""
        accounts = [one for one in newcomers if isinstance(one, NewAccount)]
        direct = [one for one in newcomers if isinstance(one, NewChannel) and one.kind in DIRECT_KINDS]
        names = {one.username for one in accounts} | {name for one in direct for name in one.members}
        people = self._rest.accounts_named(names)
        there: dict[Newcomer, str] = {one: people[one.username].id for one in accounts if one.username in people}
        for one in newcomers:
            if isinstance(one, NewAccount):
                continue
            if one.kind not in DIRECT_KINDS:
                found = self._rest.channel_named(one.name)
            elif all(name in people for name in one.members):
                found = self._rest.channel_of([people[name].id for name in one.members])
            else:
                found = None
            if found:
                there[one] = found["id"]
        return there

    def _create(
        self, newcomers: Sequence[Newcomer], line_of: Callable[[Newcomer], Line], look_up: There
    ) -> Iterator[_Result]:
        """Send the newcomers until each is there or known to be refused."""
        good: list[Newcomer] = []
        for one in newcomers:
            if why := refusal_of(one):
                yield _Result(one, "", why)
            else:
                good.append(one)
        todo = list(self._dealt(good))[::-1]
        fruitless = half_made = 0
        while todo:
            batch = todo.pop()
            outcome, culprit = self._send(batch, line_of)
            there = look_up(batch)
            yield from (_Result(one, there[one]) for one in batch if one in there)
            rest = [one for one in batch if one not in there]
            if outcome.ok:
                yield from (_Result(one, "", _NOT_THERE) for one in rest)
                continue
            fruitless = 0 if there else fruitless + 1
            half_made = half_made + 1 if culprit in there else 0
            if fruitless >= FRUITLESS_JOBS or half_made >= _HALF_MADE:
                raise AbortRun(
                    f"Import after import ends with: {outcome.error}. Mend that, then run the same command again."
                )
            if culprit in there or outcome.lost:
                todo += [rest] if rest else []
            elif culprit is None and len(rest) > 1:
                middle = len(rest) // 2
                todo += [rest[middle:], rest[:middle]]
            elif rest:
                blamed = culprit if culprit in rest else rest[0]
                yield _Result(blamed, "", _said(outcome))
                rest.remove(blamed)
                todo += [rest] if rest else []

    def _dealt(self, newcomers: Sequence[Newcomer]) -> Iterator[list[Newcomer]]:
        """Yield them by archives, each as large as it may be: pictures weigh."""
        batch, size = list[Newcomer](), 0
        for one in newcomers:
            weight = _weight(one)
            if batch and (len(batch) == _LINES or size + weight > self._packer.limit_bytes):
                yield batch
                batch, size = [], 0
            batch.append(one)
            size += weight
        if batch:
            yield batch

    def _send(self, batch: Sequence[Newcomer], line_of: Callable[[Newcomer], Line]) -> tuple[Outcome, Newcomer | None]:
        """Send one archive. Returns how it ended and, after an error, whose line was to blame if the server says so."""
        writer = ArchiveWriter(self._packer.new_path(), 1 << 62)
        try:
            for number, one in enumerate(batch, start=1):
                kind, line, files = line_of(one)
                writer.add(kind, line, files, key=number)
            writer.close()
            has_rooms = any(isinstance(one, NewChannel) and one.kind not in DIRECT_KINDS for one in batch)
            outcome = self._jobs.run(writer.path, len(writer), channel_lines=has_rooms)
            number = writer.key_of(outcome.line)
        finally:
            writer.release()
        return outcome, batch[number - 1] if number else None


def _direct_line(channel: Newcomer) -> Line:
    assert isinstance(channel, NewChannel)
    return "direct_channel", direct_channel_line(channel), {}


def _weight(newcomer: Newcomer) -> int:
    """Return how many bytes a newcomer adds to an archive at most, roughly."""
    if isinstance(newcomer, NewChannel):
        return _LINE_BYTES
    picture = newcomer.picture.stat().st_size if newcomer.picture else 0
    return _LINE_BYTES + _MEMBERSHIP_BYTES * len(newcomer.channels) + picture


def _outcome(result: _Result) -> Done | Refused:
    if result.error:
        return Refused(key=result.who.key, error=RowFailed(result.error))
    return Done(key=result.who.key, answer=Answer.CREATED, id=result.id)


def _said(outcome: Outcome) -> str:
    return f"The import job refused it: {outcome.error}. Trying again will not help."


_NOT_THERE = "The import job said success, but it is not there: the server's log says why; mend that, then try again."
