"""Everything of ours on the server, and for each thing whether it is taken back or stays, because people use it. Changes nothing.

Whatever carries something that people did stays as it is: a thread, its channel, the accounts that wrote in it.
"""

from collections.abc import Sequence

import msgspec

from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Allowed
from mm_pipeline.mattermost.ours import EDITED, MADE_ACCOUNT
from mm_pipeline.model import EntityType, Fate
from mm_pipeline.rollback.accounts import own_accounts, reasons_to_stay
from mm_pipeline.rollback.channels import greetings, look_at, own_channels, writers_in, writers_of
from mm_pipeline.rollback.earlier import Earlier, out_of_sight
from mm_pipeline.rollback.emoji import own_emoji
from mm_pipeline.rollback.memberships import given_memberships
from mm_pipeline.rollback.room import OurPost
from mm_pipeline.rollback.things import AccountThing, ChannelThing, Membership, Thing


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done. Everything that is not in it is left alone."""

    allowed: Allowed
    since: int  #: ms when the migration began
    edited: frozenset[str]  #: "<post id> <ms>" of edits of ours
    own_tables: str = ""  #: what the transport keeps in the server's database for itself
    homes: tuple[str, ...] = ()  #: ids of the channels that everybody who joins the team is put into
    accounts: tuple[AccountThing, ...] = ()
    channels: tuple[ChannelThing, ...] = ()
    emoji: tuple[Thing, ...] = ()
    memberships: tuple[Membership, ...] = ()
    earlier: Earlier = Earlier()  #: what earlier rollbacks left, and this one removes

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
    found = own_channels(api, journal, store, team_id, {row.mattermost_id for row in users if row.mattermost_id})
    made = set(journal.owed(MADE_ACCOUNT))
    greeted = greetings(api, [one for one in people if one.is_bot and one.username in made])
    channels = [look_at(one, api, store, allowed, edited, since) for one in [*found, *greeted]]
    homes = tuple(api.default_channels())
    writers = writers_in(channels) | writers_of(api, homes, since)
    accounts = own_accounts(api, journal, store, users, people, channels, writers, allowed)
    staying = {row.mattermost_id for row in users if row.mattermost_id} - {one.id for one in accounts}
    memberships = given_memberships(
        api, journal, channels, homes, team_id, writers, staying, {p.id: p.username for p in people}
    )
    emoji = own_emoji(api, journal, store, channels)
    known = {one.id for one in (*accounts, *channels)} | {post.id for one in channels for post in one.room.posts}
    left = [one for one in store.residue() if one.id not in known]
    return Survey(
        allowed=allowed,
        since=since,
        edited=edited,
        own_tables=api.own_tables(),
        homes=homes,
        accounts=tuple(accounts),
        channels=tuple(channels),
        emoji=tuple(emoji),
        memberships=tuple(memberships),
        earlier=out_of_sight(api, people, allowed, left),
    )


def with_what_came(before: Survey, channels: Sequence[ChannelThing]) -> Survey:
    """Return the survey with its channels as they were found at last: who has done something there meanwhile stays, too."""
    reasons = reasons_to_stay(channels, writers_in(channels))
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
