"""Slack's Block Kit blocks -> Markdown. Knows no message around them; rich_text has a page of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import escape_label, escape_words, link, table
from mm_pipeline.render.mrkdwn import mrkdwn, plain_text, unescaped
from mm_pipeline.render.references import without_token
from mm_pipeline.render.rich_text import rich_text
from mm_pipeline.render.values import Json, object_at, objects, objects_at, text_at

_MAX_DEPTH = 20
#: Where words may stand in a block that nobody knows yet.
_WORDS = ("title", "header", "text", "label", "description", "fallback", "alt_text", "value", "name", "url")
_NESTED = ("blocks", "elements", "fields", "items", "rows", "accessory", "element", "body")


def blocks_text(blocks: Any, lookups: Lookups) -> str:
    """Return a list of blocks as Markdown; "" where they say nothing."""
    parts = [part for block in objects(blocks) if (part := block_text(block, lookups).strip("\n"))]
    return "\n\n".join(parts)


def block_text(block: Json, lookups: Lookups, depth: int = 0) -> str:
    """Return one block, or one element of a block, as Markdown."""
    kind = block.get("type")
    if kind == "rich_text":
        return rich_text(block, lookups)
    write = _BLOCKS.get(kind) if type(kind) is str else None
    return write(block, lookups, depth) if write and depth < _MAX_DEPTH else _unknown(block, lookups, depth)


def text_object(value: Any, lookups: Lookups) -> str:
    """Return a text object: mrkdwn, or plain text, in which only emoji mean more than what they say."""
    if isinstance(value, str):
        return mrkdwn(value, lookups)
    if not isinstance(value, dict):
        return ""
    write = plain_text if value.get("type") == "plain_text" else mrkdwn
    return write(text_at(value, "text"), lookups)


def _said(value: Any) -> str:
    """Return the bare words of a text object or string, for a label."""
    return unescaped(value if isinstance(value, str) else text_at(value, "text") if isinstance(value, dict) else "")


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part.strip())


def _section(block: Json, lookups: Lookups, depth: int) -> str:
    fields = [text_object(field, lookups) for field in objects_at(block, "fields")]
    accessory = block_text(object_at(block, "accessory"), lookups, depth + 1) if block.get("accessory") else ""
    return _lines(text_object(block.get("text"), lookups), *fields, accessory)


def _context(block: Json, lookups: Lookups, depth: int) -> str:
    parts = [block_text(element, lookups, depth + 1) for element in objects_at(block, "elements")]
    return " ".join(part for part in parts if part)


def _header(block: Json, lookups: Lookups, _: int) -> str:
    words = " ".join(text_object(block.get("text"), lookups).split())
    return f"#### {words}" if words else ""


def _image(block: Json, lookups: Lookups, _: int) -> str:
    """Name an image and link it: shown in place it would be fetched from its host by everybody who scrolls by."""
    url = text_at(block, "image_url") or text_at(object_at(block, "slack_file"), "url")
    alt = unescaped(text_at(block, "alt_text"))
    words = _said(block.get("title")) or alt
    shown = link(escape_label(words or "image"), without_token(url)) if url else escape_words(words)
    return shown if not alt or alt == words else f"{shown} {escape_words(alt)}"


def _actions(block: Json, lookups: Lookups, depth: int) -> str:
    parts = [block_text(element, lookups, depth + 1) for element in objects_at(block, "elements")]
    return " · ".join(part for part in parts if part)


def _control(block: Json, lookups: Lookups, _: int) -> str:
    """A button, menu or field: what was written on it. It does nothing any more, unless it was a link."""
    words = next((text for key in _CONTROL if (text := text_object(block.get(key), lookups))), "")
    url = text_at(block, "url")
    if url and words:
        return link(escape_label(_said(block.get("text")) or url), without_token(url))
    options = [text_object(option.get("text"), lookups) for option in objects_at(block, "options")[:25]]
    initial = text_object(object_at(block, "initial_option").get("text"), lookups)
    said = [text for text in (words, initial if initial != words else "") if text]
    return " / ".join(said or [option for option in options if option])


_CONTROL = ("text", "placeholder", "initial_value")


def _input(block: Json, lookups: Lookups, depth: int) -> str:
    element = block_text(object_at(block, "element"), lookups, depth + 1) if block.get("element") else ""
    return _lines(text_object(block.get("label"), lookups), element, text_object(block.get("hint"), lookups))


def _video(block: Json, lookups: Lookups, _: int) -> str:
    title = _said(block.get("title")) or unescaped(text_at(block, "alt_text"))
    url = text_at(block, "title_url", "video_url")
    shown = link(escape_label(title or url), without_token(url)) if url else escape_words(title)
    author = escape_words(unescaped(f"{text_at(block, 'author_name')} {text_at(block, 'provider_name')}".strip()))
    return _lines(shown, author, text_object(block.get("description"), lookups))


def _table(block: Json, lookups: Lookups, depth: int) -> str:
    rows = block.get("rows")
    cells = (
        [[_cell(cell, lookups, depth) for cell in objects(row)] for row in rows if isinstance(row, list)]
        if (isinstance(rows, list))
        else []
    )
    return table(cells)


def _cell(cell: Json, lookups: Lookups, depth: int) -> str:
    if cell.get("type") == "raw_text":
        return escape_words(text_at(cell, "text"))
    return block_text(cell, lookups, depth + 1)


def _call(block: Json, lookups: Lookups, _: int) -> str:
    call = object_at(object_at(block, "call"), "v1") or object_at(block, "call")
    url = text_at(call, "join_url", "desktop_app_join_url")
    name = text_at(call, "name") or "Call"
    return link(escape_label(name), without_token(url)) if url else escape_words(name)


def _markdown(block: Json, _: Lookups, __: int) -> str:
    return text_at(block, "text")


def _divider(_: Json, __: Lookups, ___: int) -> str:
    return "---"


def _unknown(block: Json, lookups: Lookups, depth: int) -> str:
    """Return the words of a block of a kind that nobody knows yet, in the order in which Slack's blocks have them."""
    if depth >= _MAX_DEPTH:
        return ""
    parts: list[str] = []
    for key in _WORDS:
        value = block.get(key)
        if isinstance(value, dict) and not isinstance(value.get("text"), str):
            words = _unknown(value, lookups, depth + 1)
        else:
            words = text_object(value, lookups)
        if words and words not in parts:
            parts.append(words)
    for key in _NESTED:
        value = block.get(key)
        inner = [value] if isinstance(value, dict) else objects(value)
        parts += [words for one in inner if (words := block_text(one, lookups, depth + 1))]
    return "\n".join(parts)


_BLOCKS: Mapping[str, Callable[[Json, Lookups, int], str]] = {
    "section": _section,
    "context": _context,
    "header": _header,
    "divider": _divider,
    "image": _image,
    "actions": _actions,
    "context_actions": _actions,
    "input": _input,
    "video": _video,
    "table": _table,
    "call": _call,
    "markdown": _markdown,
    "mrkdwn": lambda block, lookups, _: text_object(block, lookups),
    "plain_text": lambda block, lookups, _: text_object(block, lookups),
    "button": _control,
    "workflow_button": _control,
    "static_select": _control,
    "users_select": _control,
    "conversations_select": _control,
    "channels_select": _control,
    "external_select": _control,
    "multi_static_select": _control,
    "overflow": _control,
    "datepicker": _control,
    "timepicker": _control,
    "plain_text_input": _control,
    "checkboxes": _control,
    "radio_buttons": _control,
}
