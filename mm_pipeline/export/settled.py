"""What a step settled: rows of its own type, and apart from them what came along, like the reactions on messages. Writes nothing."""

from typing import NamedTuple

from mm_pipeline.db.status_writer import StatusWriter
from mm_pipeline.model import EntityType, Status

#: What is set pending is settled by another step, or another run.
_STATUSES = (Status.SUCCESS, Status.FAILED, Status.SKIPPED)


class Settled(NamedTuple):
    """How many rows of which status. As a text: `400 success; with them attachment 36 success, reaction 408 success`."""

    own: dict[Status, int]
    with_them: dict[EntityType, dict[Status, int]]

    def __str__(self) -> str:
        along = ", ".join(f"{one.value} {_told(counts)}" for one, counts in self.with_them.items())
        return f"{_told(self.own) or 'nothing to do'}{along and f'; with them {along}'}"

    @classmethod
    def of(cls, entity_type: EntityType, statuses: StatusWriter) -> "Settled":
        """Return what a step of a type has had written."""
        counts = {one: {at: n for at in _STATUSES if (n := statuses.written[one, at])} for one in EntityType}
        return cls(own=counts.pop(entity_type), with_them={one: found for one, found in counts.items() if found})


def _told(counts: dict[Status, int]) -> str:
    return ", ".join(f"{count} {status.value}" for status, count in counts.items())
