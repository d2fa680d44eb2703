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
#: Why it is missing and what to do about it, by type and reason. `retry` takes each of these up again (status_writer).
_REMEDIES = {
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


def remedies(reasons: Iterable[tuple[str, str, str, int]]) -> list[str]:
    """Return a sentence for each kind of things that people can still bring. `reasons`: (type, status, why, rows)."""
    counts = Counter[tuple[str, str]]()
    for entity_type, status, why, rows in reasons:
        reason, _, detail = why.partition(": ")
        if status == Status.SKIPPED and not detail.startswith(_LOST):
            counts[entity_type, reason] += rows
    return [
        f"{counted(count, *NOUNS[entity_type])} {verb(count, 'is', 'are')} missing: {what}, then `mm-pipeline retry` and "
        "`mm-pipeline export`."
        for (entity_type, reason), what in _REMEDIES.items()
        if (count := counts[entity_type.value, reason.value])
    ]
