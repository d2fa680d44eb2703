"""Class: lists of custom emoji that are none, or that go in circles."""

from typing import Any

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, export

_PICTURE = "https://emoji.slack-edge.com/T0/x/1.png"


def _list(content: Any) -> Run:
    return export({"emoji.json": content})


CLASS = HostileClass(
    "Emoji lists",
    "emoji.json, and what lies in emojis/.",
    (
        Case(
            "no JSON",
            Fate.TOLD,
            "emoji.json was not read: it is not JSON (Expecting value: line 1 column 1 (char 0)).",
            _list(b"\x89PNG"),
        ),
        Case("a number", Fate.KEPT, "nothing", _list(7)),
        Case("a list of numbers and nulls", Fate.KEPT, "nothing", _list([1, None, {"name": 5}])),
        Case("10,000 brackets", Fate.TOLD, "emoji.json was not read: it is nested too deep.", _list(b'{"a":' * 10_000)),
        Case(
            "a name that is empty",
            Fate.TOLD,
            "emoji.json: the emoji '' has neither picture nor alias.",
            _list({"": _PICTURE}),
        ),
        Case(
            "a name that is a path",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: set SLACK_TOKEN to fetch it",
            _list({"../../etc/passwd": _PICTURE}),
        ),
        Case(
            "a name of Markdown",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: set SLACK_TOKEN to fetch it",
            _list({"x](https://evil.example)": _PICTURE}),
        ),
        Case(
            "a name that Mattermost has itself",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: set SLACK_TOKEN to fetch it",
            _list({"smile": _PICTURE}),
        ),
        Case(
            "an alias of itself",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: neither the export,",
            _list({"a": "alias:a"}),
        ),
        Case(
            "aliases in a circle of three",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: neither the export,",
            _list({"a": "alias:b", "b": "alias:c", "c": "alias:a"}),
        ),
        Case(
            "an alias of nothing",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: neither the export,",
            _list({"a": "alias:"}),
        ),
        Case(
            "500 aliases in a row",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: it stands for a500, which",
            _list({f"a{n}": f"alias:a{n + 1}" for n in range(500)}),
        ),
        Case(
            "a picture that is a script",
            Fate.TOLD,
            "emoji.json: the emoji 'a' has neither picture nor alias.",
            _list({"a": "javascript:alert(1)"}),
        ),
        Case(
            "a picture that is a file of this machine",
            Fate.TOLD,
            "emoji.json: the emoji 'a' has neither picture nor alias.",
            _list({"a": "file:///etc/passwd"}),
        ),
        Case(
            "a picture that is a number",
            Fate.TOLD,
            "emoji.json: the emoji 'a' has neither picture nor alias.",
            _list({"a": 5}),
        ),
        Case(
            "a picture that is another file of the export",
            Fate.TOLD,
            "custom_emoji a failed: what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            _list({"a": "users.json"}),
        ),
        Case(
            "a picture outside of the export",
            Fate.TOLD,
            "emoji.json: the emoji 'a' has neither picture nor alias.",
            _list({"a": {"file": "../secret.png", "url": "../secret.png"}}),
        ),
        Case(
            "a picture inside the list, broken off",
            Fate.TOLD,
            "custom_emoji a failed: the picture in the export's emoji list is broken off",
            _list({"a": "data:image/png;base64,%%%"}),
        ),
        Case(
            "a picture inside the list that is HTML",
            Fate.TOLD,
            "custom_emoji a failed: what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            _list({"a": "data:text/html,<script>"}),
        ),
        Case(
            "the answer of an API that said no",
            Fate.TOLD,
            "emoji.json: the emoji 'ok' has neither picture nor alias.",
            _list({"ok": False}),
        ),
    ),
)
