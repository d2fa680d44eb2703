"""Class: messages whose parts are of the wrong type."""

from typing import Any

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, message, messages


def _with(**parts: Any) -> Run:
    return messages(message(**parts))


CLASS = HostileClass(
    "Wrong types",
    "A message in a day file that can be read.",
    (
        Case(
            "a text instead of a message",
            Fate.FAILED,
            "This is no message that can be read. Look at garden/2024-05-02.json, entry 0 (from 0), or download",
            messages("text"),
        ),
        Case(
            "a number instead of a message",
            Fate.FAILED,
            "This is no message that can be read. Look at garden/2024-05-02.json, entry 0 (from 0), or download",
            messages(7),
        ),
        Case(
            "a list instead of a message",
            Fate.FAILED,
            "This is no message that can be read. Look at garden/2024-05-02.json, entry 0 (from 0), or download",
            messages([1]),
        ),
        Case("nulls and empty objects instead of messages", Fate.KEPT, "nothing", messages(None, {}, [], "")),
        Case("a text that is a number", Fate.KEPT, "ada: (no text)", _with(text=5)),
        Case("a text that is a list", Fate.KEPT, "ada: (no text)", _with(text=["a", {"b": 1}])),
        Case(
            "an author who is a list",
            Fate.KEPT,
            "user unknown-in-slack; unknown-in-slack: seeds are here",
            _with(user=["U0ADA"]),
        ),
        Case(
            "an author who is an object",
            Fate.KEPT,
            "user unknown-in-slack; unknown-in-slack: seeds are here",
            _with(user={"id": "U0ADA"}),
        ),
        Case(
            "no author at all", Fate.KEPT, "user unknown-in-slack; unknown-in-slack: seeds are here", _with(user=None)
        ),
        Case(
            "files that are a text, a number, a list",
            Fate.TOLD,
            "C0GARDEN:1714550500.000100: what stands as its file is none; left out.",
            _with(files=["none", 5, []]),
        ),
        Case(
            "files that are true",
            Fate.TOLD,
            "C0GARDEN:1714550500.000100: what stands as its file is none; left out.",
            _with(files=True),
        ),
        Case(
            "a file without an id, a name, anything",
            Fate.KEPT,
            "ada: seeds are here\n\nFile: without a name \u2013 not part of the export",
            _with(files=[{"x": 1}]),
        ),
        Case("reactions that are a number", Fate.KEPT, "ada: seeds are here", _with(reactions=5)),
        Case(
            "reactions of numbers by numbers",
            Fate.TOLD,
            "C0GARDEN:1714550500.000100: one of its reactions has no name or no people; left out.",
            _with(reactions=[{"name": 3, "users": ["U0ADA"]}]),
        ),
        Case(
            "a reaction by nobody, by a number, twice by the same",
            Fate.KEPT,
            "ada: seeds are here; ben :tada:",
            _with(reactions=[{"name": "tada", "users": [None, 3, "U0BEN", "U0BEN"], "count": -7}]),
        ),
        Case("blocks that are an object", Fate.KEPT, "ada: seeds are here", _with(blocks={"type": "rich_text"})),
        Case(
            "blocks of blocks that are none",
            Fate.KEPT,
            "ada: seeds are here",
            _with(blocks=[{"type": "rich_text", "elements": [{"type": 5}, None, {"elements": 3}]}, 7]),
        ),
        Case(
            "attachments that are numbers and nulls",
            Fate.KEPT,
            "ada: seeds are here",
            _with(attachments=[3, None, {"fields": 7, "actions": "x", "color": []}]),
        ),
        Case(
            "edited, root, icons and replies of wrong types",
            Fate.KEPT,
            "ada: seeds are here",
            _with(edited=[1], root="x", icons=5, replies={"a": 1}, reply_count="many"),
        ),
        Case(
            "a subtype that is an object, a type that is null",
            Fate.KEPT,
            "ada: seeds are here",
            _with(subtype={"a": 1}, type=None),
        ),
    ),
)
