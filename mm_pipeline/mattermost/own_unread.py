"""What people had not read before anything of ours came is unread afterwards, and nothing of ours beside it. Marks nothing read.

The server counts what somebody has read, not what is unread: posts of ours, be they years old, join whatever was unread.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mm_pipeline.mattermost.each_person import for_each
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.rest import Rest

#: Finishing touch owed, and what its ids are.
FIRST_UNREAD = (
    "first_unread"  #: "<channel id>:<user id>:<id of the post to begin at> <ms of the first one that is unread>"
)

#: Posts of a channel that are looked at: whoever has more unread than that notices no more of it.
_MOST = 2_000
#: Notices that the server does not count among what is unread.
_UNCOUNTED = frozenset(
    {
        "system_join_leave",
        "system_add_remove",
        "system_join_channel",
        "system_leave_channel",
        "system_join_team",
        "system_leave_team",
        "system_add_to_channel",
        "system_remove_from_channel",
        "system_add_to_team",
        "system_remove_from_team",
    }
)


def first_unread(rest: Rest, channel: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what FIRST_UNREAD owes those members of a channel who have something unread there.

    Where threads are not always collapsed, to begin at a reply would make people follow its thread: then the post before it.
    """
    if not members:
        return
    counted = (post for post in rest.newest_posts(channel["id"]) if post["type"] not in _UNCOUNTED)
    posts = list(islice(counted, _MOST))
    at_replies = rest.config()["ServiceSettings"]["CollapsedThreads"] == "always_on"
    for member in members:
        unread = channel["total_msg_count"] - member["msg_count"]
        theirs = [post for post in posts[:unread] if post["create_at"] > member["last_viewed_at"]]
        if theirs and unread < _MOST:
            older = posts[len(theirs) - 1 :]
            if begin := next((post for post in older if at_replies or not post["root_id"]), None):
                yield f"{channel['id']}:{member['user_id']}:{begin['id']} {theirs[-1]['create_at']}"


def restore_unread(rest: Rest, journal: Journal, imported: Container[str], keep: Container[str]) -> None:
    """Have what people had unread be what is unread. Who has looked into the channel since has seen for themselves.

    `imported` names channels, `keep` who (`channel id:user id`). Posts of ours that are younger than the first one that was
    unread count with it: the server knows no unread post behind one that is read.
    """
    begin: dict[str, tuple[int, str]] = {}
    for owed in journal.owed(FIRST_UNREAD):
        place, ms = owed.split()
        pair, _, post_id = place.rpartition(":")
        if pair in keep and pair.partition(":")[0] in imported:
            begin[pair] = max(begin.get(pair, (0, "")), (int(ms), post_id))
    found = map(rest.channel, {pair.partition(":")[0] for pair in begin})
    opened = {channel["id"] for channel in found if channel and not channel["delete_at"]}

    def restore(pair: str) -> None:
        channel_id, _, user_id = pair.partition(":")
        ms, post_id = begin[pair]
        member = rest.http.get_or_none(f"/channels/{channel_id}/members/{user_id}")
        if member and member["last_viewed_at"] < ms:
            wish = {"collapsed_threads_supported": True}
            rest.http.post(f"/users/{user_id}/posts/{post_id}/set_unread", wish, idempotent=True)

    of_open = [pair for pair in begin if pair.partition(":")[0] in opened]
    for_each(of_open, restore, "leave unread what was unread")
