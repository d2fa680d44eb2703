"""Class: more of everything than anybody meant. A careless program would compare each with each."""

from typing import Any

from mm_pipeline_tests.end_to_end.small_export import person
from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import TS, Run, export, message, within

_MANY = 10_000


def _with(**parts: Any) -> Run:
    return within(120, export(day=lambda: [message(**parts)]))


def _table(rows: list[Any]) -> dict[str, Any]:
    return {"type": "table", "rows": rows}


def _series(number: int) -> dict[str, Any]:
    return {"name": f"s{number}", "data": [{"label": f"l{number}", "value": number}]}


def _item(number: int) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": f"{number}"}]}


def _list(style: str, indent: int, count: int) -> list[Any]:
    made = {"type": "rich_text_list", "style": style, "indent": indent, "elements": [_item(n) for n in range(count)]}
    return [{"type": "rich_text", "elements": [made]}]


CLASS = HostileClass(
    "Crowds",
    "More of everything than anybody meant; each within two minutes.",
    (
        Case(
            "a hundred thousand reactions on one message",
            Fate.KEPT,
            "ada: seeds are here; ben :e0:; ben :e1:; ben :e2:; ben :e3:; ben :e4:; ben :e5:; ben :e6:; ben",
            _with(reactions=[{"name": f"e{n}", "users": ["U0BEN"]} for n in range(100_000)]),
        ),
        Case(
            "a thread of fifty thousand replies",
            Fate.KEPT,
            "ada: reply 0; ada: reply 1; ada: reply 2; ada: reply 3; ada: reply 4; ada: reply 5; ada: reply 6;",
            within(
                60,
                export(day=lambda: [message(f"reply {n}", f"1714550500.{n:06}", thread_ts=TS) for n in range(50_000)]),
            ),
        ),
        Case(
            "ten thousand files on one message",
            Fate.KEPT,
            "ada: seeds are here\n\nFile: x \u2013 deleted in Slack\nFile: x \u2013 deleted in Slack\nFile: x \u2013 deleted in",
            _with(files=[{"id": f"F{n:05}", "name": "x", "mode": "tombstone"} for n in range(_MANY)]),
        ),
        Case(
            "ten thousand blocks",
            Fate.KEPT,
            "ada: seeds are here\n\n---\n\n---\n\n---\n\n---\n\n---\n\n---\n\n---\n\n---\n\n---\n\n---\n\n---\n\n",
            _with(blocks=[{"type": "divider"}] * _MANY),
        ),
        Case(
            "ten thousand attachments",
            Fate.KEPT,
            "ada: seeds are here\n\n> x\n\n> x\n\n> x\n\n> x\n\n> x\n\n> x\n\n> x\n\n> x\n\n> x\n\n> x\n\n> x\n\n",
            _with(attachments=[{"text": "x"}] * _MANY),
        ),
        Case(
            "ten thousand attachments whose links the text may hold",
            Fate.KEPT,
            "ada: https://a.example/b https://a.example/b https://a.example/b https://a.example/b",
            _with(
                text="<https://a.example/b> " * _MANY,
                attachments=[{"text": "x", "from_url": f"https://a.example/{n}"} for n in range(_MANY)],
            ),
        ),
        Case(
            "ten thousand links in one line",
            Fate.KEPT,
            "ada: \\[[c](https://a.example/b) `](d` \\[[c](https://a.example/b) `](d` \\[[c](https://a.example/b)",
            _with(text="[<https://a.example/b|c> `](d` " * _MANY),
        ),
        Case(
            "ten thousand styles in one line",
            Fate.KEPT,
            "ada: **_~~w0~~_** w1 **w2** *w3* **w4** ~~w5~~ **_w6_** w7 **w8** *w9* **~~w10~~** w11 **_w12_**",
            _with(
                blocks=[
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {
                                        "type": "text",
                                        "text": f"w{n} ",
                                        "style": {"bold": n % 2 == 0, "italic": n % 3 == 0, "strike": n % 5 == 0},
                                    }
                                    for n in range(_MANY)
                                ],
                            }
                        ],
                    }
                ]
            ),
        ),
        Case(
            "ten thousand people of one name",
            Fate.KEPT,
            "user twin; user twin-2; user twin-3; user twin-4; user twin-5; user twin-6; user twin-7; user",
            within(120, export(people=[person(f"U{n:05}", "twin", profile={"email": None}) for n in range(_MANY)])),
        ),
        Case(
            "ten thousand channels of one name",
            Fate.KEPT,
            "channel twin; channel twin-2; channel twin-3; channel twin-4; channel twin-5; channel twin-6;",
            within(120, export(channels=[{"id": f"C{n:05}", "name": "twin"} for n in range(_MANY)])),
        ),
        Case(
            "ten thousand emoji, each an alias of the next",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: it stands for e10000, which",
            within(120, export({"emoji.json": {f"e{n:05}": f"alias:e{n + 1:05}" for n in range(_MANY)}})),
        ),
        Case(
            "ten thousand members whom nobody knows",
            Fate.KEPT,
            "channel crowd",
            within(
                60, export(channels=[{"id": "C0CROWD", "name": "crowd", "members": [f"U{n:05}" for n in range(_MANY)]}])
            ),
        ),
        Case(
            "a table with a row of ten thousand cells, and ten thousand rows of one",
            Fate.KEPT,
            "ada: | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c | c |",
            _with(
                blocks=[
                    _table(
                        [[{"type": "raw_text", "text": "c"}] * _MANY, *[[{"type": "raw_text", "text": "r"}]] * _MANY]
                    )
                ]
            ),
        ),
        Case(
            "a chart of five thousand series with a label each",
            Fate.KEPT,
            "ada: **seeds**\n\n|  | s0 |\n| --- | --- |\n| l0 | 0 |\n\n|  | s1 |\n| --- | --- |\n| l1 | 1 |\n\n|  | s2 |\n|",
            _with(
                blocks=[
                    {
                        "type": "data_visualization",
                        "title": "seeds",
                        "chart": {"series": [_series(n) for n in range(5_000)]},
                    }
                ]
            ),
        ),
        Case(
            "a list of ten thousand items, counted as the Romans did",
            Fate.KEPT,
            "ada: - i. 0\n- ii. 1\n- iii. 2\n- iv. 3\n- v. 4\n- vi. 5\n- vii. 6\n- viii. 7\n- ix. 8\n- x. 9\n- xi. 10\n-",
            _with(blocks=_list("ordered", 2, _MANY)),
        ),
        Case(
            "ten thousand times the same message",
            Fate.KEPT,
            "ada: seeds are here",
            within(120, export(day=lambda: [message()] * _MANY)),
        ),
        Case(
            "ten thousand messages of one ms, and one that needs ten posts",
            Fate.KEPT,
            "ada: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            within(
                60,
                export(
                    day=lambda: [
                        *(message(f"seed {n}", f"1714550500.{n:06}") for n in range(_MANY)),
                        message("x" * 163_000, "1714550499.999999"),
                    ]
                ),
            ),
        ),
        Case(
            "a million empty entries instead of messages",
            Fate.KEPT,
            "nothing",
            within(120, export(day=b"[" + b"{}," * 1_000_000 + b"null]")),
        ),
        Case(
            "ten thousand days",
            Fate.KEPT,
            "nothing",
            within(120, export({f"garden/{n}.json": [] for n in range(_MANY)})),
        ),
        Case(
            "a message to which ten thousand link",
            Fate.KEPT,
            "ada: [0](https://x.slack.com/archives/C0GARDEN/p1714550400000100); ada:",
            within(
                60,
                export(
                    day=lambda: [
                        message(
                            f"<https://x.slack.com/archives/C0GARDEN/p1714550400000100|{n}>",
                            f"1714550500.{n:06}",
                            thread_ts=TS,
                        )
                        for n in range(_MANY)
                    ]
                ),
            ),
        ),
    ),
)
