"""Accounts and channels that somebody made under names of ours while an import job waited or ran: told from what the job made.

An import line for what exists overwrites it. What was overwritten here is closed, told of, and never called ours.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.first_sight import NEWCOMERS
from mm_pipeline.mattermost.jobs import Outcome
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account, ChannelKind
from mm_pipeline.mattermost.ours import (
    MADE_ACCOUNT,
    MAKING_ACCOUNT,
    MAKING_CHANNEL,
    OVERWRITTEN_ACCOUNT,
    OVERWRITTEN_CHANNEL,
    forget_channels,
)
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.rest import AT_ONCE, Rest

#: ms between an imported account's create_at and its update_at at most, as a rule: a picture is all that comes later.
_ONE_GO_MS = 500
#: What every account has that was not imported, and no imported one (createUserOrGuest and importUser, 9.9 and 11.4).
_OF_SIGN_UP = "recommended_next_steps"


class Strangers:
    """Tells them on one server and in one team."""

    def __init__(self, rest: Rest, journal: Journal) -> None:
        self._rest = rest
        self._journal = journal

    def is_account(self, there: Account, outcome: Outcome) -> bool:
        """Whether an account that is there after a job, and was not before it, was made by anybody but an import."""
        began_before = there.create_at < outcome.began_at
        if not (outcome.withdrawn or there.is_bot or began_before or there.update_at - there.create_at > _ONE_GO_MS):
            return False
        # What failed jobs left half written comes late, too: it is known by what it lacks.
        return self._has_signed_up(there)

    def _has_signed_up(self, there: Account) -> bool:
        preferences = self._rest.http.get(f"/users/{there.id}/preferences") or ()
        return there.is_bot or any(one["category"] == _OF_SIGN_UP for one in preferences)

    def account_overwritten(self, wanted: NewAccount, there: Account, outcome: Outcome) -> str:
        """Return why somebody's account is not what it was, "" where the job did not touch it. The journal calls it ours no more.

        One that it did touch is in this person's private channels: it is taken out of the team, and whoever is signed in is
        signed out.
        """
        self._journal.paid(MADE_ACCOUNT, [wanted.username])
        self._journal.paid(NEWCOMERS, [wanted.username])
        why = ""
        if not outcome.withdrawn and there.email.lower() == wanted.email.lower():
            self._journal.owe(OVERWRITTEN_ACCOUNT, [there.id])
            why = account_overwritten(wanted.username)
            backend_logger.warning("%s", why)
            self._shut_out(there)
        self.looked_at([wanted], [])
        return why

    def channel_overwritten(
        self, wanted: NewChannel, there: Mapping[str, Any], outcome: Outcome, newcomers: Iterable[str]
    ) -> str:
        """Return why somebody's channel is not what it was, "" where the job did not touch it. The journal calls it ours no more.

        One that it did touch is made private, and the people whom the job put into it (`newcomers`: user ids) are taken out:
        nobody can tell any more whether it was public, and being too closed is mended by its owner.
        """
        forget_channels(self._journal, self._rest.team_id, [wanted.name])
        entry, display_name = f"{self._rest.team_id} {wanted.name}", wanted.display_name or wanted.name
        is_ours_now = (there["display_name"], there["type"]) == (display_name, wanted.kind.value)
        # A run that was killed while it closed one leaves the entry.
        if (outcome.withdrawn or not is_ours_now) and entry not in self._journal.owed(OVERWRITTEN_CHANNEL):
            backend_logger.warning("somebody has made a channel %s meanwhile: it is left as it is", wanted.name)
            self.looked_at([], [wanted])
            return ""
        self._journal.owe(OVERWRITTEN_CHANNEL, [entry])
        why = channel_overwritten(wanted.name)
        backend_logger.warning("%s", why)
        try:
            if there["type"] == ChannelKind.PUBLIC:
                self._rest.http.put(f"/channels/{there['id']}/privacy", {"privacy": ChannelKind.PRIVATE.value})
            for user_id in self._rest.members_of(there["id"], newcomers):
                self._rest.http.delete(f"/channels/{there['id']}/members/{user_id}")
        except ApiError as refused:
            backend_logger.warning("channel %s could not be closed: do it by hand, at once (%s)", wanted.name, refused)
        self.looked_at([], [wanted])
        return why

    def _shut_out(self, somebody: Account) -> None:
        try:
            if self._rest.members_of_team([somebody.id]):
                self._rest.http.delete(f"/teams/{self._rest.team_id}/members/{somebody.id}")
            self._rest.http.post(f"/users/{somebody.id}/sessions/revoke/all", idempotent=True)
        except ApiError as refused:
            name = somebody.username
            backend_logger.warning("%s could not be taken out of the team: do it by hand, at once (%s)", name, refused)

    # --- over a crash

    def looked_for(self, accounts: Iterable[NewAccount], channels: Iterable[NewChannel]) -> None:
        """Remember what a job is about to make."""
        self._journal.owe(MAKING_ACCOUNT, map(_account_entry, accounts))
        self._journal.owe(MAKING_CHANNEL, map(self._channel_entry, channels))

    def looked_at(self, accounts: Iterable[NewAccount], channels: Iterable[NewChannel]) -> None:
        """Forget it: what came of each is known, and remembered where it matters."""
        self._journal.paid(MAKING_ACCOUNT, map(_account_entry, accounts))
        self._journal.paid(MAKING_CHANNEL, map(self._channel_entry, channels))

    def look_at_what_was_left(self, last_ran: Callable[[], int]) -> None:
        """Do for what a killed run was about to make what it would have done: what is somebody's is never called ours.

        `last_ran` says until when the server was at a job that could have touched it (ms on its clock).
        """
        if not (self._journal.owed(MAKING_ACCOUNT) or self._journal.owed(MAKING_CHANNEL)):
            return
        with self._journal.server_lock():  # so that no job of another run is on its way
            accounts = [_account_of(entry) for entry in self._journal.owed(MAKING_ACCOUNT)]
            here = (entry for entry in self._journal.owed(MAKING_CHANNEL) if entry.startswith(f"{self._rest.team_id} "))
            channels = [_channel_of(entry) for entry in here]
            people = self._rest.accounts_named(one.username for one in accounts)
            rooms = self._rest.channels_named(one.name for one in channels)
            until = last_ran()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                asked = pool.map(self._has_signed_up, people.values())
            theirs = {name for name, is_theirs in zip(people, asked, strict=True) if is_theirs}
            made = [there.id for name, there in people.items() if name not in theirs]
            for room in channels:
                if (found := rooms.get(room.name)) and found["creator_id"]:  # an import names none
                    self.channel_overwritten(room, found, _since(until, found["create_at"]), made)
            for one in accounts:
                if one.username in theirs:
                    there = people[one.username]
                    self.account_overwritten(one, there, _since(until, there.create_at))
            # What is not there may be on its way: it is looked at when it has been sent again.
            self.looked_at(
                (one for one in accounts if one.username in people), (one for one in channels if one.name in rooms)
            )

    def _channel_entry(self, channel: NewChannel) -> str:
        return f"{self._rest.team_id} {channel.name} {channel.kind.value} {channel.display_name or channel.name}"


def _account_entry(account: NewAccount) -> str:
    return f"{account.username} {account.email}"


def _account_of(entry: str) -> NewAccount:
    username, _, email = entry.partition(" ")
    return NewAccount(key=0, username=username, email=email)


def _channel_of(entry: str) -> NewChannel:
    _, name, kind, display_name = entry.split(" ", 3)
    return NewChannel(key=0, kind=ChannelKind(kind), name=name, display_name=display_name)


def _since(until: int, create_at: int) -> Outcome:
    """Return what jobs that ran until then (ms) did to a thing of somebody's: they cannot have touched what was made later."""
    return Outcome(ok=False, withdrawn=create_at > until)


def account_overwritten(username: str) -> str:
    """Return what happened to an account, and what a person can do."""
    return (
        f"somebody signed up as {username} in the moment in which the server's import job made this person of that name: the import "
        "gave that account this person's e-mail address, names and a new password, and it has been taken out of the team, as it was "
        "in this person's channels. Give it its own address back (System Console, Users), and this person another name "
        "(`mm-pipeline plan --csv`), then `mm-pipeline retry`"
    )


def channel_overwritten(name: str) -> str:
    """Return what happened to a channel, and what a person can do."""
    return (
        f"somebody made a channel {name} in the moment in which the server's import job made this one of that name: the import gave "
        "it this one's display name, purpose and header, and it has been made private, as nobody can tell what it was. Tell its owner, "
        "who can set all that anew; then `mm-pipeline retry` gives this one another name"
    )
