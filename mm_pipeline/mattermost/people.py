"""Create accounts: look once more who is there, have the new people created, and the bots by REST.

Never sends a line for an account that exists, and never decides who is who: email_exists and username_exists are answers.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from mm_pipeline.mattermost.bots import Bots
from mm_pipeline.mattermost.creates import Creates
from mm_pipeline.mattermost.first_sight import NEWCOMERS, default_channels
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import channels_made, remember_accounts, remember_channels
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.time_zones import forget_time_zones, owe_time_zones

#: From this many accounts of the server per planned person on, a look-up per person (3 ms) beats reading all (0.2 ms each).
_READING_ALL_PAYS = 15


class People:
    """Accounts of one server."""

    def __init__(self, rest: Rest, bots: Bots, creates: Creates, journal: Journal) -> None:
        self._rest = rest
        self._journal = journal
        self._bots = bots
        self._creates = creates

    def create(self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Create those that the server lacks; one outcome per account. `channels` are those that they name.

        Bots come into being while the people's job waits for its turn and runs: they need nothing of it.
        """
        with ThreadPoolExecutor(1, "bots") as beside:
            bots = beside.submit(lambda: list(self._bots.create([account for account in accounts if account.is_bot])))
            yield from self._create_people([account for account in accounts if not account.is_bot], channels)
            yield from bots.result()

    def _create_people(self, people: Sequence[NewAccount], channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        taken = self._taken(people)
        yield from taken.values()
        new = [person for person in people if person.key not in taken]
        if new:
            owe_time_zones(self._journal, new)
            self._journal.owe(NEWCOMERS, [person.username for person in new])
            missing, foreign = self._missing_and_foreign(channels)
            remember_channels(self._journal, self._rest.team_id, (one.name for one in missing))
            made = self._creates.create_accounts(self._at_home(_outside(new, foreign)), missing)
            yield from self._without_debts_of_others(new, remember_accounts(self._journal, new, made))

    def _without_debts_of_others(
        self, new: Sequence[NewAccount], outcomes: Iterable[Done | Refused]
    ) -> Iterator[Done | Refused]:
        """Yield the outcomes; to those who did not come into being here nothing is owed, as by that name there may be somebody else."""
        people = {person.key: person for person in new}
        for outcome in outcomes:
            if isinstance(outcome, Refused) or not outcome.id:
                person = people[outcome.key]
                self._journal.paid(NEWCOMERS, [person.username])
                forget_time_zones(self._journal, [person])
            yield outcome

    def _taken(self, people: Sequence[NewAccount]) -> dict[int, Done]:
        """Return email_exists or username_exists for each person whom the server has; the e-mail is looked at first."""
        names = self._rest.accounts_named(person.username for person in people)
        emails = self._emails_of({person.email.lower() for person in people if person.email})
        taken: dict[int, Done] = {}
        for person in people:
            if person.email.lower() in emails:
                taken[person.key] = Done(key=person.key, answer=Answer.EMAIL_EXISTS)
            elif person.username in names:
                taken[person.key] = Done(key=person.key, answer=Answer.USERNAME_EXISTS)
        return taken

    def _emails_of(self, emails: set[str]) -> set[str]:
        """Return those of the e-mail addresses that belong to an account."""
        if not emails:
            return set()
        if self._rest.accounts_total() < _READING_ALL_PAYS * len(emails):
            return emails & {account.email.lower() for account in self._rest.accounts()}
        return {email for email in emails if self._rest.account_with_email(email)}

    def _at_home(self, people: Iterable[NewAccount]) -> list[NewAccount]:
        """Return the people with the team's default channels: a line puts them into town-square alone. Guests have none."""
        homes = [name for _, name in default_channels(self._rest)[1:]]
        return [
            person
            if person.is_guest
            else msgspec.structs.replace(person, channels=tuple(dict.fromkeys((*person.channels, *homes))))
            for person in people
        ]

    def _missing_and_foreign(self, channels: Iterable[NewChannel]) -> tuple[list[NewChannel], set[str]]:
        """Return the channels that the server lacks now, and the names of those that somebody else made since the plan.

        A line for one that is there would overwrite it, and a membership in somebody else's lets people read what is not theirs.
        """
        new = [one for one in channels if not one.id]
        there = self._rest.channels_named(one.name for one in new)
        made = channels_made(self._journal, self._rest.team_id)
        return [one for one in new if one.name not in there], {name for name in there if name not in made}


def _outside(people: Iterable[NewAccount], channels: set[str]) -> list[NewAccount]:
    """Return the people without their memberships in some channels."""
    return [
        msgspec.structs.replace(one, channels=tuple(name for name in one.channels if name not in channels))
        for one in people
    ]
