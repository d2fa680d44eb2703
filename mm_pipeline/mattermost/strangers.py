"""Accounts and channels that somebody made under names of ours while an import job waited or ran: told from what the job made.

An import line for what exists overwrites it. What was overwritten here is closed, told of, and never called ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.jobs import Outcome
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account, ChannelKind
from mm_pipeline.mattermost.ours import OVERWRITTEN_ACCOUNT, OVERWRITTEN_CHANNEL, forget_channels
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.rest import Rest

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
        preferences = self._rest.http.get(f"/users/{there.id}/preferences") or ()
        return there.is_bot or any(one["category"] == _OF_SIGN_UP for one in preferences)

    def account_overwritten(self, wanted: NewAccount, there: Account, outcome: Outcome) -> str:
        """Return why somebody's account is not what it was, "" where the job did not touch it. Remembers it."""
        if outcome.withdrawn or there.email.lower() != wanted.email.lower():
            return ""
        self._journal.owe(OVERWRITTEN_ACCOUNT, [there.id])
        why = account_overwritten(wanted.username)
        backend_logger.warning("%s", why)
        return why

    def channel_overwritten(
        self, wanted: NewChannel, there: Mapping[str, Any], outcome: Outcome, newcomers: Iterable[str]
    ) -> str:
        """Return why somebody's channel is not what it was, "" where the job did not touch it. The journal calls it ours no more.

        One that it did touch is made private, and the people whom the job put into it (`newcomers`: user ids) are taken out:
        nobody can tell any more whether it was public, and being too closed is mended by its owner.
        """
        forget_channels(self._journal, self._rest.team_id, [wanted.name])
        display_name = wanted.display_name or wanted.name
        if outcome.withdrawn or (there["display_name"], there["type"]) != (display_name, wanted.kind.value):
            backend_logger.warning("somebody has made a channel %s meanwhile: it is left as it is", wanted.name)
            return ""
        self._journal.owe(OVERWRITTEN_CHANNEL, [f"{self._rest.team_id} {wanted.name}"])
        why = channel_overwritten(wanted.name)
        backend_logger.warning("%s", why)
        try:
            if there["type"] == ChannelKind.PUBLIC:
                self._rest.http.put(f"/channels/{there['id']}/privacy", {"privacy": ChannelKind.PRIVATE.value})
            for user_id in self._rest.members_of(there["id"], newcomers):
                self._rest.http.delete(f"/channels/{there['id']}/members/{user_id}")
        except ApiError as refused:
            backend_logger.warning("channel %s could not be closed: do it by hand, at once (%s)", wanted.name, refused)
        return why


def account_overwritten(username: str) -> str:
    """Return what happened to an account, and what a person can do."""
    return (
        f"somebody signed up as {username} in the moment in which the server's import job made this person of that name: the import "
        "gave that account this person's e-mail address, names and a new password. Give it its own address back (System Console, Users), "
        "and this person another name (`mm-pipeline plan --csv`), then `mm-pipeline retry`"
    )


def channel_overwritten(name: str) -> str:
    """Return what happened to a channel, and what a person can do."""
    return (
        f"somebody made a channel {name} in the moment in which the server's import job made this one of that name: the import gave "
        "it this one's display name, purpose and header, and it has been made private, as nobody can tell what it was. Tell its owner, "
        "who can set all that anew; then `mm-pipeline retry` gives this one another name"
    )
