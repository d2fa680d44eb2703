"""What could not be kept as it was in Slack, and why: of the subjects, those that occurred in this workspace. Decides nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from mm_pipeline.mattermost.on_server import Server
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
#: What a line is called for people: those of docs/fidelity.md lean on the one above, or name Slack's own fields.
PLAINLY = {
    "The same in the props of a reply": "Slack's ts and channel, in the props of a reply",
    "Who made it": "Who made an emoji",
    "A huddle or call (`room`): when, how long, with whom": "A huddle or call: when, how long, with whom",
    "A shared message (`is_share`, `is_msg_unfurl`, `is_reply_unfurl`): author, channel, date, words, files, link": (
        "A shared message: author, channel, date, words, files, link"
    ),
    "`<!date^…>`": "A date that everybody saw in their own time zone",
    "`date`: the writer's words, else UTC": "A date in a block: the writer's words, else UTC",
    "`color`: its value": "A colour: its value",
    "`team`: its id": "A workspace that is named: its id",
    "`image`: its words and a link; shown in place everybody's reader would fetch it from its host": (
        "A picture that lies elsewhere: its words and a link; shown in place everybody's reader would fetch it from its host"
    ),
    "`data_visualization`: its numbers as a table": "A chart: its numbers as a table",
    "`actions`, `context_actions`, `button`, `workflow_button`: what was written on them, and their link": (
        "Buttons: what was written on them, and their link"
    ),
    "`input`": "A field to fill in",
    "`video`: title, link, author, description": "A video: title, link, author, description",
    "`call`: its name and link": "A call: its name and link",
    "`hidden_by_limit`": "A file that Slack hid by its plan's limit",
    "`tombstone`, `file_not_found`: deleted in Slack": "A file that was deleted in Slack",
    "`access_denied`, `check_file_info`": "A file that whoever made the export may not see",
    "`external`: name and link": "A file that lies elsewhere: name and link",
    "`quip`, `canvas`: its page as a file where Slack gives it, else name and link": (
        "A canvas: its page as a file where Slack gives it, else name and link"
    ),
    "`space`, `docs` (posts): the same, with what the export shows of the text": (
        "A post of Slack's: its page as a file where Slack gives it, else name, link and what the export shows of its text"
    ),
    "`list`: name and link": "A list: name and link",
    "`snippet`: its bytes, else the beginning that the export shows": "A snippet: its bytes, else the beginning that the export shows",
    "Larger than the server takes (`too_large`)": "A file larger than the server takes: its name, size and link",
    "`hosted`: its bytes, or its name, size and link": "A file whose bytes nobody had: its name, size and link",
}
#: Modes, or kinds of access, that one line of the page is about.
_FILES = {
    "file_not_found": "tombstone",
    "check_file_info": "access_denied",
    "quip": "canvas",
    "space": "docs",
    "": "hosted",
}


def plainly(line: str) -> str:
    """Return what people call a line of docs/fidelity.md."""
    return PLAINLY.get(line, line)


def losses(rows: Rows, server: Server | None, reactions: int) -> list[Loss]:
    """Return what occurred, the most frequent first within a fate, and then what no export tells of.

    `reactions`: how many are on the server.
    """
    counts = Counter({"reactions": reactions, **rows.with_something()})
    counts.update({f"type: {kind}": count for kind, count in rows.elements().items()})
    for mode, access, count in rows.files_that_are_lost():
        told = access if access in ("file_not_found", "access_denied", "check_file_info", "too_large") else mode
        counts[f"file: {_FILES.get(told, told)}"] += count
    version, by_plugin = (server.version, server.by_plugin) if server else ((99, 0), False)
    lost = [one for one in SUBJECTS if version < one.before and not (by_plugin and one.by_plugin)]
    found = [
        *(_loss(one, counts[one.counted]) for one in lost if counts[one.counted]),
        *_notices(rows.subtypes()),
    ]
    fates = (IMPOSSIBLE, LEFT_OUT, SAID)
    found.sort(key=lambda loss: (fates.index(loss.fate), -(loss.count or 0), loss.what))
    return [*found, *(_loss(one, None) for one in ALWAYS)]


def _notices(subtypes: Mapping[str, int]) -> Iterator[Loss]:
    """Yield Slack's notices that are ordinary posts in Mattermost, and replies that stood in the channel, too."""
    counts = Counter[str]()
    for subtype, count in subtypes.items():
        known = SUBTYPES.get(subtype)
        if known and not known.post_type and (known.says or known.adds) and subtype not in _WRITTEN:
            kind = "A notice" if known.says else "A reply that stood in the channel, too"
            counts[f"{kind}: “{known.says or known.adds}”"] += count
    for what, count in counts.items():
        why = "Mattermost has no notice of this kind: an ordinary post says it."
        yield Loss(of="Messages", what=what, count=count, fate=SAID, why=why)


#: Messages of people and bots with a subtype; the words in the table are for those that have none of their own.
_WRITTEN = frozenset({"bot_message", "file_share", "file_comment", "tombstone"})


def _loss(subject: Subject, count: int | None) -> Loss:
    return Loss(
        of=subject.of,
        what=plainly(subject.line),
        count=count,
        fate=subject.fate,
        why=subject.why or _MENTIONED,
    )
