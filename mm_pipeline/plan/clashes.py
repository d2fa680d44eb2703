"""What only one of a plan can have and several would: an account, a username, an address, a channel's or an emoji's name.

Imports know people and channels by name alone: of two with one name the server makes one, with what both wrote. Decides nothing.
"""

from collections.abc import Iterable
from typing import NamedTuple

from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.decisions_csv import Decision
from mm_pipeline.plan.emoji import IN_A_CIRCLE
from mm_pipeline.plan.people import PersonDecision


class Claim(NamedTuple):
    """Something on the server that belongs to one row."""

    what: str  #: in the words of the plan's table
    name: str  #: in small letters: the server tells no others apart

    @property
    def told(self) -> str:
        """It, as a sentence says it; of an account its id says nothing, and an address is nobody else's business."""
        return self.what if self.what in (_ACCOUNT, _EMAIL) else f"{self.what} {self.name}"


class Clash(NamedTuple):
    """What several would have."""

    claim: Claim
    decisions: list[Decision]


_ACCOUNT, _EMAIL = "account", "e-mail"


def claims(decision: Decision) -> list[Claim]:
    """Return what a row has for itself, the surest first; nothing where it stays behind.

    A direct or group channel is known by its people, and several conversations of the same people share it; another name of
    an emoji is that emoji's; one whose aliases go in a circle is never made.
    """
    if decision.skip:
        return []
    if isinstance(decision, PersonDecision):
        found = [(_ACCOUNT, decision.matched_id), ("username", decision.username), (_EMAIL, decision.email)]
    elif isinstance(decision, ChannelDecision):
        found = [("channel name", decision.name)]
    else:
        is_made = not decision.alias_of and not decision.note.startswith(IN_A_CIRCLE)
        found = [("emoji name", decision.name if is_made else "")]
    return [Claim(what, name.lower()) for what, name in found if name]


def clashes(decisions: Iterable[Decision]) -> list[Clash]:
    """Return what several of these would have, in the order of the table, of each row the surest first."""
    found: dict[Claim, list[Decision]] = {}
    for decision in decisions:
        for claim in claims(decision):
            found.setdefault(claim, []).append(decision)
    return [Clash(claim, ones) for claim, ones in found.items() if len(ones) > 1]
