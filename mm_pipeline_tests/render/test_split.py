"""Long texts are continued, not cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mm_pipeline.render.split import split_text

_FENCE = re.compile(r"^(?:> )*`{3,}", re.MULTILINE)


def test_a_text_that_fits_is_left_alone() -> None:
    assert split_text("  two\n\nlines ", 100) == ["  two\n\nlines "]


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_needs_no_post(text: str) -> None:
    assert split_text(text, 100) == []


def test_a_piece_ends_at_a_line_break_first() -> None:
    assert split_text("one two\nthree four\nfive", 18) == ["one two\nthree four", "five"]


def test_a_long_line_ends_at_a_blank() -> None:
    assert split_text("one two three four", 9) == ["one two", "three", "four"]


def test_a_long_word_is_cut_where_it_must_be() -> None:
    assert split_text("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_no_backslash_is_cut_from_what_it_escapes() -> None:
    assert split_text("abc\\*def", 4) == ["abc", "\\*de", "f"]


def test_a_fence_is_closed_and_opened_again() -> None:
    code = "\n".join(f"line {number}" for number in range(6))

    pieces = split_text(f"before\n```python\n{code}\n```\nafter", 46)

    assert pieces == [
        "before\n```python\nline 0\nline 1\nline 2\n```",
        "```python\nline 3\nline 4\nline 5\n```\nafter",
    ]


def test_no_piece_holds_an_empty_fence() -> None:
    text = "x" * 30 + "\n```\n" + "y" * 28 + "\n```\nend"

    assert split_text(text, 38) == ["x" * 30, "```\n" + "y" * 28 + "\n```", "end"]


def test_a_quoted_line_stays_a_quote() -> None:
    assert split_text("> one two three four five", 12) == ["> one two", "> three four", "> five"]


def test_runes_count_not_bytes() -> None:
    assert split_text("🫠" * 10, 5) == ["🫠" * 5, "🫠" * 5]


@given(
    st.lists(st.sampled_from(["word", "a*b", " ", "\n", "a```b", "\n```\n", "> ", "x" * 30, "\\"]), max_size=40),
    st.integers(1, 60),
)
def test_no_word_is_lost_and_no_piece_too_long(parts: list[str], limit: int) -> None:
    text = "".join(parts)

    pieces = split_text(text, limit)

    assert all(0 < len(piece) <= limit for piece in pieces)
    assert _letters("".join(pieces)) == _letters(text)


@given(st.lists(st.text("abc *`", max_size=30), max_size=20), st.integers(25, 60))
def test_fences_are_never_left_open(lines: list[str], limit: int) -> None:
    code = "\n".join(line for line in lines if not _FENCE.match(line))

    pieces = split_text(f"```\n{code}\n```", limit)

    assert all(len(_FENCE.findall(piece)) % 2 == 0 for piece in pieces)


def _letters(text: str) -> str:
    return re.sub(r"[\s`>]", "", text)
