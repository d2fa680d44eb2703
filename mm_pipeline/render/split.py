"""Cut a text that is too long for one post into several. Loses no word, and leaves no fence open."""

import re
from collections.abc import Iterator
from functools import lru_cache

_FENCE = re.compile(r"((?:> ?)*)(`{3,})[^`]*")
_QUOTE = re.compile(r"(?:> ?)*")
#: Runes that a line of code must have beside its fences; below that, fences are words like others.
_MIN_ROOM = 10


def split_text(text: str, limit: int) -> list[str]:
    """Return the text in pieces of at most `limit` (>= 1) runes; [] for one without words.

    A piece ends at a line break, else at a blank, else inside a word. A fenced block that does not fit is closed in one
    piece and opened again in the next; a quoted line stays a quote.
    """
    if len(text) <= limit:
        return [text] if text.strip() else []
    pieces: list[str] = []
    lines: list[str] = []
    size = 0  # runes of `lines`, each with its line break
    for line, before, after in _fitting_lines(text, limit):
        if lines and size + len(line) + _to_close(after) > limit:
            if before and lines[-1] == before:
                lines.pop()
            elif before:
                lines.append(_closing(before))
            pieces.append("\n".join(lines))
            lines = [before] if before and after else []
            size = len(before) + 1 if lines else 0
            if before and not after:
                continue  # it only closes what is closed
        lines.append(line)
        size += len(line) + 1
    return [piece for piece in [*pieces, "\n".join(lines)] if piece.strip()]


def _fitting_lines(text: str, limit: int) -> Iterator[tuple[str, str, str]]:
    """Yield (line, fence it stands in, fence that is open after it); no line is longer than a piece may be."""
    fence = ""
    for line in text.split("\n"):
        before, fence = fence, _after(fence, line, limit)
        room = limit - (len(before) + 1 + _to_close(before) if before and fence else 0)
        *heads, last = _cut(line, room, is_code=bool(before)) if len(line) > room else (line,)
        yield from ((head, before, before) for head in heads)
        yield last, before, fence


def _after(fence: str, line: str, limit: int) -> str:
    """Return the line that opened the fence that is open after `line`, "" for none."""
    match = _FENCE.fullmatch(line)
    if fence:
        is_end = match and line.rstrip() == line and len(line) >= len(_closing(fence)) and set(line) <= set("> `")
        return "" if is_end and line.startswith(_closing(fence)) else fence
    return line if match and len(line) + _to_close(line) + 1 + _MIN_ROOM <= limit else ""


@lru_cache(maxsize=16)
def _closing(fence: str) -> str:
    match = _FENCE.fullmatch(fence)
    return match[1] + match[2] if match else ""


def _to_close(fence: str) -> int:
    return len(_closing(fence)) + 1 if fence else 0


def _cut(line: str, room: int, *, is_code: bool) -> Iterator[str]:
    """Yield a line in pieces of at most `room` runes, each of which begins with the line's quote."""
    quote = "" if is_code else (_QUOTE.match(line) or [""])[0]
    if len(quote) >= room:
        quote = ""
    at = len(quote)
    width = room - len(quote)  # of what is new in a piece
    while len(line) - at > width:
        blank = -1 if is_code else line.rfind(" ", at, at + width + 1)
        if blank > at:
            yield quote + line[at:blank]
            at = blank + 1
        else:
            end = at + width - (width > 1 and line[at + width - 1] == "\\")
            yield quote + line[at:end]
            at = end
    yield quote + line[at:]
