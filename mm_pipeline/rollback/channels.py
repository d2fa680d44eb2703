"""The channels that something of ours is in, and what becomes of each: whatever carries what people did stays. Changes nothing."""

from collections.abc import Container, Iterable, Iterator
from itertools import takewhile

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account, Allowed, SeenPost
from mm_pipeline.mattermost.ours import MADE_CHANNEL, MADE_DIRECT
from mm_pipeline.model import Entity, EntityType, Fate
from mm_pipeline.nouns import counted, verb
from mm_pipeline.rollback.room import look_into
from mm_pipeline.rollback.things import HELD, ChannelThing

#: Why a direct channel stays that nothing is in any more: one of the export, and one that no conversation became.
NEVER_REMOVED = "empty; the server removes no direct or group channel"
OF_BOT = "opened by the server between the token's owner and a new bot; empty, and it removes none"


def own_channels(
    api: MattermostAPI, journal: Journal, store: RollbackStore, team_id: str, people: set[str]
) -> list[ChannelThing]:
    """Return the channels that something of ours may be in, not looked into yet."""
    made = set(journal.owed(MADE_CHANNEL))
    direct = [ids.split() for ids in journal.owed(MADE_DIRECT)]
    made_direct = {there.id for ids in direct if people.issuperset(ids) and (there := api.channel_of(ids))}
    rows: dict[str, list[Entity]] = {}
    for row in store.heads(EntityType.CHANNEL):
        is_made = f"{team_id} {row.target_name}" in made
        # The user step makes channels before their rows know their ids: a run may have been killed between.
        there = api.channel_named(row.target_name or "") if is_made and not row.mattermost_id else None
        if channel_id := row.mattermost_id or (there and there.id):
            rows.setdefault(channel_id, []).append(row)
    held = store.held_by_others(rows)
    return [
        ChannelThing(
            id=channel_id,
            name=next((row.target_name for row in found if row.target_name), "") or f"direct {channel_id}",
            is_named=any(row.target_name for row in found),
            is_ours=any(f"{team_id} {row.target_name}" in made for row in found) or channel_id in made_direct,
            slack_ids=tuple(row.slack_id for row in found),
            rows=tuple(row.id for row in found),
            fate=Fate.KEPT,
            held=channel_id in held,
        )
        for channel_id, found in rows.items()
    ]


def greetings(api: MattermostAPI, bots: Iterable[Account]) -> list[ChannelThing]:
    """Return the direct channels in which new bots greeted their owner; the greetings are gone (bots.py)."""
    found = [(bot, api.channel_of([bot.id, api.me().id])) for bot in bots]
    return [
        ChannelThing(
            id=channel.id, name=f"direct, of {bot.username}", is_named=False, is_ours=True, slack_ids=(), fate=Fate.KEPT
        )
        for bot, channel in found
        if channel
    ]


def look_at(
    channel: ChannelThing,
    api: MattermostAPI,
    store: RollbackStore,
    allowed: Allowed,
    edited: Container[str],
    since: int,
) -> ChannelThing:
    """Return a channel with what is in it now, and what becomes of it."""
    sent = [post for slack_id in channel.slack_ids for post in store.sent_posts(slack_id)]
    room = look_into(api.read_posts(channel.id), sent, edited, since)
    backend_logger.debug("%s: %d posts of ours, %d of people", channel.name, len(room.posts), room.theirs)
    return _judged(msgspec.structs.replace(channel, room=room, fate=Fate.KEPT, why=""), allowed)


def _judged(channel: ChannelThing, allowed: Allowed) -> ChannelThing:
    """Decide what becomes of a channel. One of before stays without a reason."""
    if not channel.is_ours:
        return channel
    room = channel.room
    if channel.held:
        why = HELD
    elif room.theirs:
        why = f"people wrote {room.theirs:,} messages in it since" if room.theirs > 1 else "somebody wrote in it since"
    elif room.kept:
        why = f"{counted(len(room.kept), 'thread')} in it {verb(len(room.kept), 'stays', 'stay')}"
    elif not channel.is_named:
        why = NEVER_REMOVED if channel.slack_ids else OF_BOT
    else:
        fate = Fate.REMOVED if allowed.channels else Fate.CLOSED
        return msgspec.structs.replace(channel, fate=fate)
    return msgspec.structs.replace(channel, why=why)


def writers_in(channels: Iterable[ChannelThing]) -> frozenset[tuple[str, str]]:
    """Return (channel id, user id) of those who wrote or reacted in some channels since the migration began."""
    return frozenset((one.id, user_id) for one in channels for user_id in one.room.writers)


def writers_of(api: MattermostAPI, channel_ids: Iterable[str], since: int) -> frozenset[tuple[str, str]]:
    """Return the same of the channels that everybody is in: on a server in use, these are the longest."""

    def newest(channel_id: str) -> Iterator[SeenPost]:
        return takewhile(lambda post: post.create_at >= since, api.read_posts(channel_id))

    found = ((one, look_into(newest(one), (), (), since)) for one in channel_ids)
    return frozenset((channel_id, user_id) for channel_id, room in found for user_id in room.writers)
