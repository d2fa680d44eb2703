"""Who is who and what is where on the server, as far as the export has come. Reads rows and the plan; decides nothing."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import RowFailed
from mm_pipeline.export.reasons import leave_out, parent_missing
from mm_pipeline.mattermost.on_server import NAMED_KINDS, ChannelKind
from mm_pipeline.mattermost.outgoing import NewChannel, PostChannel
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.emoji import EmojiDecision
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.values import object_at, text_at


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account that a Slack person or bot has on the server."""

    id: str
    username: str
    is_bot: bool = False


class Directory:
    """Look-ups by Slack id. Read once per step: what it answers is what stood in the rows when it was first asked."""

    def __init__(self, store: EntityStore) -> None:
        self._store = store

    @cached_property
    def people(self) -> dict[str, Person]:
        """Slack id -> account, for those that are on the server."""
        return {
            row.slack_id: Person(
                id=row.mattermost_id, username=row.target_name, is_bot=bool(row.raw_data.get("is_bot"))
            )
            for row in self._store.rows(EntityType.USER, [Status.SUCCESS])
            if row.mattermost_id and row.target_name
        }

    @cached_property
    def user_ids(self) -> dict[str, str]:
        """Slack id -> Mattermost user id."""
        return {slack_id: person.id for slack_id, person in self.people.items()}

    @cached_property
    def channels(self) -> dict[str, PostChannel]:
        """Slack id -> channel, for those that are on the server."""
        decisions = self.channel_decisions
        return {
            row.slack_id: self.post_channel(decisions[row.slack_id], row.mattermost_id)
            for row in self._store.rows(EntityType.CHANNEL, [Status.SUCCESS])
            if row.mattermost_id and row.slack_id in decisions
        }

    @cached_property
    def channel_decisions(self) -> dict[str, ChannelDecision]:
        """Slack id -> what the plan decided on a conversation."""
        found = self._store.decisions(EntityType.CHANNEL)
        return {slack_id: msgspec.json.decode(text, type=ChannelDecision) for slack_id, text in found}

    @cached_property
    def emoji_decisions(self) -> dict[str, EmojiDecision]:
        """Slack name -> what the plan decided on a custom emoji."""
        found = self._store.decisions(EntityType.CUSTOM_EMOJI)
        return {slack_id: msgspec.json.decode(text, type=EmojiDecision) for slack_id, text in found}

    @cached_property
    def emoji(self) -> dict[str, str]:
        """Slack name -> Mattermost's, of the custom emoji; of those that keep it too: a custom :troll: is not the standard one."""
        return {slack_name: decision.name for slack_name, decision in self.emoji_decisions.items() if decision.name}

    @cached_property
    def pins(self) -> set[tuple[str, str]]:
        """(channel's Slack id, ts) of every pinned message."""
        return {
            (channel, str(pin["id"]))
            for channel, pins in self._store.pins()
            for pin in pins
            if isinstance(pin, dict) and "id" in pin
        }

    @cached_property
    def left_out_people(self) -> dict[str, str]:
        """Slack id -> planned username, of those whom a setting leaves out: they have no account, and may get it later."""
        without, decisions = self._store.left_out(EntityType.USER), self.person_decisions
        return {slack_id: decisions[slack_id].username for slack_id in without if slack_id in decisions}

    @cached_property
    def left_out_channels(self) -> frozenset[str]:
        """Slack ids of the conversations that a setting leaves out."""
        return frozenset(self._store.left_out(EntityType.CHANNEL))

    @cached_property
    def _outside(self) -> frozenset[str]:
        """Usernames of those who are in no channel: people who are left out, and accounts that are there for messages alone."""
        names_only = (one.username for one in self.person_decisions.values() if one.names_only and one.matched_id)
        return frozenset({*self.left_out_people.values(), *names_only})

    @cached_property
    def _usernames(self) -> dict[str, str]:
        return {slack_id: person.username for slack_id, person in self.people.items()}

    @cached_property
    def lookups(self) -> Lookups:
        """The names that rendering puts into texts. Who is left out is mentioned by the name that he gets if he comes later."""
        names = {row.slack_id: _name_of(row.raw_data) for row in self._store.rows(EntityType.USER)}
        rows = list(self._store.rows(EntityType.CHANNEL))
        labels = {row.slack_id: str(row.raw_data.get("name") or "") for row in rows}
        channels = {
            slack_id: c.name for slack_id, c in self.channel_decisions.items() if c.kind in NAMED_KINDS and c.name
        }
        # A folder keeps the id it was first staged under; its index entry, come later, has Slack's own.
        for row in rows:
            if row.slack_id in channels and isinstance(row.raw_data.get("id"), str):
                channels.setdefault(row.raw_data["id"], channels[row.slack_id])
        return Lookups(
            users=self.left_out_people | self._usernames,
            names={slack_id: name for slack_id, name in names.items() if name},
            channels=channels,
            channel_labels={slack_id: name for slack_id, name in labels.items() if name},
            usergroups=_LazyMapping(self._store.user_group_handles),
            emoji=self.emoji,
            permalink=None,
        )

    @cached_property
    def person_decisions(self) -> dict[str, PersonDecision]:
        """Slack id -> what the plan decided on a person or bot."""
        found = self._store.decisions(EntityType.USER)
        return {slack_id: msgspec.json.decode(text, type=PersonDecision) for slack_id, text in found}

    @cached_property
    def memberships(self) -> dict[str, tuple[str, ...]]:
        """Planned username -> names of the public and private channels that it is a member of."""
        channels: dict[str, list[str]] = {}
        for decision in self._named_channels():
            for username in decision.members:
                channels.setdefault(username, []).append(decision.name)
        return {username: tuple(sorted(set(names))) for username, names in channels.items()}

    def named_channels(self) -> list[NewChannel]:
        """Every public and private channel of the plan."""
        return [self.new_channel(decision, 0) for decision in self._named_channels()]

    def _named_channels(self) -> Iterator[ChannelDecision]:
        going = (d for d in self.channel_decisions.values() if d.slack_id not in self.left_out_channels)
        return (decision for decision in going if decision.kind in NAMED_KINDS and not decision.skip)

    def new_channel(self, decision: ChannelDecision, key: int, made_before: str = "") -> NewChannel:
        """Return a channel of the plan for the seam, under the key of its row; `made_before` is the id of one of ours."""
        return NewChannel(
            key=key,
            kind=ChannelKind(decision.kind),
            name=decision.name,
            display_name=decision.display_name,
            header=decision.header,
            purpose=decision.purpose,
            members=self.members_of(decision),
            id=made_before or decision.matched_id,
            matched=bool(made_before or decision.matched_id),
            texts_before=None if decision.is_others else decision.texts_before,
            slack_id=f"{self._store.workspace}:{decision.slack_id}",
        )

    def post_channel(self, decision: ChannelDecision, channel_id: str) -> PostChannel:
        """Return where a conversation's threads go. Its people address it only where it has no name to be called by."""
        members = () if decision.kind in NAMED_KINDS else self.members_of(decision)
        return PostChannel(id=channel_id, kind=ChannelKind(decision.kind), name=decision.name, members=members)

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """Planned username -> the account's own, where an account turned up after the plan was made."""
        decisions = self.person_decisions
        return {
            decisions[slack_id].username: person.username
            for slack_id, person in self.people.items()
            if slack_id in decisions and decisions[slack_id].username != person.username
        }

    def without_account(self, decision: ChannelDecision) -> list[str]:
        """Return those of a conversation's people (planned usernames) that have no account of theirs.

        By that name the server may know somebody else, who has come since the plan was made.
        """
        return [name for name in decision.members if name in self._planned and self._planned[name] not in self.people]

    @cached_property
    def _planned(self) -> dict[str, str]:
        return {decision.username: slack_id for slack_id, decision in self.person_decisions.items()}

    def members_of(self, decision: ChannelDecision) -> tuple[str, ...]:
        """Usernames of a conversation's people, as their accounts are called now; of a channel only those who have one."""
        members = decision.members
        if decision.kind in NAMED_KINDS:
            absent = {*self._outside, *self.without_account(decision)}
            members = tuple(username for username in members if username not in absent)
        return tuple(self._renamed.get(username, username) for username in members)

    def person(self, slack_id: str | None, what: str) -> Person:
        """Return somebody's account. Raises RowSkipped (parent) where it is not on the server, RowFailed without an id."""
        if not slack_id:
            raise RowFailed(f"Slack does not say who the {what} is. Retrying will not help.")
        if person := self.people.get(slack_id):
            return person
        if (decision := self.person_decisions.get(slack_id)) and decision.skip:
            leave_out(f"the {what}, {decision.slack_name or slack_id}, is left out")
        raise parent_missing(f"{what} {slack_id}")

    def channel(self, slack_id: str | None) -> PostChannel:
        """Return a conversation's channel. Raises RowSkipped (parent) where it is not on the server."""
        if channel := self.channels.get(slack_id or ""):
            return channel
        self.leave_out_conversation(slack_id)
        raise parent_missing(f"conversation {slack_id}")

    def leave_out_conversation(self, slack_id: str | None) -> None:
        """Raise RowSkipped (left out) where the plan leaves a conversation out that is not on the server: so is what is in it."""
        decision = self.channel_decisions.get(slack_id or "")
        if decision and decision.skip and slack_id not in self.channels:
            leave_out(f"the conversation, {decision.slack_name or slack_id}, is left out")


class _LazyMapping(Mapping[str, str]):
    """A mapping that is read when it is first asked: few exports have user groups, and finding them reads every message."""

    def __init__(self, read: Callable[[], dict[str, str]]) -> None:
        self._read = read

    @cached_property
    def _all(self) -> dict[str, str]:
        return self._read()

    def __getitem__(self, key: str) -> str:
        return self._all[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _name_of(raw: dict[str, Any]) -> str:
    return text_at(object_at(raw, "profile"), "display_name", "real_name") or text_at(raw, "real_name", "name")
