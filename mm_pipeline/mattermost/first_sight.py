"""What new accounts see when they first sign in: the team's default channels, read, and their direct channels in the side bar.

Touches new accounts and channels made here alone: what people have arranged for themselves stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.rest import Rest, batches

#: Finishing touches owed, and what their ids are.
NEWCOMERS = "settle_newcomer"  #: username
SHOW_DIRECT = "show_direct_channel"  #: ids of its people, with blanks between them
#: Preferences of one call.
_PREFERENCES = 100


def default_channels(rest: Rest) -> list[tuple[str, str]]:
    """Return (id, name) of the public channels that everybody who joins the team is put into, town-square first."""
    more = rest.config()["TeamSettings"].get("ExperimentalDefaultChannels") or ["off-topic"]
    found = (rest.channel_named(name) for name in dict.fromkeys(["town-square", *more]))
    return [(channel["id"], channel["name"]) for channel in found if channel and _is_open(channel)]


def _is_open(channel: Mapping[str, Any]) -> bool:
    return channel["type"] == ChannelKind.PUBLIC and not channel["delete_at"]


def homes_of_newcomers(rest: Rest, journal: Journal) -> dict[str, list[str]]:
    """Return user id -> ids of the default channels, for new accounts: what was said there before them is not addressed to them."""
    owed = journal.owed(NEWCOMERS)
    if not owed:
        return {}
    homes = [channel_id for channel_id, _ in default_channels(rest)]
    return {account.id: homes for account in rest.accounts_named(owed).values()}


def without_newcomers(rest: Rest, journal: Journal, unread: Iterable[str]) -> frozenset[str]:
    """Return those of `channel id:user id` whose person was there before us: what newcomers find unread is not theirs to read."""
    pairs = frozenset(unread)
    if not pairs:
        return pairs
    new = {account.id for account in rest.accounts_named(journal.owed(NEWCOMERS)).values()}
    return frozenset(pair for pair in pairs if pair.partition(":")[2] not in new)


def show_direct_channels(rest: Rest, journal: Journal) -> None:
    """Have direct and group channels stand in the side bar of their people: servers before 10.1 leave them hidden.

    (Their import line writes `direct_channel_show` with the channel's id, where clients look for the other one's.)
    """
    wanted: dict[str, list[dict[str, str]]] = defaultdict(list)
    owed = journal.owed(SHOW_DIRECT)
    for people in (entry.split() for entry in owed):
        if channel := rest.channel_of(people):
            for user_id in set(people):
                wanted[user_id].append(shown(channel["id"], user_id, people))
    for user_id, preferences in wanted.items():
        _prefer(rest, user_id, preferences)
    journal.paid(SHOW_DIRECT, owed)


def shown(channel_id: str, user_id: str, people: Iterable[str]) -> dict[str, str]:
    """Return the preference by which a direct or group channel stands in somebody's side bar."""
    others = set(people) - {user_id}
    if len(others) > 1:
        return {"user_id": user_id, "category": "group_channel_show", "name": channel_id, "value": "true"}
    other = next(iter(others), user_id)
    return {"user_id": user_id, "category": "direct_channel_show", "name": other, "value": "true"}


def _prefer(rest: Rest, user_id: str, preferences: list[dict[str, str]]) -> None:
    try:
        for batch in batches(preferences, _PREFERENCES):
            rest.http.put(f"/users/{user_id}/preferences", batch)
    except ApiError as refused:  # a bot has no side bar
        backend_logger.debug("direct channels are not shown to %s: %s", user_id, refused)
