"""Slack's rich_text block -> Markdown: its sections, lists, quotes and code. Knows no other block."""

from collections.abc import Callable, Iterator

import msgspec

from mm_pipeline.render.inline import code_text, inline, span_of
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import code_block, guarded_item, quote
from mm_pipeline.render.span import paragraph
from mm_pipeline.render.values import Json, number_at, objects_at, text_at

#: Lists in lists in quotes: Slack's editor goes six deep, hostile input may go further.
_MAX_DEPTH = 20
_MAX_INDENT = 9
_MAX_OFFSET = 9999


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A block of the text. `kind` decides how far it must stand from its neighbours."""

    text: str
    kind: str
    style: str = ""
    depth: int = 0


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
        else:
            part = _section(element, lookups, level)
        if part.text:
            yield part
            previous = part


def _joined(parts: Iterator[_Part]) -> str:
    """Join blocks by line breaks: two after a quote or a list, which would swallow the next line."""
    out: list[str] = []
    before: _Part | None = None
    for part in parts:
        text = part.text
        if before:
            close = before.kind == part.kind == "list" and not (part.style == "literal" != before.style)
            away = before.kind in ("list", "quote") and not close
            text = text.lstrip("\n") if away else text
            out.append("\n\n" if away else "\n")
        out.append(text)
        before = part
    return "".join(out)


def _section(element: Json, lookups: Lookups, level: int) -> _Part:
    elements = objects_at(element, "elements")
    if any(type(one.get("type")) is str and one["type"].startswith("rich_text_") for one in elements):
        return _Part(text=_joined(_parts(element, lookups, level + 1)), kind="section")
    spans = inline(elements, lookups) if elements else [span_of(element, lookups)]
    text = paragraph(spans)
    return _Part(text=text.removesuffix("\n"), kind="section")


def _quote(element: Json, lookups: Lookups, level: int) -> _Part:
    text = _section(element, lookups, level).text.strip("\n")
    return _Part(text=quote(text) if text else "", kind="quote")


def _preformatted(element: Json, lookups: Lookups) -> _Part:
    code = "".join(code_text(one, lookups) for one in objects_at(element, "elements")).strip("\n")
    if not code.strip():
        return _Part(text="", kind="code")
    text = code_block(code, text_at(element, "language"))
    return _Part(text=quote(text), kind="quote") if number_at(element, "border") else _Part(text=text, kind="code")


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
    roman = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        roman += letters * count
    return roman


_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_COUNTS: tuple[Callable[[int], str] | None, ...] = (None, _letters, _roman)


def _list(element: Json, lookups: Lookups, previous: _Part | None, level: int) -> _Part:
    """Write a list at most one level deeper than the one before it, as Mattermost takes more for code.

    Numbers and bullets at one level would be one list to Mattermost: the second kind is then written as words.
    """
    style = "ordered" if element.get("style") == "ordered" else "bullet"
    follows = previous is not None and previous.kind == "list"
    indent = min(max(number_at(element, "indent"), 0), _MAX_INDENT)
    depth = min(indent, previous.depth + 1 if previous and follows else 0)
    is_quoted = bool(number_at(element, "border"))
    clashes = previous is not None and follows and previous.depth == depth and previous.style != style
    style_now = "literal" if clashes else style
    lines = []
    first = min(max(number_at(element, "offset"), 0), _MAX_OFFSET) + 1
    for index, item in enumerate(objects_at(element, "elements")):
        mark = _number(first + index, indent) if style == "ordered" else "-"
        if style_now == "literal":
            mark = mark.removeprefix("- ").replace(".", "\\.") if style == "ordered" else "•"
        lines.append(_item(mark, depth, _section(item, lookups, level + 1).text.strip("\n")))
    text = "\n".join(lines)
    if is_quoted and text:
        return _Part(text=quote(text), kind="quote")
    return _Part(text=text, kind="list", style=style_now, depth=depth)


def _item(mark: str, depth: int, text: str) -> str:
    indent = "    " * depth
    first, *others = text.split("\n")
    rest = "".join(f"\n{indent}{' ' * (len(mark) + 1)}{line}" if line else "\n" for line in others)
    return f"{indent}{mark} {guarded_item(first)}{rest}"
