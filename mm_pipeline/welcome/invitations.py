"""Who of those whose accounts we made is invited to choose a password, and the inviting: each once, whatever is killed when.

Invites nobody by itself, and nobody who needs no password: single sign-on, bots, addresses that reach nobody.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.api import Account, Journal, MattermostAPI
from mm_pipeline.mattermost.ours import MADE_ACCOUNT
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.addresses import real_email

#: Remembered: ids of accounts whose invitation was asked for, before it is known to be sent, and of those whose is.
INVITING, INVITED = "inviting", "invited"
#: A server that was asked for a mail by a process that died may still be at it.
_SETTLED_S = 3.0
_THREADS = 4


class Invitations(msgspec.Struct, frozen=True, kw_only=True):
    """Who is still to be invited, and how many are not, by the reason."""

    due: tuple[Account, ...]
    left_out: dict[str, int]


def invitations(api: MattermostAPI, journal: Journal, store: EntityStore, placeholder_domain: str) -> Invitations:
    """Return who is to be invited. placeholder_domain: of the addresses that stand for people without one."""
    made, invited = set(journal.owed(MADE_ACCOUNT)), set(journal.owed(INVITED))
    rows = store.rows(EntityType.USER, [Status.SUCCESS])
    ours = {row.mattermost_id for row in rows if row.target_name in made}
    asked: list[Account] = []
    left_out: Counter[str] = Counter()
    for account in api.accounts():
        if account.id in ours:
            if why := _needs_none(account, invited, placeholder_domain):
                left_out[why] += 1
            else:
                asked.append(account)
    with ThreadPoolExecutor(_THREADS) as pool:
        has_signed_in = list(pool.map(api.has_signed_in, [account.id for account in asked]))
    if any(has_signed_in):
        left_out["have signed in already"] = sum(has_signed_in)
    due = [account for account, signed_in in zip(asked, has_signed_in, strict=True) if not signed_in]
    return Invitations(due=tuple(sorted(due, key=lambda one: one.username)), left_out=dict(left_out))


def _needs_none(account: Account, invited: set[str], placeholder_domain: str) -> str:
    """Return why an account of ours is not invited, in the plural, or ""."""
    if account.id in invited:
        return "were invited before"
    if account.is_bot:
        return "are bots"
    if account.delete_at:
        return "are deactivated"
    if account.auth_service:
        return "sign in by single sign-on"
    if account.email.endswith(".invalid") or not real_email(account.email, placeholder_domain):
        return "have an address that reaches nobody"
    return ""


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
    backend_logger.info("%d of %d invitations of an earlier run were sent", len(sent), len(unsure))


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
                f"The server could not mail {account.username}, so nobody further is invited: {refused} Mend its "
                "EmailSettings (its System Console can send a test mail), then run the same command again."
            ) from refused
        if number == 0 and account.email not in api.password_resets():
            # In hardened mode the server says yes whatever came of it.
            journal.paid(INVITING, [account.id])
            raise AbortRun(
                f"The server said yes and mailed {account.username} nothing: its log says why. Mend its EmailSettings, then "
                "run the same command again."
            )
        journal.owe(INVITED, [account.id])
        journal.paid(INVITING, [account.id])
        yield account
        time.sleep(max(0.0, 60 / per_minute - (time.monotonic() - began)))
