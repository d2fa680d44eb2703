"""Does what a survey decided, thing by thing, and leaves the rows and the list of what is left true after each. Decides nothing.

A run that is killed leaves what it had done done, and what it had not done in the next survey.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.database import Database
from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.db.status_writer import take_back
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import MADE_ACCOUNT, MADE_CHANNEL, MADE_DIRECT, MADE_EMOJI
from mm_pipeline.mattermost.outcome import Taken
from mm_pipeline.model import Entity, EntityType, Fate, Residue, Status
from mm_pipeline.rollback.channels import look_at
from mm_pipeline.rollback.debts import forget_debts
from mm_pipeline.rollback.earlier import out_of_sight
from mm_pipeline.rollback.kind import Kind
from mm_pipeline.rollback.residue import (
    left_account,
    left_channel,
    left_emoji,
    left_files,
    left_membership,
    left_notice,
    left_of_all,
    left_posts,
    left_trace,
)
from mm_pipeline.rollback.room import OurPost, Room
from mm_pipeline.rollback.survey import Survey, with_what_came
from mm_pipeline.rollback.things import ChannelThing

#: Types of posts that the server itself writes: of who comes and goes, and by bots to their owner.
_NOTICES = ("system_", "add_bot_")
_HANGING = (EntityType.MESSAGE, EntityType.ATTACHMENT, EntityType.REACTION)


class TakingBack:
    """One rollback of one workspace."""

    def __init__(
        self, api: MattermostAPI, journal: Journal, database: Database, workspace: str, team_id: str, survey: Survey
    ) -> None:
        self._api = api
        self._journal = journal
        self._database = database
        self._workspace = workspace
        self._store = RollbackStore(database, workspace)
        self._team_id = team_id
        self._survey = survey
        self._staying: set[int] = set()  #: rows whose things stay on the server
        self._matched: list[int] = []  #: rows of channels of before: by them a killed run's memberships are found again

    def run(self) -> None:
        """Take back everything that the survey says, messages first, accounts last."""
        channels = []
        for number, channel in enumerate(self._survey.channels, 1):
            channels.append(self._take_channel(channel))
            backend_logger.info("%s is done (channel %d of %d)", channel.name, number, len(self._survey.channels))
        before, self._survey = self._survey, with_what_came(self._survey, channels)
        self._delete_posts_of(before.removed_accounts - self._survey.removed_accounts)
        self._take_memberships()
        take_back(self._database, self._workspace, self._matched)
        self._take_emoji()
        self._take_accounts()
        self._store.remember([*self._notices(), *left_of_all(self._survey)])
        self._clear_what_was_left()
        self._settle_the_rest()
        forget_debts(self._journal, self._survey)
        self._api.put_back()

    # --- channels with what is in them

    def _take_channel(self, channel: ChannelThing) -> ChannelThing:
        channel = self._as_it_is_now(channel)
        refused = self._delete_posts(channel)
        if channel.fate is not Fate.KEPT:
            taken = self._api.take_back_channel(channel.id, for_good=channel.fate is Fate.REMOVED)
            if taken.error:
                channel = msgspec.structs.replace(channel, fate=Fate.KEPT, why=taken.error)
                refused |= self._delete_posts(channel)
        if channel.is_ours and not channel.is_named and not (channel.room.theirs or channel.room.kept):
            self._api.hide_direct(channel.id)
        self._remember(channel, refused)
        self._reset_rows(channel, refused)
        if channel.fate is not Fate.KEPT:
            self._journal.paid(MADE_CHANNEL, [f"{self._team_id} {channel.name}"])
        return channel

    def _as_it_is_now(self, channel: ChannelThing) -> ChannelThing:
        """Look again where something has come since: what somebody wrote while others were looked at is theirs, too."""
        newest = next((post.id for post in self._api.read_posts(channel.id)), "")
        if newest == channel.room.newest:
            return channel
        seen = self._survey
        return look_at(channel, self._api, self._store, seen.allowed, seen.edited, seen.since)

    def _delete_posts(self, channel: ChannelThing) -> dict[str, str]:
        """Delete what goes post by post. Returns post id -> why, for those that the server refused."""
        return self._delete(channel, self._survey.deleted_one_by_one(channel))

    def _delete(self, channel: ChannelThing, posts: Sequence[OurPost]) -> dict[str, str]:
        """Delete posts, answers before what they answer: a root takes its thread along while others are at that."""
        answers = [post.id for post in posts if post.thread != post.id]
        roots = [post.id for post in posts if post.thread == post.id]
        refused: dict[str, str] = {}
        for ids in (answers, roots):
            taken = self._api.take_back_posts(channel.id, ids, for_good=self._survey.allowed.posts)
            refused |= {one.id: one.error for one in taken if one.error}
        return refused

    def _delete_posts_of(self, accounts: frozenset[str]) -> None:
        """Delete what would have gone with accounts that stay after all: their people came while this was at work."""
        for channel in self._survey.channels if accounts else ():
            left = [post for post in channel.room.posts if not channel.room.is_kept(post)]
            self._delete(channel, [post for post in left if post.user_id in accounts])

    def _remember(self, channel: ChannelThing, refused: dict[str, str]) -> None:
        left = [
            *left_posts(channel, self._survey, refused),
            *left_files(channel, self._survey),
            *left_channel(channel),
        ]
        still = {one.id for one in left}
        self._store.forget([post.id for post in channel.room.posts if post.id not in still])
        self._store.remember(left)

    def _reset_rows(self, channel: ChannelThing, refused: dict[str, str]) -> None:
        """Have the rows of what is gone pending again; those of what stays keep saying that it is there."""
        room = channel.room
        staying = {post.id for post in room.posts if room.is_kept(post)} | refused.keys()
        # In a channel that stays, what lies deleted has its place for ever.
        hidden = [post.id for post in self._survey.hidden(channel)] if channel.fate is Fate.KEPT else []
        for slack_id in channel.slack_ids:
            rows = self._store.heads(*_HANGING, channel=slack_id)
            kept = {
                row.slack_id for row in rows if row.entity_type == EntityType.MESSAGE and row.mattermost_id in staying
            }
            goes = [row for row in rows if _message_of(row) not in kept]
            self._staying |= {row.id for row in rows} - {row.id for row in goes}
            self._store.forget_parts([row.slack_id for row in goes if row.entity_type == EntityType.MESSAGE])
            self._store.move_stand_ins(_places_taken(channel.room, rows, frozenset(hidden)))
            take_back(self._database, self._workspace, [row.id for row in goes], hidden)
        if staying or (channel.is_ours and channel.is_named and channel.fate is Fate.KEPT):
            self._staying |= set(channel.rows)
            if channel.is_named:
                self._store.see_again(channel.rows)
        elif channel.is_ours:
            take_back(self._database, self._workspace, channel.rows)
        else:
            self._matched += channel.rows

    # --- the rest

    def _take_memberships(self) -> None:
        channels: dict[str, list[str]] = defaultdict(list)
        leaving = [one for one in self._survey.memberships if one.fate is Fate.REMOVED]
        for one in leaving:
            if one.channel_id:
                channels[one.channel_id].append(one.id)
        named = {(one.channel_id, one.id): one for one in self._survey.memberships}
        team = [one.id for one in leaving if not one.channel_id]
        for channel_id, taken in self._api.take_back_memberships(channels, team):
            if taken.error:
                named[channel_id, taken.id] = msgspec.structs.replace(
                    named[channel_id, taken.id], fate=Fate.KEPT, why=taken.error
                )
        self._store.remember([left_membership(one) for one in named.values()])

    def _take_emoji(self) -> None:
        for one in self._survey.emoji:
            if one.fate is not Fate.KEPT and (taken := self._api.take_back_emoji(one.id)).error:
                one = msgspec.structs.replace(one, fate=Fate.KEPT, why=taken.error)
            self._store.remember([left_emoji(one)])
            if one.fate is Fate.KEPT:
                self._staying |= set(one.rows)
            else:
                take_back(self._database, self._workspace, one.rows)
                self._journal.paid(MADE_EMOJI, [one.name])

    def _take_accounts(self) -> None:
        going = {one.id: one for one in self._survey.accounts if one.fate is not Fate.KEPT}
        for_good = self._survey.allowed.accounts
        outcomes: dict[str, Taken] = {}
        for taken in self._api.take_back_accounts([one.account for one in going.values()], for_good=for_good):
            outcomes[taken.id] = taken
            if not taken.error:
                take_back(self._database, self._workspace, going[taken.id].rows)
                self._journal.paid(MADE_ACCOUNT, [going[taken.id].name])
        for one in self._survey.accounts:
            outcome = outcomes.get(one.id, Taken(id=one.id))
            if outcome.error:
                one = msgspec.structs.replace(one, fate=Fate.KEPT, why=outcome.error)
            if one.fate is Fate.KEPT:
                self._staying |= set(one.rows)
            self._store.remember([left_account(one, outcome.note)])

    def _notices(self) -> Iterator[Residue]:
        """Find the notices that the server wrote about us and keeps though they are deleted (before 10)."""
        there = {one.id: one.name for one in self._survey.channels if not one.is_ours or not one.slack_ids}
        for channel_id in (*self._survey.homes, *there):
            for post in self._api.read_posts(channel_id):
                if post.create_at < self._survey.since:
                    break
                if post.delete_at and post.type.startswith(_NOTICES):
                    yield left_notice(post.id, there.get(channel_id, "everybody's channels"))

    def _clear_what_was_left(self) -> None:
        """Remove for good what could only be put out of sight before, now that the server's settings let us."""
        allowed, left = self._survey.allowed, self._store.residue()
        earlier = out_of_sight(self._api, self._api.accounts(), allowed, left)
        if allowed.posts:
            taken_posts = self._api.take_back_posts("", [one.id for one in earlier.posts], for_good=True)
            self._store.forget([one.id for one in taken_posts if not one.error])
            self._store.forget([one.id for one in left if one.kind == Kind.FILE and one.fate == Fate.HIDDEN])
        for one in earlier.channels:
            self._settle(one, self._api.take_back_channel(one.id, for_good=True))
        closed = {one.id: one for one in left if one.fate == Fate.CLOSED}
        for outcome in self._api.take_back_accounts(earlier.accounts, for_good=True):
            self._settle(closed[outcome.id], outcome)
            theirs = [one.id for one in left if one.kind == Kind.FILE and one.id.endswith(f" {outcome.id}")]
            self._store.forget(theirs if not outcome.error else ())
        if (allowed.channels or allowed.accounts) and closed:
            self._forget_what_went_along()

    def _forget_what_went_along(self) -> None:
        """Forget the deleted posts that went with an account or a channel: those that lie in no channel any more."""
        left = self._store.residue()
        places = {one.id for one in left if one.kind in (Kind.CHANNEL, Kind.DIRECT, Kind.COUNTERS)}
        still = {post.id for place in places for post in self._api.read_posts(place) if post.delete_at}
        hidden = [one.id for one in left if one.fate == Fate.HIDDEN and one.kind in (Kind.POST, Kind.NOTICE)]
        self._store.forget([post_id for post_id in hidden if post_id not in still])

    def _settle(self, left: Residue, taken: Taken) -> None:
        if not taken.error:
            self._store.remember([left_trace(left)])

    def _settle_the_rest(self) -> None:
        """What was matched, failed or left out hangs on nothing of ours: it begins anew, too."""
        rows = self._store.heads(*EntityType)
        begun = [row for row in rows if row.status != Status.PENDING or row.mattermost_id]
        take_back(self._database, self._workspace, [row.id for row in begun if row.id not in self._staying])
        made = self._journal.owed(MADE_DIRECT)
        people = {row.mattermost_id for row in _users(rows)}
        self._journal.paid(MADE_DIRECT, [ids for ids in made if set(ids.split()) <= people])


def _message_of(row: Entity) -> str | None:
    """Return the Slack id of the message that a row is, or hangs on."""
    return row.slack_id if row.entity_type == EntityType.MESSAGE else row.parent_slack_id


def _places_taken(room: Room, rows: Iterable[Entity], hidden: frozenset[str]) -> dict[str, int]:
    """Return Slack id -> next ms, of absent roots whose posts lie deleted."""
    posts = {post.id: post for post in room.posts}
    of_rows = {row.mattermost_id for row in rows}
    places = {}
    for row in rows:
        reply = posts.get(row.mattermost_id or "")
        if reply and row.parent_slack_id and reply.thread in hidden and reply.thread not in of_rows:
            places[row.parent_slack_id] = posts[reply.thread].create_at + 1
    return places


def _users(rows: Sequence[Entity]) -> Iterable[Entity]:
    return (row for row in rows if row.entity_type == EntityType.USER)
