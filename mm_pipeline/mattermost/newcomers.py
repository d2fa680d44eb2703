"""New accounts and channels by import job: one archive for all, and one bad line costs one row.

Sends a line only for what the server lacks: a line for what exists would overwrite it. That is looked at until the job begins.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun, RowFailed
from mm_pipeline.mattermost.archive_writer import ArchiveWriter, picture_of
from mm_pipeline.mattermost.import_lines import DIRECT_KINDS, channel_line, direct_channel_line, user_line
from mm_pipeline.mattermost.jobs import ImportJobs, Outcome
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.limits import refusal_of
from mm_pipeline.mattermost.on_server import NAMED_KINDS, Account
from mm_pipeline.mattermost.ours import forget_channels
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.packing import Packer
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.strangers import Strangers

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

#: Newcomers whom the server has: people as accounts, channels as it tells them.
There = Mapping[Newcomer, Account | Mapping[str, Any]]


class _Result(NamedTuple):
    """What became of a newcomer: its id on the server, or why it has none."""

    who: Newcomer
    id: str = ""
    error: str = ""
    answer: Answer = Answer.CREATED


class Newcomers:
    """Brings accounts and channels of one team into being."""

    def __init__(self, rest: Rest, team: str, jobs: ImportJobs, packer: Packer, journal: Journal) -> None:
        self._rest = rest
        self._journal = journal
        self._strangers = Strangers(rest, journal)
        self._team = team
        self._jobs = jobs
        self._packer = packer

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create people, each once, with their memberships, and those of the public and private channels that are absent.

        One outcome per account, none for channels. An account whose name is taken is not sent: USERNAME_EXISTS. A channel whose
        name is taken is somebody's who was quicker: nobody is put into it, and the journal does not call it ours.
        """
        self._strangers.looked_for(accounts, channels)
        there = self._rest.accounts_named(account.username for account in accounts)
        yield from (Done(key=one.key, answer=Answer.USERNAME_EXISTS) for one in accounts if one.username in there)
        named = {name for account in accounts for name in account.channels}
        known = self._rest.channels_named([*(one.name for one in channels), *sorted(named)])
        rooms = {one.name: one for one in channels if one.name not in known}
        forget_channels(self._journal, self._rest.team_id, [one.name for one in channels if one.name in known])
        open_rooms = {name for name in named if name in known} - {one.name for one in channels} | rooms.keys()

        def line_of(who: Newcomer) -> Line:
            if isinstance(who, NewChannel):
                return "channel", channel_line(who, self._team), {}
            # A membership in a channel that is not there would cost the account; open_channels gives it later.
            own = tuple(name for name in who.channels if name in open_rooms)
            return "user", user_line(msgspec.structs.replace(who, channels=own), self._team), picture_of(who)

        new = [account for account in accounts if account.username not in there]
        for result in self._create([*rooms.values(), *new], line_of):
            if isinstance(result.who, NewAccount):
                yield _outcome(result)
            elif result.error:
                open_rooms.discard(result.who.name)
                backend_logger.warning("channel %s was not created: %s", result.who.name, result.error)
        self._strangers.looked_at(accounts, channels)

    def resume(self) -> None:
        """Tell what a killed run's jobs made from what people made, under the names that it was about to make."""
        self._strangers.look_at_what_was_left(self._jobs.last_watched)

    def open_direct_channels(self, channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Create direct and group channels, with their header, shown to their members. One outcome per channel."""
        there = self._who_is_there(channels)
        yield from (Done(key=one.key, answer=Answer.EXISTED, id=_id(there[one])) for one in channels if one in there)
        new = [one for one in channels if one not in there]
        yield from map(_outcome, self._create(new, _direct_line))

    def _who_is_there(self, newcomers: Sequence[Newcomer]) -> There:
        """Return those that the server has."""
        accounts = [one for one in newcomers if isinstance(one, NewAccount)]
        direct = [one for one in newcomers if isinstance(one, NewChannel) and one.kind in DIRECT_KINDS]
        names = {one.username for one in accounts} | {name for one in direct for name in one.members}
        people = self._rest.accounts_named(names)
        there: dict[Newcomer, Account | Mapping[str, Any]] = {
            one: people[one.username] for one in accounts if one.username in people
        }
        rooms = [one for one in newcomers if isinstance(one, NewChannel) and one.kind not in DIRECT_KINDS]
        named = self._rest.channels_named(one.name for one in rooms)
        there |= {one: named[one.name] for one in rooms if one.name in named}
        for one in direct:
            if all(name in people for name in one.members) and (
                found := self._rest.channel_of([people[name].id for name in one.members])
            ):
                there[one] = found
        return there

    def _create(self, newcomers: Sequence[Newcomer], line_of: Callable[[Newcomer], Line]) -> Iterator[_Result]:
        """Send the newcomers until each is there or known to be refused."""
        good: list[Newcomer] = []
        for one in newcomers:
            if why := refusal_of(one):
                yield _Result(one, error=why)
            else:
                good.append(one)
        todo = list(self._dealt(good))[::-1]
        fruitless = half_made = 0
        while todo:
            batch = todo.pop()
            outcome, culprit = self._send(batch, line_of)
            there = self._who_is_there(batch)
            yield from self._told_apart(there, outcome)
            rest = [one for one in batch if one not in there]
            if outcome.withdrawn:
                todo += [rest] if rest else []
                continue
            if outcome.ok:
                yield from (_Result(one, error=_NOT_THERE) for one in rest)
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
                yield self._refused(blamed, outcome)
                rest.remove(blamed)
                todo += [rest] if rest else []

    def _told_apart(self, there: There, outcome: Outcome) -> Iterator[_Result]:
        """Yield what became of those that are there after a job: it made them, or somebody else did while it waited or ran."""
        ours = {one for one in there if not self._is_somebodys(there[one], outcome)}
        people = [_id(there[one]) for one in ours if isinstance(one, NewAccount)]
        for one, found in there.items():
            if one in ours:
                yield _Result(one, _id(found))
            elif isinstance(one, NewAccount) and isinstance(found, Account):
                why = self._strangers.account_overwritten(one, found, outcome)
                yield _Result(one, error=why, answer=Answer.USERNAME_EXISTS)
            elif isinstance(one, NewChannel) and not isinstance(found, Account):
                why = self._strangers.channel_overwritten(one, found, outcome, people)
                yield _Result(one, error=why or "somebody else has made one of that name")

    def _is_somebodys(self, found: Account | Mapping[str, Any], outcome: Outcome) -> bool:
        if isinstance(found, Account):
            return self._strangers.is_account(found, outcome)
        # An import names no creator. Who opened a direct channel meanwhile has what was to be made.
        return bool(found["creator_id"]) and found["type"] in NAMED_KINDS

    def _refused(self, who: Newcomer, outcome: Outcome) -> _Result:
        """Return why a line was refused: mostly somebody of that e-mail has signed up since, and is who was to be made."""
        if isinstance(who, NewAccount) and who.email and self._rest.account_with_email(who.email):
            return _Result(who, answer=Answer.EMAIL_EXISTS)
        return _Result(who, error=outcome.refusal())

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
            is_direct = all(isinstance(one, NewChannel) and one.kind in DIRECT_KINDS for one in batch)
            has_rooms = any(isinstance(one, NewChannel) and one.kind not in DIRECT_KINDS for one in batch)
            # Direct channels are not looked for meanwhile: each costs a request, and who opens one has what was to be made.
            outcome = self._jobs.run(
                writer.path,
                len(writer),
                channel_lines=has_rooms,
                still_wanted=None if is_direct else lambda: not self._who_is_there(batch),
            )
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


def _id(found: Account | Mapping[str, Any]) -> str:
    return found.id if isinstance(found, Account) else str(found["id"])


def _outcome(result: _Result) -> Done | Refused:
    if result.error:
        return Refused(key=result.who.key, error=RowFailed(result.error))
    return Done(key=result.who.key, answer=result.answer, id=result.id)


_NOT_THERE = "The import job said success, but it is not there: the server's log says why; mend that, then try again."
