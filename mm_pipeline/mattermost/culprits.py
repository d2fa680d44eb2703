"""After a job that failed: who is to blame, and what is sent again how, so that one bad line costs one row.

Pure: looks at what arrived and at the server's answer, sends nothing.
"""

from collections.abc import Sequence

import msgspec

from mm_pipeline.mattermost.jobs import Outcome
from mm_pipeline.mattermost.shipment import Pieces, Shipment


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a failed job: the posts (by number) that are refused, and the archives to send, in order."""

    refused: Sequence[int] = ()
    again: Sequence[Pieces] = ()


def verdict(shipment: Shipment, outcome: Outcome, incomplete: Sequence[int]) -> Verdict:
    """Return what to do about the units that did not arrive whole (`incomplete`, not empty) after an error.

    The line that the server names goes its own way and the others go on without it; where it names none, halves do.
    A unit that is alone is taken apart: root first, then halves of its replies, down to the one post to blame.
    """
    if outcome.lost:
        return Verdict(again=[all_missing(shipment, incomplete)])
    culprit = shipment.unit_at(outcome.line)
    if culprit not in incomplete:
        culprit = incomplete[0] if len(incomplete) == 1 else None
    if culprit is None:
        middle = len(incomplete) // 2
        return Verdict(again=[all_missing(shipment, half) for half in (incomplete[:middle], incomplete[middle:])])
    others = [unit for unit in incomplete if unit != culprit]
    rest = [all_missing(shipment, others)] if others else []
    own = _apart(shipment, culprit, is_reply="Repl" in outcome.error)
    # The others first: the culprit's parts may take several jobs.
    return Verdict(refused=own.refused, again=[*rest, *own.again])


def _apart(shipment: Shipment, unit: int, *, is_reply: bool) -> Verdict:
    root, *_ = shipment.posts_of(unit)
    missing = shipment.missing(unit) or list(shipment.posts_of(unit))
    replies = [post - root - 1 for post in missing if post != root]
    if not replies:
        return Verdict(refused=[root])
    if root in missing and not is_reply:
        return Verdict(again=[{unit: frozenset()}, {unit: frozenset(replies)}])
    if len(replies) == 1:
        alone: list[Pieces] = [{unit: frozenset()}] if root in missing else []
        return Verdict(refused=[root + 1 + replies[0]], again=alone)
    middle = len(replies) // 2
    return Verdict(again=[{unit: frozenset(half)} for half in (replies[:middle], replies[middle:])])


def all_missing(shipment: Shipment, units: Sequence[int]) -> Pieces:
    """Return units as they are sent again: with all replies that did not arrive."""
    pieces: dict[int, frozenset[int]] = {}
    for unit in units:
        root, *_ = shipment.posts_of(unit)
        missing = shipment.missing(unit) or shipment.posts_of(unit)
        pieces[unit] = frozenset(post - root - 1 for post in missing if post != root)
    return pieces
