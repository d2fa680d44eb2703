"""New accounts and channels through the server plugin, many per call. Makes no bot, and changes nothing that is there.

An account has no password: nobody signs in with it until one is chosen by a mail that resets it, or by single sign-on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import RowFailed
from mm_pipeline.mattermost.each_person import for_each
from mm_pipeline.mattermost.first_sight import default_channels
from mm_pipeline.mattermost.import_lines import members_of
from mm_pipeline.mattermost.importer import Importer, ObjectAnswer
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.limits import refusal_of
from mm_pipeline.mattermost.ours import forget_channels
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.nouns import counted

#: What the plugin takes, in runes; more would cost the whole batch.
_IDENTITY = 190
#: Accounts or channels of one call, and what they name in all: one transaction, a few MB, below a second.
_OBJECTS, _NAMED = 500, 50_000

Thing = TypeVar("Thing")


class ImporterPeople:
    """Implements creates.Creates for one server and one team."""

    keeps_creators = True
    hides_direct_channels = False

    def __init__(self, importer: Importer, rest: Rest, journal: Journal) -> None:
        self._importer = importer
        self._rest = rest
        self._journal = journal

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create people with their memberships, and those of the public and private channels that are absent."""
        ids = self._rooms(accounts, channels)
        home = [channel_id for channel_id, _ in default_channels(self._rest)[:1]]
        good: list[NewAccount] = []
        for one in accounts:
            if why := refusal_of(one):
                yield Refused(key=one.key, error=RowFailed(why))
            else:
                good.append(one)
        for batch in dealt(good, lambda one: len(one.channels)):
            wish = [_account(one, [ids[name] for name in one.channels if name in ids], home) for one in batch]
            answers = self._importer.accounts(self._rest.team_id, wish)
            self._rest.invalidate_caches()
            backend_logger.info(
                "%s through the plugin", counted(sum(bool(one.id) for one in answers), "account came", "accounts came")
            )
            self._give_pictures(zip(batch, answers, strict=True))
            yield from (_outcome(one.key, answer) for one, answer in zip(batch, answers, strict=True))

    def open_direct_channels(self, channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Create direct and group channels, with their header, shown to their members."""
        names = [name for one in channels for name in (*one.members, one.creator) if name]
        people = {name: account.id for name, account in self._rest.accounts_named(names).items()}
        for batch in dealt(channels, lambda one: len(one.members)):
            wish = [
                channel_fields(one, people) | {"members": [people.get(name, "") for name in members_of(one)]}
                for one in batch
            ]
            answers = self._importer.channels(self._rest.team_id, wish)
            self._rest.invalidate_caches()
            yield from (_outcome(one.key, answer) for one, answer in zip(batch, answers, strict=True))

    def _rooms(self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]) -> dict[str, str]:
        """Have the public and private channels be there; return name -> id of those that the accounts name."""
        names = {name for account in accounts for name in account.channels} - {one.name for one in channels}
        there = {name: found["id"] for name, found in self._rest.channels_named(sorted(names)).items()}
        creators = self._rest.accounts_named(one.creator for one in channels if one.creator)
        people = {name: account.id for name, account in creators.items()}
        for batch in dealt(channels, lambda _: 1):
            answers = self._importer.channels(self._rest.team_id, [channel_fields(one, people) for one in batch])
            for one, answer in zip(batch, answers, strict=True):
                if answer.answer == Answer.CREATED:
                    there[one.name] = answer.id
                    continue
                if answer.answer:
                    forget_channels(self._journal, self._rest.team_id, [one.name])
                why = answer.reason or "somebody else has made one of that name"
                backend_logger.warning("channel %s was not created: %s", one.name, why)
        if channels:
            self._rest.invalidate_caches()
        return there

    def _give_pictures(self, made: Iterable[tuple[NewAccount, ObjectAnswer]]) -> None:
        """Give new people their pictures. Before they are told of: a run that is killed here sends them again."""
        with_picture = [(answer.id, one.picture) for one, answer in made if answer.id and one.picture]
        for_each(with_picture, lambda pair: self._rest.set_picture(*pair), "set the picture")


def dealt(things: Iterable[Thing], names: Callable[[Thing], int]) -> Iterator[list[Thing]]:
    """Yield things by calls; `names` counts what a thing refers to."""
    batch, size = list[Thing](), 0
    for one in things:
        if batch and (len(batch) == _OBJECTS or size + names(one) > _NAMED):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += names(one)
    if batch:
        yield batch


def channel_fields(channel: NewChannel, people: dict[str, str]) -> dict[str, Any]:
    """Return a channel to be made as the plugin takes it, without its people. `people`: username -> id."""
    return {
        "identity": _identity(channel.slack_id or f"{channel.kind.value}:{channel.name or ' '.join(channel.members)}"),
        "type": channel.kind.value,
        "name": channel.name,
        "display_name": channel.display_name or channel.name,
        "header": channel.header,
        "purpose": channel.purpose,
        "creator_id": people.get(channel.creator, ""),
        "create_at": channel.create_at,
    }


def _identity(slack_id: str) -> str:
    """Return what the plugin knows something by: the Slack id, or what stands for one that is a folder's long name."""
    return slack_id if len(slack_id) <= _IDENTITY else sha256(slack_id.encode()).hexdigest()


def _account(account: NewAccount, channel_ids: list[str], home: list[str]) -> dict[str, Any]:
    # As in an import line: a guest without a channel is in no team, and no guest, until somebody invites him.
    is_outside = account.is_guest and not account.channels
    fields = {
        name: getattr(account, name)
        for name in ("username", "email", "first_name", "last_name", "nickname", "position", "locale", "roles")
    }
    return fields | {
        "identity": _identity(account.slack_id or account.username),
        "delete_at": account.delete_at,
        "auth_service": account.auth_service if account.auth_data else "",
        "auth_data": account.auth_data if account.auth_service else "",
        "time_zone": account.time_zone,
        "roles": "system_user" if is_outside else account.roles,
        "is_outside": is_outside,
        "channel_ids": []
        if is_outside
        else list(dict.fromkeys(channel_ids if account.is_guest else home + channel_ids)),
    }


def _outcome(key: int, answer: ObjectAnswer) -> Done | Refused:
    if not answer.answer:
        return Refused(key=key, error=RowFailed(answer.reason))
    return Done(key=key, answer=Answer(answer.answer), id=answer.id)
