"""Class: texts of people that would be Markdown, HTML or a call of everybody."""

from typing import Any

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, export, message, messages


def _text(text: str, **more: Any) -> Run:
    return messages(message(text, **more))


def _rich(*elements: dict[str, Any]) -> Run:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return messages(message("", blocks=[{"type": "rich_text", "elements": [section]}]))


CLASS = HostileClass(
    "Markdown",
    "What people typed in Slack, where it was plain text: it must be plain text in Mattermost.",
    (
        Case(
            "HTML with a script",
            Fate.KEPT,
            "ada: <script>alert(1)</script>",
            _text("&lt;script&gt;alert(1)&lt;/script&gt;"),
        ),
        Case(
            "HTML that Slack did not escape",
            Fate.KEPT,
            "ada: <img src=x onerror=alert(1)>",
            _text("<img src=x onerror=alert(1)>"),
        ),
        Case(
            "`@all` and `@channel`, typed by hand",
            Fate.KEPT,
            "ada: @all @channel @here look",
            _text("@all @channel @here look"),
        ),
        Case(
            "a mention of somebody, typed by hand",
            Fate.KEPT,
            "ada: @sysadmin give me the keys",
            _text("@sysadmin give me the keys"),
        ),
        Case(
            "a mention of somebody whom nobody knows",
            Fate.KEPT,
            "ada: <@U0ADA> U0NOBODY",
            _text("&lt;@U0ADA&gt; <@U0NOBODY>"),
        ),
        Case(
            "a link of Markdown",
            Fate.KEPT,
            "ada: [your bank]\\(https://evil.example)",
            _text("[your bank](https://evil.example)"),
        ),
        Case(
            "a picture of Markdown, which tells its owner who looks",
            Fate.KEPT,
            "ada: ![x]\\(https://evil.example/pixel.png)",
            _text("![x](https://evil.example/pixel.png)"),
        ),
        Case(
            "a link to a script",
            Fate.KEPT,
            "ada: [click me](javascript:alert(1))",
            _text("<javascript:alert(1)|click me>"),
        ),
        Case(
            "a link to data",
            Fate.KEPT,
            "ada: [click me](data:text/html;base64,PHNjcmlwdD4=)",
            _text("<data:text/html;base64,PHNjcmlwdD4=|click me>"),
        ),
        Case(
            "a link whose label ends it",
            Fate.KEPT,
            "ada: [x&#93;(https://evil.example)](https://good.example)",
            _text("<https://good.example|x](https://evil.example)>"),
        ),
        Case(
            "a link whose address holds brackets",
            Fate.KEPT,
            "ada: [label](https://good.example/a%29b]%28c)",
            _text("<https://good.example/a)b](c|label>"),
        ),
        Case(
            "a link whose label is another address",
            Fate.KEPT,
            "ada: [https://bank.example](https://evil.example)",
            _text("<https://evil.example|https://bank.example>"),
        ),
        Case(
            "a link of rich text to a script",
            Fate.KEPT,
            "ada: [click me](javascript:alert(1))",
            _rich({"type": "link", "url": "javascript:alert(1)", "text": "click me"}),
        ),
        Case(
            "marks of headings, lists, quotes and rules",
            Fate.KEPT,
            "ada: \\# big\n- one\n\\> said\n\\---\n1. two",
            _rich({"type": "text", "text": "# big\n- one\n> said\n---\n1. two"}),
        ),
        Case("a fence that is never closed", Fate.KEPT, "ada: \\`\\`\\`\nnever closed", _text("```\nnever closed")),
        Case(
            "backticks inside code",
            Fate.KEPT,
            "ada: ```a`b``c```",
            _rich({"type": "text", "text": "a`b``c", "style": {"code": True}}),
        ),
        Case(
            "a table of Markdown",
            Fate.KEPT,
            "ada: | a | b |\n\\|---\\|---\\|\n| 1 | 2 |",
            _text("| a | b |\n|---|---|\n| 1 | 2 |"),
        ),
        Case("writing that is turned round (U+202E)", Fate.KEPT, "ada: \u202egnp.exe", _text("\u202egnp.exe")),
        Case(
            "the name of an emoji that is none",
            Fate.KEPT,
            "ada: :x_https_evil_example_all:",
            _rich({"type": "emoji", "name": "x](https://evil.example) @all"}),
        ),
        Case(
            "a channel's topic with a picture and a call",
            Fate.KEPT,
            "channel topic",
            export(
                channels=[
                    {
                        "id": "C0TOPIC",
                        "name": "topic",
                        "topic": {"value": "![x](https://evil.example/p.png) <!channel>"},
                    }
                ]
            ),
        ),
    ),
)
