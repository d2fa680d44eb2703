"""The seats that a plan takes, counted as the server counts them at the worst moment of a run. Asks no server, decides nothing."""

from collections.abc import Iterable, Sequence

import msgspec

from mm_pipeline.mattermost.on_server import NAMED_KINDS, Server
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.people import PersonDecision


class Seats(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes a seat. Bots take one in the team alone, deactivated accounts one for the moment in which they join it."""

    new: int = 0  #: active people whose accounts are to be made
    activated: int = 0  #: accounts that were there for their messages alone, and are people from the next run on
    bots: int = 0  #: to be made, and members of channels: the team counts them as it counts people
    joining: int = 0  #: people and bots of the server who are not in the team yet
    passing: int = 0  #: 1 where deactivated accounts join the team: it must have room for each one while it joins

    def active(self, server: Server) -> int:
        """Return how many people are active on the server when all are in."""
        return server.active_users + self.new + self.activated

    def members(self, server: Server) -> int:
        """Return for how many members the team must have room."""
        return server.team_members + self.new + self.activated + self.bots + self.joining + self.passing


def seats(
    people: Iterable[PersonDecision], channels: Iterable[ChannelDecision] = (), *, activated: int = 0, joining: int = 0
) -> Seats:
    """Return the seats of those whose accounts are still to be made, for channels that are still to come."""
    new, named = [one for one in people if not (one.skip or one.matched_id)], _members(channels)
    made = [one for one in new if not one.is_bot]
    return Seats(
        new=sum(not one.delete_at for one in made),
        activated=activated,
        bots=sum(one.is_bot and one.username in named for one in new),
        joining=joining,
        # store/sqlstore/team_store.go, SaveMultipleMembers: active members + 1 <= MaxUsersPerTeam, whoever the one is.
        passing=int(any(one.delete_at for one in made)),
    )


def to_be_added(people: Iterable[PersonDecision], channels: Sequence[ChannelDecision]) -> list[str]:
    """Return the ids of those of the server whom a run adds to channels, and to the team where they are not in it."""
    named = _members(channels)
    return [
        one.matched_id
        for one in people
        if one.matched_id and one.username in named and not (one.skip or one.delete_at or one.names_only)
    ]


def _members(channels: Iterable[ChannelDecision]) -> set[str]:
    return {name for one in channels if one.kind in NAMED_KINDS and not one.skip for name in one.members}
