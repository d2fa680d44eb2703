"""Slack against Mattermost: messages as they were staged, and the posts that the server shows, counted apart.

The one number comes from the rows, the other from reading every channel back: never is one written where the other should
stand. Where the server was not asked, the second number is absent, and the report says so.
"""

import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.rows import YEAR_10000, Rows

#: Channels that are read side by side: a server answers four readers twice as fast as one.
_READERS = 4


class Place(msgspec.Struct, frozen=True, order=True):
    """A conversation (Slack id) and a month (like 2024-05; "" where Slack gives no time)."""

    conversation: str
    month: str


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation in one month: messages as they were staged, by status, and those of them that the server shows."""

    conversation: str
    month: str
    staged: int
    success: int
    failed: int
    skipped: int
    pending: int
    there: int | None  #: None: the server was not asked


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the server has of this workspace, as it said itself at `asked_at` (ms)."""

    asked_at: int
    settled_at: float  #: when the newest row had been settled then (s since 1970, by PostgreSQL's clock)
    posts: list[tuple[str, str, int]]  #: (conversation, month, posts that are messages of ours)
    besides: list[tuple[str, int]]  #: (conversation, posts that are none: people's own, notices, what was there before)
    objects: dict[str, int]  #: things of each type that are there
    parts: int = 0  #: posts that carry a part of a message
    hidden_before: int = 0  #: ms before which the licence hides posts; 0: none are hidden


def staged_and_seen(rows: Rows, seen: Seen | None) -> list[Month]:
    """Return both counts per conversation and month, in order."""
    staged: dict[Place, Counter[Status]] = defaultdict(Counter)
    for conversation, month, status, count in rows.messages_by_month():
        staged[Place(conversation, month)][status] += count
    there = {Place(conversation, month): count for conversation, month, count in seen.posts} if seen else {}
    return [
        Month(
            conversation=place.conversation,
            month=place.month,
            staged=staged[place].total(),
            there=there.get(place, 0) if seen else None,
            **{status.value: staged[place][status] for status in Status},
        )
        for place in sorted(staged.keys() | there.keys())
    ]


def ask_server(api: MattermostAPI, store: EntityStore) -> Seen:
    """Read every channel of the workspace back, and look its people and emoji up. Raises AbortRun: the server is away."""
    asked_at, rows = int(time.time() * 1000), Rows(store)
    settled_at = rows.settled_at()  # first: what is settled while the server is asked makes the answer an old one
    conversations: dict[str, list[str]] = defaultdict(list)
    for slack_id, channel_id, _ in rows.objects(EntityType.CHANNEL):
        conversations[channel_id].append(slack_id)
    parts = rows.parts()
    with ThreadPoolExecutor(_READERS, "counting") as readers:
        read = [readers.submit(_read, api, rows, *one, parts) for one in conversations.items()]
        found = [one.result() for one in read]
    posts = sum((channel.posts for channel in found), Counter[Place]())
    accounts = {account.id for account in api.accounts()}
    emoji = api.emoji_names()
    return Seen(
        asked_at=asked_at,
        settled_at=settled_at,
        posts=[(place.conversation, place.month, count) for place, count in sorted(posts.items())],
        besides=sorted((channel.conversation, channel.besides) for channel in found if channel.besides),
        objects={
            EntityType.USER: sum(1 for _, user_id, _ in rows.objects(EntityType.USER) if user_id in accounts),
            EntityType.CUSTOM_EMOJI: sum(1 for _, _, name in rows.objects(EntityType.CUSTOM_EMOJI) if name in emoji),
            EntityType.ATTACHMENT: sum(channel.files for channel in found),
            EntityType.CHANNEL: sum(len(conversations[channel.id]) for channel in found if channel.is_there),
            EntityType.MESSAGE: posts.total(),
            EntityType.REACTION: sum(channel.reactions for channel in found),
        },
        parts=sum(channel.parts for channel in found),
        hidden_before=api.server().hidden_before,
    )


class _Channel(msgspec.Struct, kw_only=True):
    """One channel of the server, counted."""

    id: str
    conversation: str  #: the first of those that became it
    is_there: bool = False
    posts: Counter[Place]
    parts: int = 0
    besides: int = 0
    files: int = 0
    reactions: int = 0


def _read(api: MattermostAPI, rows: Rows, channel_id: str, conversations: list[str], parts: set[str]) -> _Channel:
    ours = rows.posts_of(conversations)
    channel = _Channel(id=channel_id, conversation=conversations[0], posts=Counter())
    for post in api.posts_of(channel_id):
        channel.is_there = True
        if conversation := ours.get(post.id):
            channel.posts[Place(conversation, month_of(post.create_at))] += 1
        elif post.id in parts:
            channel.parts += 1
        else:
            channel.besides += 1
            continue
        channel.files += post.files
        channel.reactions += post.reactions
    channel.is_there = channel.is_there or api.has_channel(channel_id)
    return channel


def month_of(ms: int) -> str:
    """Return the month (UTC) of a time in ms, like 2024-05; "" for what is no time, as queries.sql has it."""
    return time.strftime("%Y-%m", time.gmtime(ms // 1000)) if 0 <= ms < YEAR_10000 else ""


def asked_or_why(api: MattermostAPI, store: EntityStore) -> tuple[Seen | None, str]:
    """Return what the server has, or else a sentence that says why nobody could ask it."""
    try:
        return ask_server(api, store), ""
    except PipelineError as error:
        return None, str(error)
