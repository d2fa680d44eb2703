"""Everything of ours on the server, and for each thing whether it is taken back or stays, because people use it. Changes nothing.

Whatever carries something that people did stays as it is: a thread, its channel, the accounts that wrote in it.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.mattermost.api import Account, Allowed, Journal, MattermostAPI, SeenPost
from mm_pipeline.mattermost.ours import (
    EDITED,
    GIVEN_CHANNEL,
    GIVEN_TEAM,
    MADE_ACCOUNT,
    MADE_CHANNEL,
    MADE_DIRECT,
    MADE_EMOJI,
)
from mm_pipeline.model import Entity, EntityType, Fate
from mm_pipeline.render.emoji import MISSING_EMOJI
from mm_pipeline.rollback.room import OurPost, Room, look_into

#: Accounts that are looked at at the same time.
_THREADS = 4
_SIGNED_IN = "somebody has signed in with it"
_WROTE = "it wrote or reacted since"
_MESSAGES_STAY = "messages of it stay, because people answered, reacted or edited"
_HELD = "another workspace of this database stands on it"


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Something on the server and what is to become of it; `rows` are the ids of those that it was made from."""

    id: str
    name: str
    fate: Fate
    why: str = ""
    rows: tuple[int, ...] = ()


class AccountThing(Thing, frozen=True, kw_only=True):
    """An account or a bot of ours."""

    account: Account


class ChannelThing(Thing, frozen=True, kw_only=True):
    """A channel that something of ours is in. `is_ours` says that it was made by us."""

    is_named: bool  #: public or private: others cannot be removed
    is_ours: bool
    slack_ids: tuple[str, ...]
    held: bool = False  #: another workspace goes into it, too
    room: Room = Room()


class Membership(Thing, frozen=True, kw_only=True):
    """Somebody from before in a channel that we put them into (`channel_id` "": in the team). The id is the person's."""

    channel_id: str


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done. Everything that is not in it is left alone."""

    allowed: Allowed
    since: int  #: ms when the migration began
    edited: frozenset[str]  #: "<post id> <ms>" of edits of ours
    homes: tuple[str, ...] = ()  #: ids of the channels that everybody who joins the team is put into
    accounts: tuple[AccountThing, ...] = ()
    channels: tuple[ChannelThing, ...] = ()
    emoji: tuple[Thing, ...] = ()
    memberships: tuple[Membership, ...] = ()

    @property
    def removed_accounts(self) -> frozenset[str]:
        """Ids of the accounts that go for good, with all that they wrote."""
        return frozenset(one.id for one in self.accounts if one.fate is Fate.REMOVED)

    def deleted_one_by_one(self, channel: ChannelThing) -> list[OurPost]:
        """Return the posts of a channel that neither it nor their author takes along."""
        left = [post for post in channel.room.posts if not channel.room.is_kept(post)]
        if channel.fate is Fate.REMOVED:
            # Files of a removed channel stay on the server's disk, those of a removed post do not (facts: 11.4, section 10).
            return [post for post in left if post.files and self.allowed.posts]
        gone = self._gone_with_accounts(channel)
        return [post for post in left if post.id not in gone and (self.allowed.posts or not post.is_hidden)]

    def hidden(self, channel: ChannelThing) -> list[OurPost]:
        """Return the posts of a channel that lie deleted in it when all is done."""
        if channel.fate is Fate.REMOVED or self.allowed.posts:
            return []
        room, gone = channel.room, self._gone_with_accounts(channel)
        return [post for post in room.posts if not room.is_kept(post) and post.id not in gone]

    def files_left(self, channel: ChannelThing) -> list[tuple[str, str]]:
        """Return (file, author) of what outlives its post: the server keeps files of deleted posts and of removed channels."""
        if self.allowed.posts:
            return []
        left = self.hidden(channel) if channel.fate is not Fate.REMOVED else channel.room.posts
        return [
            (file, post.user_id) for post in left if post.user_id not in self.removed_accounts for file in post.files
        ]

    def _gone_with_accounts(self, channel: ChannelThing) -> frozenset[str]:
        """Return the ids of posts that go with an account: its own, and those in threads that it began."""
        authors, author_of = self.removed_accounts, {post.id: post.user_id for post in channel.room.posts}
        return frozenset(
            post.id for post in channel.room.posts if post.user_id in authors or author_of.get(post.thread) in authors
        )


def survey(api: MattermostAPI, journal: Journal, store: RollbackStore, team_id: str, since: int) -> Survey:
    """Look at everything that this workspace's rows and the journal say is ours. since: ms when the migration began."""
    allowed = api.allowed()
    people = list(api.accounts())
    users = store.heads(EntityType.USER)
    edited = frozenset(journal.owed(EDITED))
    found = _channels(api, journal, store, team_id, {row.mattermost_id for row in users if row.mattermost_id})
    made = set(journal.owed(MADE_ACCOUNT))
    greeted = _greetings(api, [one for one in people if one.is_bot and one.username in made])
    channels = [look_at(one, api, store, allowed, edited, since) for one in [*found, *greeted]]
    homes = tuple(api.default_channels())
    writers = _writers(channels) | _writers_of(api, homes, since)
    accounts = _accounts(api, journal, store, users, people, channels, writers, allowed)
    staying = {row.mattermost_id for row in users if row.mattermost_id} - {one.id for one in accounts}
    memberships = _memberships(
        api, journal, channels, homes, team_id, writers, staying, {p.id: p.username for p in people}
    )
    emoji = _emoji(api, journal, store, channels)
    return Survey(
        allowed=allowed,
        since=since,
        edited=edited,
        homes=homes,
        accounts=tuple(accounts),
        channels=tuple(channels),
        emoji=tuple(emoji),
        memberships=tuple(memberships),
    )


def with_what_came(before: Survey, channels: Sequence[ChannelThing]) -> Survey:
    """Return the survey with its channels as they were found at last: who has done something there meanwhile stays, too."""
    reasons = _reasons_of(channels, _writers(channels))
    return msgspec.structs.replace(
        before,
        channels=tuple(channels),
        accounts=tuple(
            msgspec.structs.replace(one, fate=Fate.KEPT, why=reasons[one.id])
            if one.id in reasons and one.fate is not Fate.KEPT
            else one
            for one in before.accounts
        ),
    )


def _reasons_of(channels: Iterable[ChannelThing], writers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return user id -> why the account stays, as far as channels tell."""
    authors = {post.user_id for one in channels for post in one.room.posts if one.room.is_kept(post)}
    return dict.fromkeys(authors, _MESSAGES_STAY) | dict.fromkeys((user_id for _, user_id in writers), _WROTE)


# --- channels


def _channels(
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


def _greetings(api: MattermostAPI, bots: Iterable[Account]) -> list[ChannelThing]:
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
        why = _HELD
    elif room.theirs:
        why = f"people wrote {room.theirs} messages in it since" if room.theirs > 1 else "somebody wrote in it since"
    elif room.kept:
        why = f"{len(room.kept)} threads in it stay"
    elif not channel.is_named:
        why = "the server removes no direct or group channel; it is empty"
    else:
        fate = Fate.REMOVED if allowed.channels else Fate.CLOSED
        return msgspec.structs.replace(channel, fate=fate)
    return msgspec.structs.replace(channel, why=why)


def _writers(channels: Iterable[ChannelThing]) -> frozenset[tuple[str, str]]:
    return frozenset((one.id, user_id) for one in channels for user_id in one.room.writers)


def _writers_of(api: MattermostAPI, channel_ids: Iterable[str], since: int) -> frozenset[tuple[str, str]]:
    """Return who wrote in the channels that everybody is in: on a server in use, these are the longest."""

    def newest(channel_id: str) -> Iterator[SeenPost]:
        return takewhile(lambda post: post.create_at >= since, api.read_posts(channel_id))

    found = ((one, look_into(newest(one), (), (), since)) for one in channel_ids)
    return frozenset((channel_id, user_id) for channel_id, room in found for user_id in room.writers)


# --- accounts


def _accounts(
    api: MattermostAPI,
    journal: Journal,
    store: RollbackStore,
    users: Sequence[Entity],
    people: Sequence[Account],
    channels: Sequence[ChannelThing],
    writers: frozenset[tuple[str, str]],
    allowed: Allowed,
) -> list[AccountThing]:
    made, me = set(journal.owed(MADE_ACCOUNT)), api.me().id
    by_id, by_name = {one.id: one for one in people}, {one.username: one for one in people}
    ours: dict[str, tuple[Account, list[int]]] = {}
    for row in users:
        # Without an id it was sent by a run that was killed. One that had an id and is gone is nobody's of that name now.
        account = by_id.get(row.mattermost_id) if row.mattermost_id else by_name.get(row.target_name or "")
        if account and account.id != me and row.target_name in made:
            ours.setdefault(account.id, (account, []))[1].append(row.id)
    reasons = dict.fromkeys(store.held_by_others(ours), _HELD)
    reasons |= _reasons_of(channels, writers)
    unsure = [user_id for user_id in ours if user_id not in reasons]
    with ThreadPoolExecutor(_THREADS) as pool:
        used = pool.map(api.has_signed_in, unsure)
        reasons |= {user_id: _SIGNED_IN for user_id, is_used in zip(unsure, used, strict=True) if is_used}
    goes = Fate.REMOVED if allowed.accounts else Fate.CLOSED
    return [
        AccountThing(
            id=account.id,
            name=account.username,
            fate=Fate.KEPT if account.id in reasons else goes,
            why=reasons.get(account.id, ""),
            rows=tuple(rows),
            account=account,
        )
        for account, rows in ours.values()
    ]


# --- what people from before were given


def _memberships(
    api: MattermostAPI,
    journal: Journal,
    channels: Sequence[ChannelThing],
    homes: Sequence[str],
    team_id: str,
    writers: frozenset[tuple[str, str]],
    people: set[str],
    usernames: dict[str, str],
) -> list[Membership]:
    rooms = {one.id: one for one in channels}
    given = [tuple(pair.split()) for pair in journal.owed(GIVEN_CHANNEL)]
    ours = [(channel, user) for channel, user in given if channel in rooms and user in people]
    found = [
        Membership(
            id=user,
            name=f"{usernames.get(user, user)} in {rooms[channel].name}",
            channel_id=channel,
            fate=Fate.KEPT if (channel, user) in writers else Fate.REMOVED,
            why=_WROTE if (channel, user) in writers else "",
        )
        for channel, user in ours
        if rooms[channel].fate is not Fate.REMOVED
    ]
    put_into = {user: {channel for channel, one in ours if one == user} for _, user in ours}
    wrote = {user for _, user in writers}
    for pair in journal.owed(GIVEN_TEAM):
        team, user = pair.split()
        if team != team_id or user not in people:
            continue
        joined = api.channels_of(user) - put_into.get(user, set()) - set(homes)
        why = _WROTE if user in wrote else "joined further channels" if joined else ""
        name = f"{usernames.get(user, user)} in the team"
        fate = Fate.KEPT if why else Fate.REMOVED
        found.append(Membership(id=user, name=name, channel_id="", fate=fate, why=why))
    leaving = {one.id for one in found if not one.channel_id and one.fate is Fate.REMOVED}
    # Who leaves the team leaves its channels.
    return [one for one in found if not (one.channel_id and one.id in leaving)]


# --- emoji


def _emoji(api: MattermostAPI, journal: Journal, store: RollbackStore, channels: Sequence[ChannelThing]) -> list[Thing]:
    rows = {row.target_name: row for row in store.heads(EntityType.CUSTOM_EMOJI) if row.target_name}
    names = [name for name in journal.owed(MADE_EMOJI) if name in rows or name in MISSING_EMOJI]
    there = api.own_emoji(names)
    held = store.held_by_others(there.values())
    used = frozenset[str]().union(*(one.room.emoji for one in channels))
    found = []
    for name, emoji_id in there.items():
        why = _HELD if emoji_id in held else "people used it since" if name in used else ""
        row_ids = (rows[name].id,) if name in rows else ()
        found.append(Thing(id=emoji_id, name=name, fate=Fate.KEPT if why else Fate.HIDDEN, why=why, rows=row_ids))
    return found
