"""What of a stored plan the server has overtaken: names that somebody took, people who came by themselves. Decides nothing anew.

A plan is made days before its run, and people use the server meanwhile. What we made ourselves, in a run that was killed before
it said so, is no change: the journal knows it.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from mm_pipeline.mattermost.on_server import NAMED_KINDS, Account, ExistingChannel
from mm_pipeline.model import EntityType
from mm_pipeline.plan.decisions_csv import Plan

#: Slack ids, per type, of what is to be decided anew.
Anew = Mapping[EntityType, Container[str]]


class Made(NamedTuple):
    """What was made here, by name, whether or not the rows know it."""

    accounts: Container[str]
    channels: Container[str]


class Asked(Protocol):
    """What is asked of a server."""

    def accounts(self) -> Iterator[Account]:
        """Every account."""

    def channel_named(self, name: str) -> ExistingChannel | None:
        """A channel of the team by name, archived ones too."""

    def channels_there(self, names: Iterable[str]) -> set[str]:
        """Those of some names that a channel of the team has, archived ones too."""


def overtaken(waiting: Plan, api: Asked, made: Made) -> dict[EntityType, dict[str, str]]:
    """Return what of a plan that is still to come true does not hold any more: per type Slack id -> a sentence."""
    people = [one for one in waiting.people if not (one.skip or one.is_bot or one.matched_id)]
    people = [one for one in people if one.username not in made.accounts]
    there = list(api.accounts()) if people else []
    names, emails = {one.username for one in there}, {one.email.lower() for one in there if one.email}
    rooms = [
        one for one in waiting.channels if one.kind in NAMED_KINDS and one.name and not (one.skip or one.matched_id)
    ]
    taken = api.channels_there(one.name for one in rooms if one.name not in made.channels)
    found = {
        EntityType.USER: {
            one.slack_id: f"{one.slack_name}: somebody of that {'address' if one.email in emails else 'name'} has come to the server"
            for one in people
            if one.username in names or (one.email and one.email in emails)
        },
        EntityType.CHANNEL: {
            one.slack_id: f"{one.slack_name or one.name}: somebody has made a channel {one.name}"
            for one in rooms
            if one.name in taken
        },
    }
    return {entity_type: ones for entity_type, ones in found.items() if ones}
