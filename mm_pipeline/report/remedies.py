"""What is missing on the server and can still come, and what brings it: a sentence each. Brings none of it."""

from collections import Counter
from collections.abc import Iterable

from mm_pipeline.content.sources import OUTSIDE
from mm_pipeline.errors import SkipReason
from mm_pipeline.export.custom_emoji_exporter import STANDS_FOR
from mm_pipeline.model import NOUNS, EntityType, Status
from mm_pipeline.nouns import counted, verb

#: How the details begin of what nobody can bring.
_LOST = (OUTSIDE, STANDS_FOR)
#: What is missing, and for which reason.
Missing = tuple[EntityType, SkipReason]
#: Why it is missing and what to do about it. `retry` takes each of these up again (status_writer).
REMEDIES: dict[Missing, str] = {
    (EntityType.ATTACHMENT, SkipReason.NO_BYTES): (
        "nobody had the bytes. Set SLACK_TOKEN (scope files:read), or SLACK_FILES to where they were downloaded to"
    ),
    (EntityType.CUSTOM_EMOJI, SkipReason.NO_PICTURE): (
        "nobody had the picture. Set SLACK_TOKEN (scope emoji:read), or SLACK_FILES to where it was downloaded to"
    ),
    (EntityType.ATTACHMENT, SkipReason.TOO_LARGE): (
        "the server takes nothing so large. Raise FileSettings.MaxFileSize there"
    ),
}


def missing(entity_type: EntityType | str, status: Status | str, why: str | None) -> Missing | None:
    """Return as what a row is missing that people can still bring; None where it is there, failed, or nobody can bring it."""
    reason, _, detail = (why or "").partition(": ")
    if status != Status.SKIPPED or detail.startswith(_LOST):
        return None
    return next((one for one in REMEDIES if one == (entity_type, reason)), None)


def all_missing(reasons: Iterable[tuple[str, str, str, int]]) -> Counter[Missing]:
    """Return how many rows are missing, and as what. `reasons`: (type, status, why, rows)."""
    counts = Counter[Missing]()
    for entity_type, status, why, rows in reasons:
        if found := missing(entity_type, status, why):
            counts[found] += rows
    return counts


def remedies(reasons: Iterable[tuple[str, str, str, int]]) -> list[str]:
    """Return a sentence for each kind of things that people can still bring. `reasons`: (type, status, why, rows)."""
    counts = all_missing(reasons)
    return [remedy(one, counts[one]) for one in REMEDIES if counts[one]]


def remedy(what: Missing, count: int) -> str:
    """Return how many are missing, why, and what brings them."""
    nouns = counted(count, *NOUNS[what[0]])
    return f"{nouns} {verb(count, 'is', 'are')} missing: {REMEDIES[what]}, then `mm-pipeline retry` and `mm-pipeline export`."
