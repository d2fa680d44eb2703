"""Slack against Mattermost: messages as they were staged, and the posts that the server shows, counted apart.

The one number is what was staged, the other what the server showed. A run has just read back what it sent, and the rows have
that; of a channel whose own totals on the server are exactly that it asks no more. Every other channel is read, and
`mm-pipeline report` reads all of them. Where the server was not asked, the second number is absent, and the report says so.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.model import EntityType, Status
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline.report.rows import YEAR_10000, Arrived, Rows
from mm_pipeline.report.totals import with_exact_totals

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
    by_totals: int = (
        0  #: channels that were not read again, because the server's totals are what was read back when sent
    )


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


def ask_server(api: MattermostAPI, store: EntityStore, *, read_all: bool = True) -> Seen:
    """Ask for every channel of the workspace, and look its people and emoji up. Raises AbortRun: the server is away.

    `read_all` False: what was just sent is not read once more where the server's totals are what was read back then.
    """
    asked_at, rows = int(time.time() * 1000), Rows(store)
    settled_at = rows.settled_at()  # first: what is settled while the server is asked makes the answer an old one
    hidden_before = api.server().hidden_before
    conversations: dict[str, list[str]] = defaultdict(list)
    for slack_id, channel_id, _ in rows.objects(EntityType.CHANNEL):
        conversations[channel_id].append(slack_id)
    vouched = set() if read_all or hidden_before else with_exact_totals(store, api.audit())
    found = [*_read_back(rows, {one: conversations[one] for one in vouched}), *_read(api, rows, conversations, vouched)]
    posts = Counter[Place]()
    for channel in found:
        posts.update(channel.posts)  # a sum of them would copy what it has so far for each channel
    accounts = {account.id for account in api.accounts()}
    emoji = api.emoji_names()
    return Seen(
        asked_at=asked_at,
        settled_at=settled_at,
        posts=[(place.conversation, place.month, count) for place, count in sorted(posts.items())],
        besides=sorted((channel.conversation, channel.besides) for channel in found if channel.besides),
        objects={
            EntityType.USER: sum(1 for _, user_id, _ in rows.objects(EntityType.USER) if user_id in accounts),
            EntityType.CUSTOM_EMOJI: sum(1 for _, _, name in rows.objects(EntityType.CUSTOM_EMOJI) if name in emoji)
            + sum(1 for name in rows.aliases() if name in emoji or name in MATTERMOST_EMOJI),
            EntityType.ATTACHMENT: sum(channel.files for channel in found),
            EntityType.CHANNEL: sum(len(conversations[channel.id]) for channel in found if channel.is_there),
            EntityType.MESSAGE: posts.total(),
            EntityType.REACTION: sum(channel.reactions for channel in found),
        },
        parts=sum(channel.parts for channel in found),
        hidden_before=hidden_before,
        by_totals=len(vouched),
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


def _read_back(rows: Rows, conversations: dict[str, list[str]]) -> list[_Channel]:
    """Return some channels (id -> conversations) as they were read back when they were sent."""
    arrived: dict[str, list[Arrived]] = defaultdict(list)
    for one in rows.arrived() if conversations else ():
        arrived[one.conversation].append(one)
    found = []
    for channel_id, ours in conversations.items():
        months = [month for conversation in ours for month in arrived[conversation]]
        found.append(
            _Channel(
                id=channel_id,
                conversation=ours[0],
                is_there=True,
                posts=Counter({Place(one.conversation, one.month): one.messages for one in months if one.messages}),
                parts=sum(one.parts for one in months),
                files=sum(one.files for one in months),
                reactions=sum(one.reactions for one in months),
            )
        )
    return found


def _read(api: MattermostAPI, rows: Rows, conversations: dict[str, list[str]], but: Container[str]) -> list[_Channel]:
    """Read channels (id -> conversations) back, but some."""
    wanted = {channel_id: ours for channel_id, ours in conversations.items() if channel_id not in but}
    parts = rows.parts() if wanted else set()
    with ThreadPoolExecutor(_READERS, "counting") as readers:
        reading = [readers.submit(_read_one, api, rows, *one, parts) for one in wanted.items()]
        return [one.result() for one in reading]


def _read_one(api: MattermostAPI, rows: Rows, channel_id: str, conversations: list[str], parts: set[str]) -> _Channel:
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


def asked_or_why(api: MattermostAPI, store: EntityStore, *, read_all: bool = True) -> tuple[Seen | None, str]:
    """Return what the server has, or else a sentence that says why nobody could ask it. `read_all`: as for ask_server."""
    try:
        return ask_server(api, store, read_all=read_all), ""
    except PipelineError as error:
        return None, str(error)
