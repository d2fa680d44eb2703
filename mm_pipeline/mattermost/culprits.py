"""After a job that failed: who is to blame, and what is sent again how, so that one bad line costs one row.

Pure: looks at what arrived and at the server's answer, sends nothing.
"""

from collections.abc import Sequence

import msgspec

from mm_pipeline.mattermost.jobs import Outcome
from mm_pipeline.mattermost.shipment import Pieces, Shipment


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a failed job: the posts (by number) that are refused, and the archives to send, in order."""

    refused: list[int] = []
    again: list[Pieces] = []


def verdict(shipment: Shipment, outcome: Outcome, incomplete: Sequence[int]) -> Verdict:
    """Return what to do about the units that did not arrive whole (`incomplete`, not empty) after an error.

    Lines for channels that the server does not take are left behind: whoever wants them sends them by themselves.
    The line that the server names goes its own way and the others go on without it; where it names none, halves do.
    A unit that is alone is taken apart: root first, then halves of its replies, down to the one post to blame.
    """
    if outcome.lost or (shipment.changes_channels and outcome.line and shipment.unit_at(outcome.line) is None):
        return Verdict(again=[all_missing(shipment, incomplete)])
    culprit = shipment.unit_at(outcome.line)
    if culprit not in incomplete:
        culprit = incomplete[0] if len(incomplete) == 1 else None
    if culprit is None:
        middle = len(incomplete) // 2
        return Verdict(again=[all_missing(shipment, half) for half in (incomplete[:middle], incomplete[middle:])])
    others = [unit for unit in incomplete if unit != culprit]
    rest = dict(all_missing(shipment, others))
    refused, own = _apart(shipment, culprit, is_reply="Repl" in outcome.error)
    if refused and own:
        # Its reply is to blame, so the root can go with the others.
        rest |= own.pop()
    # The others first: the culprit's parts may take several jobs.
    return Verdict(refused=refused, again=[*([rest] if rest else []), *own])


def all_missing(shipment: Shipment, units: Sequence[int]) -> Pieces:
    """Return units as they are sent again: with all posts that did not arrive."""
    return {unit: frozenset(_places(shipment, unit)) for unit in units}


def _apart(shipment: Shipment, unit: int, *, is_reply: bool) -> tuple[list[int], list[Pieces]]:
    """Return the posts of a unit that are to blame for sure, and the archives in which the others go, in order."""
    root, *_ = shipment.posts_of(unit)
    places = _places(shipment, unit)
    head, replies = ([0], places[1:]) if places[0] == 0 else ([], places)
    if not replies:
        return [root], []
    if head and not is_reply:
        return [], [{unit: frozenset(head)}, {unit: frozenset(replies)}]
    if len(replies) == 1:
        return [root + replies[0]], [{unit: frozenset(head)}] if head else []
    middle = len(replies) // 2
    return [], [{unit: frozenset([*head, *replies[:middle]])}, {unit: frozenset(replies[middle:])}]


def _places(shipment: Shipment, unit: int) -> list[int]:
    first = shipment.posts_of(unit)[0]
    return [post - first for post in shipment.missing(unit)]
