"""Time zones of new accounts, which no import line carries (9.9, 11.4): set by REST when all is in.

Touches nobody who was there before, and no time zone that a person or their device has chosen.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.api import Journal, NewAccount
from mm_pipeline.mattermost.rest import PAGE, Rest, batches

#: Finishing touch owed: "<username> <e-mail> <time zone>" of accounts that are made here.
TIME_ZONES = "time_zones"
#: People set at the same time: more does not help, the server's database does the work.
_THREADS = 4


def owe_time_zones(journal: Journal, accounts: Iterable[NewAccount]) -> None:
    """Remember the time zones of people who are about to be created. Their e-mail tells them from all others."""
    known = (one for one in accounts if one.time_zone and one.email)
    journal.owe(TIME_ZONES, [f"{one.username} {one.email.lower()} {one.time_zone}" for one in known])


def set_time_zones(rest: Rest, journal: Journal) -> None:
    """Set those that are owed. Mails, pushes and shows nobody anything; who was not created after all is left."""
    owed = journal.owed(TIME_ZONES)
    with ThreadPoolExecutor(_THREADS) as pool:
        for batch in batches(owed, PAGE):
            wanted = {username: (email, zone) for username, email, zone in map(str.split, batch)}
            found = rest.http.post("/users/usernames", list(wanted), idempotent=True)
            due = [(one, wanted[one["username"]][1]) for one in found if _is_due(one, wanted[one["username"]][0])]
            list(pool.map(lambda pair: _set(rest, *pair), due))
            journal.paid(TIME_ZONES, batch)


def _is_due(user: Mapping[str, Any], email: str) -> bool:
    chosen = user.get("timezone") or {}
    return user["email"].lower() == email and not (chosen.get("automaticTimezone") or chosen.get("manualTimezone"))


def _set(rest: Rest, user: Mapping[str, Any], time_zone: str) -> None:
    try:
        rest.set_time_zone(user["id"], time_zone)
    except ApiError as refused:
        backend_logger.warning("the time zone of %s could not be set: %s", user["username"], refused)
