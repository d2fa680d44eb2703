"""What is missing on the server and can still come, and what brings it: a sentence each. Brings none of it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from mm_pipeline.content.sources import OUTSIDE
from mm_pipeline.errors import SkipReason
from mm_pipeline.export.custom_emoji_exporter import STANDS_FOR
from mm_pipeline.model import NOUNS, EntityType, Status
from mm_pipeline.nouns import counted, listed, verb

#: How the details begin of what nobody can bring.
_LOST = (OUTSIDE, STANDS_FOR)
#: What is missing, and for which reason.
Missing = tuple[EntityType, SkipReason]
#: Why it is missing. `retry` takes each of these up again (status_writer).
REMEDIES: dict[Missing, str] = {
    (EntityType.ATTACHMENT, SkipReason.NO_BYTES): "nobody had the bytes",
    (EntityType.CUSTOM_EMOJI, SkipReason.NO_PICTURE): "nobody had the picture",
    (EntityType.ATTACHMENT, SkipReason.TOO_LARGE): "the server takes nothing so large",
}
#: What SLACK_TOKEN must be allowed to bring it; the others are no matter of Slack's.
_SCOPES = {SkipReason.NO_BYTES: "files:read", SkipReason.NO_PICTURE: "emoji:read"}
#: What `export` does where a setting is set.
_LOOKS = {"SLACK_TOKEN": "asks Slack", "SLACK_FILES": "looks there"}
_AGAIN = "then `mm-pipeline retry` and `mm-pipeline export`."


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


def remedies(reasons: Iterable[tuple[str, str, str, int]], are_set: Sequence[str] = ()) -> list[str]:
    """Return what to do for each kind of things that people can still bring. `reasons`: (type, status, why, rows).

    are_set: which of SLACK_TOKEN and SLACK_FILES are set. Whether the bytes are there, nobody has looked.
    """
    counts = all_missing(reasons)
    return [f"{_missing(one, counts[one])} {_way(one, are_set)}" for one in REMEDIES if counts[one]]


def remedy(what: Missing, count: int, are_set: Sequence[str] = ()) -> str:
    """Return how many are missing, why, and what brings them, where those places that are set were found not to have them."""
    return f"{_missing(what, count)} {other_way(what, count, are_set)}"


def other_way(what: Missing, count: int, are_set: Sequence[str] = ()) -> str:
    """Return what brings so many that are missing still: none of the places that are set has them."""
    scope, them = _SCOPES.get(what[1]), verb(count, "it", "them")
    if not scope:
        return f"Raise FileSettings.MaxFileSize there, {_AGAIN}"
    lack = f"{listed(are_set)} {verb(len(are_set), 'does', 'do')} not have {them}. " if are_set else ""
    if len(are_set) == len(_LOOKS):
        return f"{lack}Put {them} where SLACK_FILES points to, {_AGAIN}"
    return f"{lack}Set {_settings(scope, are_set)}, {_AGAIN}"


def _missing(what: Missing, count: int) -> str:
    return f"{counted(count, *NOUNS[what[0]])} {verb(count, 'is', 'are')} missing: {REMEDIES[what]}."


def _way(what: Missing, are_set: Sequence[str]) -> str:
    scope = _SCOPES.get(what[1])
    if not scope or not are_set:
        return other_way(what, 2)
    looks = listed([_LOOKS[one] for one in are_set])
    way = f"{listed(are_set)} {verb(len(are_set), 'is', 'are')} set: `mm-pipeline retry`, then `mm-pipeline export` {looks}."
    further = _settings(scope, are_set)
    return f"{way} For what does not come by that, set {further}." if further else way


def _settings(scope: str, are_set: Sequence[str]) -> str:
    """Return those that are not set yet, and to what to set them."""
    values = {
        "SLACK_TOKEN": f"SLACK_TOKEN (scope {scope})",
        "SLACK_FILES": "SLACK_FILES to where they were downloaded to",
    }
    return ", or ".join(value for name, value in values.items() if name not in are_set)
