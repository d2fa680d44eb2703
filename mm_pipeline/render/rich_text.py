"""Slack's rich_text block -> Markdown: its sections, lists, quotes and code. Knows no other block."""

from collections.abc import Callable, Iterator
from itertools import groupby, pairwise

import msgspec

from mm_pipeline.render.inline import code_text, inline, span_of
from mm_pipeline.render.line import paragraph
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import code_block, guarded_item, heading, quote
from mm_pipeline.render.text_objects import text_object
from mm_pipeline.values import Json, number_at, objects_at, text_at

#: Lists in lists in quotes: Slack's editor goes six deep, hostile input may go further.
_MAX_DEPTH = 20
_MAX_INDENT = 9
_MAX_OFFSET = 9999
#: The last number that Romans write without a line above it.
_MAX_ROMAN = 3999


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A block of the text. `kind` decides how far it must stand from its neighbours."""

    text: str
    kind: str
    style: str = ""
    depth: int = 0
    is_quoted: bool = False  #: parts that follow each other so are one quote


def rich_text(block: Json, lookups: Lookups) -> str:
    """Return a rich_text block as Markdown."""
    return _joined(_parts(block, lookups, 0))


def _parts(block: Json, lookups: Lookups, level: int) -> Iterator[_Part]:
    previous: _Part | None = None
    for element in objects_at(block, "elements") if level < _MAX_DEPTH else ():
        kind = element.get("type")
        if kind == "rich_text_list":
            part = _list(element, lookups, previous, level)
        elif kind == "rich_text_quote":
            part = _quote(element, lookups, level)
        elif kind == "rich_text_preformatted":
            part = _preformatted(element, lookups)
        elif kind == "rich_text_header":
            part = _Part(text=heading(text_object(element.get("text"), lookups)), kind="section")
        elif kind == "rich_text_divider":
            part = _Part(text="---", kind="divider")
        else:
            part = _section(element, lookups, level)
        if part.text:
            yield part
            previous = part


def _joined(parts: Iterator[_Part]) -> str:
    """Join blocks by line breaks: two after a quote or a list, which would swallow the next line."""
    given = list(parts)
    if len(given) == 1 and not given[0].is_quoted:
        return given[0].text  # five messages of six
    out: list[str] = []
    kind = ""
    for is_quoted, group in groupby(given, key=lambda part: part.is_quoted):
        run = list(group)
        text = _stacked(run)
        away = bool(out) and kind in ("list", "quote", "divider")
        out += ["\n\n" if away else "\n"] if out else []
        out.append(quote(text) if is_quoted else text.lstrip("\n") if away else text)
        kind = "quote" if is_quoted else run[-1].kind
    return "".join(out)


def _stacked(parts: list[_Part]) -> str:
    out = parts[0].text
    for before, part in pairwise(parts):
        close = before.kind == part.kind == "list" and not (part.style == "literal" != before.style)
        away = not close and (before.kind in ("list", "divider") or part.kind == "divider")
        out += ("\n\n" + part.text.lstrip("\n")) if away else "\n" + part.text
    return out


def _section(element: Json, lookups: Lookups, level: int) -> _Part:
    elements = objects_at(element, "elements")
    if any(type(one.get("type")) is str and one["type"].startswith("rich_text_") for one in elements):
        return _Part(text=_joined(_parts(element, lookups, level + 1)), kind="section")
    spans = inline(elements, lookups) if elements else [span_of(element, lookups)]
    text = paragraph(spans)
    return _Part(text=text.removesuffix("\n"), kind="section")


def _quote(element: Json, lookups: Lookups, level: int) -> _Part:
    text = _section(element, lookups, level).text.strip("\n")
    return _Part(text=text, kind="section", is_quoted=True)


def _preformatted(element: Json, lookups: Lookups) -> _Part:
    code = "".join(code_text(one, lookups) for one in objects_at(element, "elements")).strip("\n")
    text = code_block(code, text_at(element, "language")) if code.strip() else ""
    return _Part(text=text, kind="code", is_quoted=bool(number_at(element, "border")))


def _number(number: int, depth: int) -> str:
    """Return the mark of an ordered item as Slack counts: 1., a., i. by depth. Mattermost only counts 1., 2., 3.,
    so letters and Roman numbers become words behind a bullet."""
    count = _COUNTS[depth % len(_COUNTS)]
    return f"{number}." if count is None else f"- {count(number)}."


def _letters(number: int) -> str:
    letters = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters


def _roman(number: int) -> str:
    if number > _MAX_ROMAN:
        return str(number)
    roman = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        roman += letters * count
    return roman


_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
#: The two styles of a list that is to be ticked off.
_BOXES = {"checked": "[x] ", "unchecked": "[ ] "}
_COUNTS: tuple[Callable[[int], str] | None, ...] = (None, _letters, _roman)


def _list(element: Json, lookups: Lookups, previous: _Part | None, level: int) -> _Part:
    """Write a list at most one level deeper than the one before it, as Mattermost takes more for code.

    Numbers and bullets at one level would be one list to Mattermost: the second kind is then written as words.
    """
    style = "ordered" if element.get("style") == "ordered" else "bullet"
    box = _BOXES.get(text_at(element, "style"), "")
    is_quoted = bool(number_at(element, "border"))
    follows = previous is not None and previous.kind == "list" and previous.is_quoted == is_quoted
    indent = min(max(number_at(element, "indent"), 0), _MAX_INDENT)
    # words that stand for a list's items hold no list of their own
    depth = min(indent, previous.depth + (previous.style != "literal") if previous and follows else 0)
    clashes = previous is not None and follows and previous.depth == depth and previous.style != style
    style_now = "literal" if clashes else style
    lines = []
    first = min(max(number_at(element, "offset"), 0), _MAX_OFFSET) + 1
    for index, item in enumerate(objects_at(element, "elements")):
        mark = _number(first + index, indent) if style == "ordered" else "-"
        if style_now == "literal":
            mark = mark.removeprefix("- ").replace(".", "\\.") if style == "ordered" else "•"
        lines.append(_item(mark, depth, box, _section(item, lookups, level + 1).text.strip("\n")))
    return _Part(text="\n".join(lines), kind="list", style=style_now, depth=depth, is_quoted=is_quoted)


def _item(mark: str, depth: int, box: str, text: str) -> str:
    indent = "    " * depth
    width = len(mark.partition(" ")[0]) + 1  # of `-` or `10.` alone: four blanks more would make code of a line
    first, *others = text.split("\n")
    rest = "".join(f"\n{indent}{' ' * width}{line}" if line else "\n" for line in others)
    return f"{indent}{mark} {box}{guarded_item(first)}{rest}"
