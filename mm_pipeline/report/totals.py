"""The server's own totals of a channel, beside what the rows say was read back of it. Reads no post.

A server counts a post when it is made, and does not count it down when it is deleted.
"""

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.shown_rows import Conversation, ShownRows
from mm_pipeline.mattermost.api import Audit
from mm_pipeline.mattermost.on_server import ExistingChannel
from mm_pipeline.render.subtypes import SUBTYPES

#: Posts of these types are in no total of the server's (model.Post.IsJoinLeaveMessage).
_UNCOUNTED_TYPES = ("system_join_channel", "system_leave_channel")
_UNCOUNTED = [name for name, subtype in SUBTYPES.items() if subtype.post_type in _UNCOUNTED_TYPES]


def conversations(rows: ShownRows) -> list[Conversation]:
    """Return the channels with what the server should count of them, largest first."""
    return rows.conversations(_UNCOUNTED)


def missing(one: Conversation, there: ExistingChannel | None) -> int:
    """Return how many posts, or replies, the server counts fewer than there should be."""
    total, replies = totals(there)
    return max(one.posts - total, one.replies - replies, 0)


def totals(there: ExistingChannel | None) -> tuple[int, int]:
    """Return how many posts the server counts in a channel, and how many of these are replies."""
    return (there.total_msg_count, there.total_msg_count - there.total_msg_count_root) if there else (0, 0)


def with_exact_totals(store: EntityStore, audit: Audit) -> set[str]:
    """Return the ids of the channels that hold just what was read back of them, by the server's totals. May raise AbortRun."""
    ours = conversations(ShownRows(store))
    there = audit.channels(one.channel_id for one in ours)
    return {
        one.channel_id
        for one in ours
        if one.channel_id in there and totals(there[one.channel_id]) == (one.posts, one.replies)
    }
