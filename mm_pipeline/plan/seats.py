"""The seats that a plan takes, counted as the server counts them at the worst moment of a run. Asks no server, decides nothing."""

from collections.abc import Iterable, Sequence

import msgspec

from mm_pipeline.mattermost.api import NAMED_KINDS, Server
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.people import PersonDecision


class Seats(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes a seat. Bots take none, nor do deactivated accounts, but for the moment in which they join the team."""

    new: int = 0  #: active people whose accounts are to be made
    activated: int = 0  #: accounts that were there for their messages alone, and are people from the next run on
    joining: int = 0  #: people of the server who are not in the team yet
    passing: int = 0  #: 1 where deactivated accounts join the team: it must have room for each one while it joins

    def active(self, server: Server) -> int:
        """Return how many people are active on the server when all are in."""
        return server.active_users + self.new + self.activated

    def members(self, server: Server) -> int:
        """Return for how many members the team must have room."""
        return server.team_members + self.new + self.activated + self.joining + self.passing


def seats(people: Iterable[PersonDecision], *, activated: int = 0, joining: int = 0) -> Seats:
    """Return the seats of those whose accounts are still to be made."""
    made = [one for one in people if not (one.skip or one.is_bot or one.matched_id)]
    return Seats(
        new=sum(not one.delete_at for one in made),
        activated=activated,
        joining=joining,
        # store/sqlstore/team_store.go, SaveMultipleMembers: active members + 1 <= MaxUsersPerTeam, whoever the one is.
        passing=int(any(one.delete_at for one in made)),
    )


def to_be_added(people: Iterable[PersonDecision], channels: Sequence[ChannelDecision]) -> list[str]:
    """Return the ids of those people of the server whom a run adds to channels, and to the team where they are not in it."""
    named = {
        name for channel in channels if channel.kind in NAMED_KINDS and not channel.skip for name in channel.members
    }
    return [
        one.matched_id
        for one in people
        if one.matched_id and one.username in named and not (one.skip or one.is_bot or one.delete_at or one.names_only)
    ]
