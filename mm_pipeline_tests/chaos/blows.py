"""What befalls a migration: which blows, in which phases, in which order. All of it follows from the seed."""

from enum import StrEnum
from random import Random
from typing import NamedTuple

from mm_pipeline_tests.chaos.phases import Phase


class Kind(StrEnum):
    """What is struck."""

    KILL = "kill -9"
    POSTGRES = "PostgreSQL restarted"
    SERVER = "server restarted"


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
    """Return so many blows of each kind, spread evenly over the phases, shuffled."""
    shuffled = Random(f"{seed} blows")
    pairs: list[tuple[Kind, Phase]] = []
    for kind, count in counts.items():
        phases = list(Phase)
        shuffled.shuffle(phases)
        pairs += [(kind, phases[number % len(phases)]) for number in range(count)]
    shuffled.shuffle(pairs)
    return [Blow(n, kind, phase, seed) for n, (kind, phase) in enumerate(pairs, 1)]
