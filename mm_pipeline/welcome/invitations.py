"""Who of those whose accounts we made is invited to choose a password, and the inviting: each once, whatever is killed when.

Invites nobody by itself, and nobody who needs no password: single sign-on, bots, addresses that reach nobody.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted
from mm_pipeline.plan.addresses import reaches_somebody
from mm_pipeline.report.password_resets import signed_in
from mm_pipeline.welcome.audience import made_here

#: Remembered: ids of accounts whose invitation was asked for, before it is known to be sent, and of those whose is.
INVITING, INVITED = "inviting", "invited"
#: A server that was asked for a mail by a process that died may still be at it.
_SETTLED_S = 3.0
_MEND = (
    "Mend its mail settings (System Console > Environment > SMTP; `mm-pipeline invite --test-mail` tries them), then run the "
    "same command again: nobody is mailed twice."
)


class Why(Enum):
    """Why people who are in the rows are not invited, as it is said of one and of many."""

    THERE_BEFORE = ("person had an account before", "people had an account before")
    INVITED = ("person was invited before", "people were invited before")
    SIGNED_IN = ("person has signed in already", "people have signed in already")
    SINGLE_SIGN_ON = ("person signs in by single sign-on", "people sign in by single sign-on")
    NO_ADDRESS = (
        "person has no address that a mail reaches: set a password for them (System Console > User Management)",
        "people have no address that a mail reaches: set passwords for them (System Console > User Management)",
    )
    DEACTIVATED = ("account is deactivated", "accounts are deactivated")
    BOT = ("bot", "bots")

    def told(self, count: int) -> str:
        """Return it of so many."""
        return counted(count, *self.value)


class Invitations(msgspec.Struct, frozen=True, kw_only=True):
    """Who is still to be invited, and how many are not, by the reason."""

    due: tuple[Account, ...]
    left_out: dict[Why, int]


def invitations(api: MattermostAPI, journal: Journal, store: EntityStore, placeholder_domain: str) -> Invitations:
    """Return who is to be invited. placeholder_domain: of the addresses that stand for people without one."""
    made, invited = made_here(journal, store), set(journal.owed(INVITED))
    there = {row.mattermost_id for row in store.rows(EntityType.USER, [Status.SUCCESS])}
    asked: list[Account] = []
    left_out: Counter[Why] = Counter()
    for account in api.accounts():
        if account.id not in there:
            continue
        if why := _needs_none(account, made, invited, placeholder_domain):
            left_out[why] += 1
        else:
            asked.append(account)
    used = signed_in(api, [account.id for account in asked])
    left_out[Why.SIGNED_IN] = len(used)
    due = [account for account in asked if account.id not in used]
    return Invitations(
        due=tuple(sorted(due, key=lambda one: one.username)),
        left_out={why: left_out[why] for why in Why if left_out[why]},
    )


def _needs_none(account: Account, made: set[str], invited: set[str], placeholder_domain: str) -> Why | None:
    """Return why somebody who is in the rows is not invited, or None."""
    if account.is_bot:
        return Why.BOT
    if account.delete_at:
        return Why.DEACTIVATED
    if account.id not in made:
        return Why.THERE_BEFORE
    if account.id in invited:
        return Why.INVITED
    if account.auth_service:
        return Why.SINGLE_SIGN_ON
    if not reaches_somebody(account.email, placeholder_domain):
        return Why.NO_ADDRESS
    return None


def settle_unsure(api: MattermostAPI, journal: Journal) -> None:
    """Find out what came of those whom a run that was killed was about to invite: the server remembers whom it mailed."""
    unsure = set(journal.owed(INVITING))
    if not unsure:
        return
    time.sleep(_SETTLED_S)
    mailed = api.password_resets()
    emails = {account.id: account.email for account in api.accounts() if account.id in unsure}
    sent = [user_id for user_id, email in emails.items() if email in mailed]
    journal.owe(INVITED, sent)
    journal.paid(INVITING, unsure)
    backend_logger.info(
        "an earlier run was at %s when it ended: %d sent", counted(len(unsure), "invitation"), len(sent)
    )


def invite(api: MattermostAPI, journal: Journal, accounts: Sequence[Account], per_minute: int) -> Iterator[Account]:
    """Send each a password reset, so many in a minute; yield who was sent one. Raises AbortRun where the server cannot mail."""
    for number, account in enumerate(accounts):
        began = time.monotonic()
        journal.owe(INVITING, [account.id])
        try:
            api.send_password_reset(account.email)
        except ApiError as refused:
            journal.paid(INVITING, [account.id])
            raise AbortRun(
                f"The server could not mail {account.username}, so nobody further is invited: {cannot_mail(refused)}"
            ) from refused
        if number == 0 and account.email not in api.password_resets():
            # In hardened mode the server says yes whatever came of it.
            journal.paid(INVITING, [account.id])
            raise AbortRun(f"The server said yes and mailed {account.username} nothing: its log says why. {_MEND}")
        journal.owe(INVITED, [account.id])
        journal.paid(INVITING, [account.id])
        yield account
        time.sleep(max(0.0, 60 / per_minute - (time.monotonic() - began)))


def cannot_mail(refused: ApiError) -> str:
    """Return what the server said when it was to mail, and what to do. Its error says that trying again will not help."""
    return f"it says {refused.status} {refused.message or refused.error_id}. {_MEND}"
