"""What befalls a migration: which blows, in which phases, in which order. All of it follows from the seed."""

from enum import StrEnum
from random import Random
from typing import NamedTuple

from mm_pipeline_tests.chaos.phases import Phase

#: Blows in staging before anything else.
_FIRST_LOADS = 4


class Kind(StrEnum):
    """What is struck."""

    KILL = "kill -9"
    POSTGRES = "PostgreSQL restarted"
    SERVER = "server restarted"
    PLUGIN = "plugin killed"


Pair = tuple[Kind, Phase]


class Blow(NamedTuple):
    """One of them."""

    number: int
    kind: Kind
    phase: Phase
    seed: int

    def draw(self) -> Random:
        """Return what decides about the moment within its phase."""
        return Random(f"{self.seed} blow {self.number}")


def dealt(counts: dict[Kind, int], seed: int) -> list[Blow]:
    """Return so many blows of each kind, spread evenly over the phases.

    They come in rounds that follow a job on its way, each beginning somewhere else and staging somewhere between: phases that
    wait for a job share one (a server begins one every 15 s). The first meet a first load, which later ones never do.
    """
    drawn = Random(f"{seed} blows")
    pairs: list[tuple[Kind, Phase]] = []
    for kind, count in counts.items():
        rounds = [_round(drawn) for _ in range(-(-count // len(Phase)))]
        pairs = _mixed(pairs, [(kind, phase) for one in rounds for phase in one][:count], drawn)
    first = [pair for pair in pairs if pair[1] is Phase.STAGING][:_FIRST_LOADS]
    for pair in first:
        pairs.remove(pair)
    return [Blow(n, kind, phase, seed) for n, (kind, phase) in enumerate(first + pairs, 1)]


def _round(drawn: Random) -> list[Phase]:
    """Return each phase once."""
    way = [phase for phase in Phase if phase is not Phase.STAGING]
    begin = drawn.randrange(len(way))
    way = way[begin:] + way[:begin]
    way.insert(drawn.randint(0, len(way)), Phase.STAGING)
    return way


def _mixed(some: list[Pair], others: list[Pair], drawn: Random) -> list[Pair]:
    """Return the others among the first, at places that are drawn; each list keeps its order."""
    places = sorted(drawn.randint(0, len(some)) for _ in others)
    mixed = list(some)
    for place, other in reversed(list(zip(places, others, strict=True))):
        mixed.insert(place, other)
    return mixed
