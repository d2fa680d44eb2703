"""The accounts that were made with a password that nobody knows: who must choose one before they can sign in. Sends nothing."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.plan.addresses import reaches_somebody
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.report.rows import Rows

_THREADS = 4
#: Accounts of which a run asks whether they were used: of each it takes three requests, 1,500 take a second or two.
_FEW = 500


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """An account that needs a new password."""

    username: str
    name: str  #: real name
    email: str
    reachable: (
        bool  #: False: the address is one of MM_EMAIL_DOMAIN, which reaches nobody; give the account another first
    )


def password_resets(
    rows: Rows, plan: Plan, email_domain: str, api: MattermostAPI | None = None, *, ask_all: bool = True
) -> list[Reset]:
    """Return people's accounts that were made, are active and sign in by password, by username.

    `api`: asked for what became of them since; None, or away: it is not known who has signed in by now, neither of many
    where not `ask_all`.
    """
    decisions = {one.slack_id: one for one in plan.people}
    found = {}
    for slack_id, user_id, username, name in rows.newcomers():
        one = decisions.get(slack_id)
        if one and not (one.is_bot or one.auth_service or one.delete_at):
            reachable = reaches_somebody(one.email, email_domain)
            found[user_id] = Reset(username=username or one.username, name=name, email=one.email, reachable=reachable)
    if api is None or not found or not (ask_all or len(found) <= _FEW):
        return list(found.values())
    try:
        return _still_due(api, found, email_domain)
    except PipelineError:  # it went away meanwhile, and the page says so
        return list(found.values())


def signed_in(api: MattermostAPI, user_ids: Sequence[str]) -> set[str]:
    """Return those of some accounts that anybody has ever signed in to."""
    with ThreadPoolExecutor(_THREADS) as pool:
        used = pool.map(api.has_signed_in, user_ids)
        return {user_id for user_id, is_used in zip(user_ids, used, strict=True) if is_used}


def _still_due(api: MattermostAPI, found: Mapping[str, Reset], email_domain: str) -> list[Reset]:
    """Return who must still choose one, as the accounts are now: somebody may have given them an address, or closed them."""
    accounts = {one.id: one for one in api.accounts() if one.id in found and not (one.delete_at or one.auth_service)}
    used = signed_in(api, list(accounts))
    return [
        msgspec.structs.replace(
            reset,
            username=accounts[user_id].username,
            email=accounts[user_id].email,
            reachable=reaches_somebody(accounts[user_id].email, email_domain),
        )
        for user_id, reset in found.items()
        if user_id in accounts and user_id not in used
    ]
