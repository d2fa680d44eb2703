"""Slack's Block Kit blocks -> Markdown. Knows no message around them; rich_text has a page of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from mm_pipeline.render.controls import CONTROLS, control
from mm_pipeline.render.line import line_markdown
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import escape_label, escape_words, heading, link, paragraphs, stacked
from mm_pipeline.render.mrkdwn import unescaped
from mm_pipeline.render.references import link_span, without_token
from mm_pipeline.render.rich_text import rich_text
from mm_pipeline.render.span import Span
from mm_pipeline.render.tables import chart_text, table_text
from mm_pipeline.render.text_objects import said, text_object, titled
from mm_pipeline.values import Json, object_at, objects, objects_at, text_at

_MAX_DEPTH = 20
#: Where words may stand in a block that nobody knows yet.
_WORDS = (
    "title", "header", "subtitle", "caption", "text", "label", "description",
    "fallback", "alt_text", "value", "name", "url",
)  # fmt: skip
_NESTED = (
    "blocks", "elements", "fields", "items", "rows", "accessory", "element", "body",
    "child_blocks", "button", "actions", "details", "output", "sources",
)  # fmt: skip


def blocks_text(blocks: Any, lookups: Lookups, depth: int = 0) -> str:
    """Return a list of blocks as Markdown; "" where they say nothing."""
    return paragraphs(*(block_text(block, lookups, depth).strip("\n") for block in objects(blocks)))


def block_text(block: Json, lookups: Lookups, depth: int = 0) -> str:
    """Return one block, or one element of a block, as Markdown."""
    kind = block.get("type")
    if kind == "rich_text":
        return rich_text(block, lookups)
    write = _BLOCKS.get(kind) if type(kind) is str else None
    return write(block, lookups, depth) if write and depth < _MAX_DEPTH else _unknown(block, lookups, depth)


def _section(block: Json, lookups: Lookups, depth: int) -> str:
    fields = [text_object(field, lookups) for field in objects_at(block, "fields")]
    accessory = block_text(object_at(block, "accessory"), lookups, depth + 1) if block.get("accessory") else ""
    return stacked([text_object(block.get("text"), lookups), *fields, accessory])


def _context(block: Json, lookups: Lookups, depth: int) -> str:
    parts = [block_text(element, lookups, depth + 1) for element in objects_at(block, "elements")]
    return stacked(parts) if any("\n" in part for part in parts) else " ".join(filter(None, parts))


def _header(block: Json, lookups: Lookups, _: int) -> str:
    return heading(text_object(block.get("text"), lookups))


def _image(block: Json, lookups: Lookups, _: int) -> str:
    """Name an image and link it: shown in place it would be fetched from its host by everybody who scrolls by."""
    url = text_at(block, "image_url") or text_at(object_at(block, "slack_file"), "url")
    alt = unescaped(text_at(block, "alt_text"))
    words = said(block.get("title")) or alt
    shown = link(escape_label(words or "image"), without_token(url)) if url else escape_words(words)
    return shown if not alt or alt == words else f"{shown} {escape_words(alt)}"


def _actions(block: Json, lookups: Lookups, depth: int) -> str:
    parts = [block_text(element, lookups, depth + 1) for element in objects_at(block, "elements")]
    return " · ".join(part for part in parts if part)


def _input(block: Json, lookups: Lookups, depth: int) -> str:
    element = block_text(object_at(block, "element"), lookups, depth + 1) if block.get("element") else ""
    return stacked([text_object(block.get("label"), lookups), element, text_object(block.get("hint"), lookups)])


def _video(block: Json, lookups: Lookups, _: int) -> str:
    title = said(block.get("title")) or unescaped(text_at(block, "alt_text"))
    url = text_at(block, "title_url", "video_url")
    shown = link(escape_label(title or url), without_token(url)) if url else escape_words(title)
    author = escape_words(unescaped(f"{text_at(block, 'author_name')} {text_at(block, 'provider_name')}".strip()))
    return stacked([shown, author, text_object(block.get("description"), lookups)])


def _table(block: Json, lookups: Lookups, depth: int) -> str:
    return table_text(block, lookups, lambda cell: block_text(cell, lookups, depth + 1))


def _call(block: Json, lookups: Lookups, _: int) -> str:
    call = object_at(object_at(block, "call"), "v1") or object_at(block, "call")
    url = text_at(call, "join_url", "desktop_app_join_url")
    name = text_at(call, "name") or "Call"
    return link(escape_label(name), without_token(url)) if url else escape_words(name)


def _markdown(block: Json, _: Lookups, __: int) -> str:
    return text_at(block, "text")


def _divider(_: Json, __: Lookups, ___: int) -> str:
    return "---"


def _card(block: Json, lookups: Lookups, depth: int) -> str:
    """A card, or a container of other blocks: title, subtitle, what it holds, its buttons."""
    rich_title = object_at(block, "rich_text_title")
    picture = object_at(block, "hero_image") or object_at(block, "icon")
    return stacked(
        [
            block_text(rich_title, lookups, depth + 1) if rich_title else titled(block.get("title"), lookups),
            text_object(block.get("subtitle"), lookups),
            text_object(block.get("body"), lookups),
            blocks_text(block.get("child_blocks"), lookups, depth + 1),
            block_text(picture, lookups, depth + 1) if picture else "",
            _actions({"elements": block.get("actions")}, lookups, depth),
        ]
    )


def _task(block: Json, lookups: Lookups, depth: int) -> str:
    """What an assistant did: `title - status`, how, with what result, from which pages."""
    status = text_at(block, "status").replace("_", " ")
    title = f"{titled(block.get('title'), lookups)}{f' – {escape_words(status)}' if status else ''}"
    details = [block_text(object_at(block, key), lookups, depth + 1) for key in ("details", "output")]
    return stacked([title, *details, _actions({"elements": block.get("sources")}, lookups, depth)])


def _plan(block: Json, lookups: Lookups, depth: int) -> str:
    return stacked([titled(block.get("title"), lookups), blocks_text(block.get("tasks"), lookups, depth + 1)])


def _source(block: Json, lookups: Lookups, _: int) -> str:
    url, words = text_at(block, "url"), said(block.get("text"))
    return line_markdown([link_span(url, words, lookups) if url else Span(words)])


def _carousel(block: Json, lookups: Lookups, depth: int) -> str:
    return blocks_text(block.get("elements"), lookups, depth + 1)


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
    return stacked(parts)


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
    "data_table": _table,
    "data_visualization": lambda block, lookups, _: chart_text(block, lookups),
    "card": _card,
    "container": _card,
    "carousel": _carousel,
    "plan": _plan,
    "task_card": _task,
    "url": _source,
} | {kind: lambda block, lookups, _: control(block, lookups) for kind in CONTROLS}
