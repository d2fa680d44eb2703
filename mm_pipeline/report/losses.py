"""What could not be kept as it was in Slack, and why: of the subjects, those that occurred in this workspace. Decides nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from mm_pipeline.mattermost.api import Server
from mm_pipeline.render.subtypes import SUBTYPES
from mm_pipeline.report.rows import Rows
from mm_pipeline.report.subjects import ALWAYS, IMPOSSIBLE, LEFT_OUT, SAID, SUBJECTS, Subject


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """A subject that occurred, and how often; `count` None: no export tells."""

    of: str
    what: str
    count: int | None
    fate: str
    why: str


_MENTIONED = "It stands in the message's text, where people read it."
#: What a line says that leans on the one above it.
_PLAINLY = {
    "The same in the props of a reply": "Slack's ts and channel, in the props of a reply",
    "Who made it": "Who made an emoji",
}
#: Modes, or kinds of access, that one line of the page is about.
_FILES = {
    "file_not_found": "tombstone",
    "check_file_info": "access_denied",
    "quip": "canvas",
    "space": "docs",
    "": "hosted",
}


def losses(rows: Rows, server: Server | None) -> list[Loss]:
    """Return what occurred, the most frequent first within a fate, and then what no export tells of."""
    counts = Counter(rows.with_something())
    counts.update({f"type: {kind}": count for kind, count in rows.elements().items()})
    for mode, access, count in rows.files_that_are_lost():
        told = access if access in ("file_not_found", "access_denied", "check_file_info") else mode
        counts[f"file: {_FILES.get(told, told)}"] += count
    version = server.version if server else (99, 0)
    found = [
        *(_loss(one, counts[one.counted]) for one in SUBJECTS if counts[one.counted] and version < one.before),
        *_notices(rows.subtypes()),
    ]
    fates = (IMPOSSIBLE, LEFT_OUT, SAID)
    found.sort(key=lambda loss: (fates.index(loss.fate), -(loss.count or 0), loss.what))
    return [*found, *(_loss(one, None) for one in ALWAYS)]


def _notices(subtypes: Mapping[str, int]) -> Iterator[Loss]:
    """Yield Slack's notices that are ordinary posts in Mattermost, and replies that stood in the channel, too."""
    for subtype, count in subtypes.items():
        known = SUBTYPES.get(subtype)
        if known and not known.post_type and (known.says or known.adds) and subtype not in _WRITTEN:
            words = f"“{known.says or known.adds}”"
            yield Loss(
                of="Messages",
                what=f"`{subtype}`: {words}",
                count=count,
                fate=SAID,
                why="Mattermost has no notice of this kind: an ordinary post says it.",
            )


#: Messages of people and bots with a subtype; the words in the table are for those that have none of their own.
_WRITTEN = frozenset({"bot_message", "file_share", "file_comment", "tombstone"})


def _loss(subject: Subject, count: int | None) -> Loss:
    return Loss(
        of=subject.of,
        what=_PLAINLY.get(subject.line, subject.line),
        count=count,
        fate=subject.fate,
        why=subject.why or _MENTIONED,
    )
