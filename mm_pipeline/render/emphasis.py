"""Where Slack's `*bold*`, `_italic_` and `~strike~` begin and end in a line. Writes nothing, and is as quick as the line is long."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

#: Marks count where a word begins and ends, and hold no blank on their inner side. No mark stands in `\_(ツ)_/`.
_OPENS = re.compile(r"(?<![\w*\\])\*(?![\s*])|(?<![\w\\])_(?![\s_])|(?<![\w~\\])~(?![\s~])")
_CLOSES = re.compile(r"(?<=[^\s*])\*(?![\w*])|(?<=[^\s_])_(?!\w)|(?<=[^\s~])~(?![\w~])")
#: Characters from a mark to the one that closes it: one pattern for both would look so far from every mark.
_FARTHEST = 3002


class Emphasis(NamedTuple):
    """A run of a line: line[start] and line[end] are its marks."""

    mark: str
    start: int
    end: int


def emphases(line: str) -> Iterator[Emphasis]:
    """Yield the runs that stand in no other run, from left to right."""
    closing: dict[str, list[int]] | None = None
    position = 0
    for opening in _OPENS.finditer(line):
        mark, start = opening[0], opening.start()
        if start < position:
            continue
        if closing is None:
            closing = _closing(line, start)
        ends = closing[mark]
        nearest = bisect_left(ends, start + 2)
        if nearest < len(ends) and ends[nearest] - start <= _FARTHEST:
            yield Emphasis(mark, start, ends[nearest])
            position = ends[nearest] + 1


def _closing(line: str, start: int) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {"*": [], "_": [], "~": []}
    for match in _CLOSES.finditer(line, start):
        places[match[0]].append(match.start())
    return places
