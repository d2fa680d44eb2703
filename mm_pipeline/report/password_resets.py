"""The accounts that were made with a password that nobody knows: who must choose one before they can sign in. Sends nothing."""

import msgspec

from mm_pipeline.plan.addresses import real_email
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.report.rows import Rows


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """An account that needs a new password."""

    username: str
    name: str  #: real name
    email: str
    reachable: (
        bool  #: False: the address is one of MM_EMAIL_DOMAIN, which reaches nobody; give the account another first
    )


def password_resets(rows: Rows, plan: Plan, email_domain: str) -> list[Reset]:
    """Return people's accounts that were made, are active and sign in by password, by username."""
    decisions = {one.slack_id: one for one in plan.people}
    found = []
    for slack_id, username, name in rows.newcomers():
        one = decisions.get(slack_id)
        if one and not (one.is_bot or one.auth_service or one.delete_at):
            reachable = bool(real_email(one.email, email_domain)) and not one.email.endswith(".invalid")
            found.append(Reset(username=username or one.username, name=name, email=one.email, reachable=reachable))
    return found
