"""Four times the text takes about four times as long, whatever it is made of: none is compared with all of itself."""

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest

from mm_pipeline.render.message import render_message
from mm_pipeline.render.split import split_text
from mm_pipeline_tests.render.people import LOOKUPS

#: Characters of the short text. The long one has four times as many, and what compares each with each takes sixteen times as long.
_SHORT = 5_000
_MOST = 9
_TRIES = 4
_QUICK_S = 0.05

#: What a text is made of, over and over.
PIECES = [
    "*", "_", "~", "`", "```", "<", ">", "&", "|", "-", "=", "#", "+", ":", "@", "!", "[", "]", "(", ")", "\\", ".", " ",
    "\n", "\t", "a", "1", "&amp;", "&lt;", "&gt;", "&gt;&gt;&gt;", "_a_ ", "*a ", " *a", "*a* ", "~a~", "*_~", "*a _b ~c ",
    "a_", "a_b_", "`a", "`a`", "```a ", "```a```", "<@U0", "<@U0MARA>", "<@U0|", "<#C0|x>", "<!date^1^{date}|y>", "<a",
    "<a ", "<a b", "<a b=", "<a b=\"", "<!--", "<?", "<!a ", "<https://a", "<https://a.example|b> ", "https://a.example/b ",
    "https://", "http://a:", "www.", "www.a.", "a.", "a@", "@a", "<@", "mailto:", ":a", ":a:", ":+1:", ":+1::skin-tone-3:",
    "![a](", "[a]", "[a](b) ", "[`a` ", "[a `](b` ", "- a\n", "1. a\n", "    - a\n", "\u2022 a\n", "| a ", "|-", "- ", "-=",
    "> ", "&gt; a\n", "\u00a0", "\u200b", "\u202e", "\U0001f331", "\r\n", "\u0000", "# ", "__", "**", "~~", "&#", "&#a",
    "&a;", "xoxb-", "?t=", "{date}",
]  # fmt: skip


def _text(made: str) -> Any:
    return {"text": made}


def _before_a_name(made: str) -> Any:
    return {"text": f"{made} <@U0MARA>"}


def _bold(made: str) -> Any:
    return _rich({"type": "text", "text": made, "style": {"bold": True}}, {"type": "text", "text": "x"})


def _rich(*elements: Any) -> Any:
    return {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]}


def _label(made: str) -> Any:
    return _rich({"type": "link", "url": "https://a.example", "text": made})


def _address(made: str) -> Any:
    return _rich({"type": "link", "url": f"https://a.example/{made}"}, {"type": "text", "text": "."})


def _code(made: str) -> Any:
    return _rich({"type": "text", "text": made, "style": {"code": True}})


def _cell(made: str) -> Any:
    return {"blocks": [{"type": "table", "rows": [[{"type": "markdown", "text": made}]]}]}


def _card(made: str) -> Any:
    return {"attachments": [{"title": made, "text": made, "footer": made, "fields": [{"title": made, "value": made}]}]}


def _lines(made: str) -> Any:
    return {"text": made.replace(" ", "\n") + "x"}


SHAPES = [_text, _before_a_name, _bold, _label, _address, _code, _cell, _card, _lines]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
def test_four_times_the_text_takes_four_times_as_long(shape: Callable[[str], Any]) -> None:
    slow = [piece for piece in PIECES if _is_slow(lambda text: render_message(shape(text), LOOKUPS), piece)]

    assert slow == []


def test_four_times_the_posts_take_four_times_as_long() -> None:
    slow = [piece for piece in PIECES if _is_slow(lambda text: split_text(text, 1000), piece)]

    assert slow == []


def _is_slow(work: Callable[[str], object], piece: str) -> bool:
    for _ in range(_TRIES):
        long = _seconds(work, piece, 4)
        if long < _QUICK_S or long < _MOST * _seconds(work, piece, 1):
            return False
    return True


def _seconds(work: Callable[[str], object], piece: str, times: int) -> float:
    text = piece * (_SHORT * times // len(piece))
    gc.disable()
    began = time.thread_time()
    work(text)
    took = time.thread_time() - began
    gc.enable()
    return took
