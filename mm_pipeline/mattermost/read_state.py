"""Mark imported channels and their threads read for everybody in them. Touches nobody's presence, and no other thread."""

import sys
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.each_person import for_each
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.own_unread import FIRST_UNREAD, first_unread
from mm_pipeline.mattermost.rest import PAGE, Rest
from mm_pipeline.nouns import counted

#: Finishing touches owed, and what their ids are.
MARK_READ = "mark_read"  #: channel id
KEEP_UNREAD = "keep_unread"  #: "<channel id>:<user id>"
MARK_THREADS = "mark_threads"  #: ids of channels in which threads that were there before have grown
KEEP_THREAD = "keep_thread"  #: "<id of the root>:<user id>"


def remember_unread(rest: Rest, journal: Journal, channels: Iterable[Mapping[str, Any] | None]) -> None:
    """Remember who has something unread in channels, and from where on, before anything of ours comes into them."""
    begun = frozenset(journal.owed(MARK_READ))  # into these an earlier run has imported, and had remembered
    for channel in channels:
        if channel and channel["id"] not in begun:
            unread_by = _have_unread(rest, channel)
            journal.owe(KEEP_UNREAD, [f"{channel['id']}:{member['user_id']}" for member in unread_by])
            journal.owe(FIRST_UNREAD, first_unread(rest, channel, unread_by))


def remember_threads(rest: Rest, journal: Journal, channel_ids: Iterable[str]) -> None:
    """Remember who has unread replies in threads of channels, before further ones of ours come into them.

    What is unread in a thread is not unread in its channel, where threads are collapsed.
    """
    new = frozenset(channel_ids).difference(journal.owed(MARK_THREADS))
    people = dict.fromkeys(user_id for channel_id in sorted(new) for user_id in rest.all_members_of(channel_id))

    def remember(user_id: str) -> None:
        unread = (one for one in unread_threads(rest, user_id) if one["post"]["channel_id"] in new)
        journal.owe(KEEP_THREAD, [f"{thread['id']}:{user_id}" for thread in unread])

    for_each(people, remember, "learn which threads are unread")


def _have_unread(rest: Rest, channel: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the memberships of those who have something unread in a channel, as it is now."""
    if not channel["total_msg_count"]:
        return []
    return [
        member
        for member in rest.pages(f"/channels/{channel['id']}/members")
        if member["msg_count"] < channel["total_msg_count"] or member["mention_count"]
    ]


def mark_read_for_all(
    rest: Rest,
    channel_ids: Iterable[str],
    *,
    threads: frozenset[str] = frozenset(),
    keep: Container[str] = frozenset(),
    besides: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> list[tuple[str, str]]:
    """Mark the channels read for each of their members, and for some (`besides`: user id -> channel ids) further ones.

    Returns who (user id, channel id) still has to be shown them as read: the server's own trouble came in between.

    `threads` names those of the channels in which threads have grown: new ones come read by their followers (facts: 11.4,
    section 3). `keep` names who had something unread before anything was imported (`channel id:user id`, and of threads
    `root id:user id`): that stays.
    """
    ids = [sys.intern(channel_id) for channel_id in channel_ids]
    channels_of: dict[str, list[str]] = defaultdict(list)
    for channel_id in ids:
        try:
            for user_id in rest.all_members_of(channel_id):
                if f"{channel_id}:{user_id}" not in keep:
                    channels_of[user_id].append(channel_id)
        except ApiError as gone:
            backend_logger.debug("nothing to mark read: %s", gone)
    in_threads = {user_id for user_id, theirs in channels_of.items() if not threads.isdisjoint(theirs)}
    for user_id, further in besides.items():
        channels_of[user_id] += further

    def mark(user_id: str) -> None:
        rest.mark_read(user_id, channels_of[user_id])
        if user_id in in_threads:
            _mark_threads(rest, threads, keep, user_id)

    left = for_each(channels_of, mark, "mark everything read")
    people = counted(len(channels_of), "person", "people")
    backend_logger.info("marked %s read for %s", counted(len(ids), "channel"), people)
    return [(user_id, channel_id) for user_id in left for channel_id in channels_of[user_id]]


def _mark_threads(rest: Rest, grown: frozenset[str], keep: Container[str], user_id: str) -> None:
    path = f"/users/{user_id}/teams/{rest.team_id}/threads"
    unread = unread_threads(rest, user_id)
    channels = ((thread, thread["post"]["channel_id"]) for thread in unread)
    ours = [
        thread
        for thread, one in channels
        if one in grown and f"{one}:{user_id}" not in keep and f"{thread['id']}:{user_id}" not in keep
    ]
    if ours and len(ours) == len(unread):
        rest.http.put(f"{path}/read")
    else:
        # Somebody who was here before has threads of their own, which stay unread.
        for thread in ours:
            rest.http.put(f"{path}/{thread['id']}/read/{thread['last_reply_at']}")


def unread_threads(rest: Rest, user_id: str) -> list[dict[str, Any]]:
    """Return the threads of the team that the person follows and has not read, newest first."""
    path, threads = f"/users/{user_id}/teams/{rest.team_id}/threads", list[dict[str, Any]]()
    while True:
        before = {"before": threads[-1]["id"]} if threads else {}
        page = rest.http.get(path, {"unread": "true", "per_page": PAGE, **before})["threads"] or []
        threads += page
        if len(page) < PAGE:
            return threads
