"""Slack's rich_text block -> Markdown: its four kinds of blocks and all their inline elements. Knows no other block."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from mm_pipeline.render.emoji import MATTERMOST_EMOJI, emoji_name, emoji_text
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import code_block, guarded_item, quote
from mm_pipeline.render.references import (
    broadcast_span,
    channel_span,
    date_span,
    link_span,
    user_span,
    usergroup_span,
    without_token,
)
from mm_pipeline.render.span import BOLD, CODE, ITALIC, READY, STRIKE, WORDS, Span, paragraph
from mm_pipeline.render.values import Json, number_at, object_at, objects_at, text_at

#: Lists in lists in quotes: Slack's editor goes six deep, hostile input may go further.
_MAX_DEPTH = 20
_MAX_INDENT = 9
_MAX_OFFSET = 9999
_STYLES = (("bold", BOLD), ("italic", ITALIC), ("strike", STRIKE))


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A block of the text. `kind` decides how far it must stand from its neighbours."""

    text: str
    kind: str
    style: str = ""
    depth: int = 0


def rich_text(block: Json, lookups: Lookups) -> str:
    """Return a rich_text block as Markdown."""
    return _joined(_parts(block, lookups, 0))


def inline(elements: list[Json], lookups: Lookups) -> list[Span]:
    """Return the inline elements of a section as spans."""
    return [span for element in elements if (span := _span(element, lookups)).text]


# --- blocks of a text


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
    spans = inline(elements, lookups) if elements else [_span(element, lookups)]
    text = paragraph(spans)
    return _Part(text=text.removesuffix("\n"), kind="section")


def _quote(element: Json, lookups: Lookups, level: int) -> _Part:
    text = _section(element, lookups, level).text.strip("\n")
    return _Part(text=quote(text) if text else "", kind="quote")


def _preformatted(element: Json, lookups: Lookups) -> _Part:
    code = "".join(_code_text(one, lookups) for one in objects_at(element, "elements")).strip("\n")
    if not code.strip():
        return _Part(text="", kind="code")
    text = code_block(code, text_at(element, "language"))
    return _Part(text=quote(text), kind="quote") if number_at(element, "border") else _Part(text=text, kind="code")


def _code_text(element: Json, lookups: Lookups) -> str:
    if element.get("type") == "link":
        url, label = without_token(text_at(element, "url")), text_at(element, "text")
        return label or url if not (label and url) or url.endswith(label) else f"{label} ({url})"
    return _span(element, lookups).text


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


# --- inline elements


def _style(element: Json) -> int:
    style = element.get("style")
    return sum(value for name, value in _STYLES if style.get(name)) if isinstance(style, dict) else 0


def _span(element: Json, lookups: Lookups) -> Span:
    kind = element.get("type")
    write = _ELEMENTS.get(kind) if type(kind) is str else None
    return (write or _text)(element, lookups)


def _text(element: Json, lookups: Lookups) -> Span:
    """Words, also those of an element that nobody knows yet."""
    text = text_at(element, "text", "fallback", "value", "name", "url")
    style = element.get("style")
    if not isinstance(style, dict):
        return Span(text)
    return Span(text, _style(element), CODE if style.get("code") else WORDS)


def _link(element: Json, lookups: Lookups) -> Span:
    url, label = text_at(element, "url"), text_at(element, "text")
    is_code = bool(object_at(element, "style").get("code"))
    return link_span(url, label, lookups, _style(element), is_code=is_code) if url else _text(element, lookups)


def _emoji(element: Json, lookups: Lookups) -> Span:
    name = text_at(element, "name")
    name, _, tone = name.partition("::skin-tone-")
    tone = tone[:1] or (str(number_at(element, "skin_tone")) if element.get("skin_tone") else "")
    known = not name or name in lookups.emoji or emoji_name(name, lookups.emoji) in MATTERMOST_EMOJI
    character = "" if known else _character(text_at(element, "unicode"))
    written = character or (emoji_text(name, tone, lookups.emoji) if name else text_at(element, "text"))
    return Span(written, _style(element), READY)


def _character(codes: str) -> str:
    """Return the character of `1fae1-1f3fd`, or ""."""
    try:
        return "".join(chr(int(code, 16)) for code in codes.split("-"))
    except (ValueError, OverflowError):
        return ""


def _user(element: Json, lookups: Lookups) -> Span:
    slack_id = text_at(element, "user_id")
    return user_span(slack_id, text_at(element, "text", "name"), lookups, _style(element)) if slack_id else Span("")


def _channel(element: Json, lookups: Lookups) -> Span:
    slack_id = text_at(element, "channel_id")
    label = text_at(element, "text", "name")
    return channel_span(slack_id, label, lookups, _style(element)) if slack_id else Span("")


def _usergroup(element: Json, lookups: Lookups) -> Span:
    slack_id = text_at(element, "usergroup_id")
    label = text_at(element, "text", "name")
    return usergroup_span(slack_id, label, lookups, _style(element)) if slack_id else Span("")


def _broadcast(element: Json, lookups: Lookups) -> Span:
    range_ = text_at(element, "range")
    return broadcast_span(range_, _style(element)) or Span(f"@{range_}" if range_ else "")


def _date(element: Json, lookups: Lookups) -> Span:
    fallback, pattern = text_at(element, "fallback"), text_at(element, "format")
    timestamp = number_at(element, "timestamp")
    return date_span(timestamp, pattern, text_at(element, "url"), fallback, lookups, _style(element))


def _named(key: str) -> Callable[[Json, Lookups], Span]:
    def span(element: Json, lookups: Lookups) -> Span:
        return Span(text_at(element, key, "text"), _style(element))

    return span


_ELEMENTS: Mapping[Any, Callable[[Json, Lookups], Span]] = {
    "text": _text,
    "link": _link,
    "emoji": _emoji,
    "user": _user,
    "channel": _channel,
    "usergroup": _usergroup,
    "broadcast": _broadcast,
    "date": _date,
    "color": _named("value"),
    "team": _named("team_id"),
    "citation": _named("text"),
}
