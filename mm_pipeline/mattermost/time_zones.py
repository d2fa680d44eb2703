"""Time zones of new accounts, which no import line carries (9.9, 11.4): set by REST when all is in.

Touches nobody who was there before, and no time zone that a person or their device has chosen.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mm_pipeline.mattermost.each_person import for_each
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.outgoing import NewAccount
from mm_pipeline.mattermost.rest import PAGE, Rest, batches

#: Finishing touch owed: "<username> <e-mail> <time zone>" of accounts that are made here.
TIME_ZONES = "time_zones"


def owe_time_zones(journal: Journal, accounts: Iterable[NewAccount]) -> None:
    """Remember the time zones of people who are about to be created. Their e-mail tells them from all others."""
    journal.owe(TIME_ZONES, _debts(accounts))


def forget_time_zones(journal: Journal, accounts: Iterable[NewAccount]) -> None:
    """Forget those of people who were not created after all: by that name there may be somebody else."""
    journal.paid(TIME_ZONES, _debts(accounts))


def set_time_zones(rest: Rest, journal: Journal) -> None:
    """Set those that are owed. Mails, pushes and shows nobody anything; who was not created after all is left."""
    for batch in batches(journal.owed(TIME_ZONES), PAGE):
        wanted = {username: (email, zone) for username, email, zone in map(str.split, batch)}
        found = rest.http.post("/users/usernames", list(wanted), idempotent=True)
        due = [(one["id"], wanted[one["username"]][1]) for one in found if _is_due(one, wanted[one["username"]][0])]
        if not for_each(due, lambda pair: rest.set_time_zone(*pair), "set the time zone"):
            journal.paid(TIME_ZONES, batch)  # else the next run goes over all of it: who has theirs is not due any more


def _debts(accounts: Iterable[NewAccount]) -> list[str]:
    known = (one for one in accounts if one.time_zone and one.email)
    return [f"{one.username} {one.email.lower()} {one.time_zone}" for one in known]


def _is_due(user: Mapping[str, Any], email: str) -> bool:
    chosen = user.get("timezone") or {}
    return user["email"].lower() == email and not (chosen.get("automaticTimezone") or chosen.get("manualTimezone"))
