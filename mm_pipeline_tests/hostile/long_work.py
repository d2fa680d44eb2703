"""Class: texts that a careless reader needs hours for. Each has five seconds of CPU per 100 KB; a careless one would take hours."""

import time
from typing import Any

from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.message import render_message
from mm_pipeline_tests.hostile.case import Case, Desk, Ended, Fate, HostileClass
from mm_pipeline_tests.hostile.fetching import Run

_LOOKUPS = Lookups(
    users={"U0ADA": "ada"}, names={}, channels={}, channel_labels={}, usergroups={}, emoji={}, permalink=None
)
#: Characters of each text, and the seconds of CPU that rendering it may take.
_LENGTH, _SECONDS = 100_000, 5.0


def _text(piece: str, end: str = "") -> Run:
    return _rendered({"text": piece * (_LENGTH // len(piece)) + end})


def _rich(piece: str) -> Run:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": piece * (_LENGTH // len(piece))}]}
    return _rendered({"blocks": [{"type": "rich_text", "elements": [section]}]})


def _rendered(raw: dict[str, Any]) -> Run:
    def run(_: Desk) -> Ended:
        began = time.process_time()
        text = render_message(raw, _LOOKUPS).text
        took = time.process_time() - began
        assert took < _SECONDS, f"{took:.1f} s"
        return Ended(Fate.KEPT, (text,))

    return run


CLASS = HostileClass(
    "Long work",
    "Texts of 100,000 characters, each rendered within seconds.",
    (
        Case(
            "`<`, never closed",
            Fate.KEPT,
            "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
            _text("<"),
        ),
        Case(
            "`<https://`, never closed",
            Fate.KEPT,
            "<<https://a><<https://a><<https://a><<https://a><<https://a><<https://a><<https://a><<https://a><<ht",
            _text("<https://a"),
        ),
        Case(
            "`<@U0|`",
            Fate.KEPT,
            "<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|<@U0|",
            _text("<@U0|"),
        ),
        Case(
            "`&lt;`",
            Fate.KEPT,
            "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
            _text("&lt;"),
        ),
        Case(
            "`*a _b ~c`, nothing closed",
            Fate.KEPT,
            "\\*a \\_b ~c \\*a \\_b ~c \\*a \\_b ~c \\*a \\_b ~c \\*a \\_b ~c \\*a \\_b ~c \\*a \\_b ~c \\*a \\_b ~c \\*a \\_b ~c",
            _text("*a _b ~c "),
        ),
        Case(
            "`*_~`",
            Fate.KEPT,
            "\\*\u200b*\u200b~&#42;\u200b*\u200b~\\*\u200b*\u200b~&#42;\u200b*\u200b~\\*\u200b*\u200b~&#42;\u200b*\u200b~\\*\u200b*\u200b~&#42;\u200b*\u200b~\\*\u200b*\u200b~&#42;\u200b*\u200b~\\*\u200b*\u200b~&#42;\u200b*\u200b~\\*\u200b*\u200b~&#42",
            _text("*_~"),
        ),
        Case(
            "one backtick and another",
            Fate.KEPT,
            "`a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a `a",
            _text("`a "),
        ),
        Case(
            "three backticks and no end",
            Fate.KEPT,
            "```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\na\n```\n",
            _text("```a "),
        ),
        Case(
            "colons, as of emoji",
            Fate.KEPT,
            ":a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a",
            _text(":a"),
        ),
        Case(
            "blanks",
            Fate.KEPT,
            "\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002\u2002",
            _text(" ", "end"),
        ),
        Case(
            "line breaks",
            Fate.KEPT,
            "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
            _text("\n", "end"),
        ),
        Case(
            "quotes in quotes",
            Fate.KEPT,
            "> \\>>>>>>>>>>>>>>>>> a\n> \\>>>>>>>>>>>>>>>>>>>> a\n> \\>>>>>>>>>>>>>>>>>>>> a\n> \\>>>>>>>>>>>>>>>>>>>>",
            _text("&gt;" * 20 + " a\n"),
        ),
        Case(
            "lists in lists",
            Fate.KEPT,
            "\u2002\u2002\u2002- a\n\u2002\u2002\u2002- a\n\u2002\u2002\u2002- a\n\u2002\u2002\u2002",
            _text("      - a\n"),
        ),
        Case(
            "addresses",
            Fate.KEPT,
            "https://a.example/b https://a.example/b https://a.example/b https://a.example/b https://a.example/b",
            _text("https://a.example/b "),
        ),
        Case(
            "brackets of Markdown's links",
            Fate.KEPT,
            "![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]\\(![a]",
            _text("![a]("),
        ),
        Case(
            "`@a`, as of mentions",
            Fate.KEPT,
            "@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a@a",
            _text("@a"),
        ),
        Case(
            "one word, with dots as of a domain",
            Fate.KEPT,
            "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.",
            _text("a."),
        ),
        Case(
            "rich text of marks",
            Fate.KEPT,
            "\\*\\_~\\`[]\\(<>#|- \\*\\_~\\`[]\\(<>#|- \\*\\_~\\`[]\\(<>#|- \\*\\_~\\`[]\\(<>#|- \\*\\_~\\`[]\\(<>#|-",
            _rich("*_~`[](<>#|- "),
        ),
        Case("rich text of blanks and line breaks", Fate.KEPT, "(no text)", _rich(" \n\t")),
    ),
)
