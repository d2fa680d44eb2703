"""The inline elements of Slack's rich_text -> spans: words, links, emoji, names, dates. Knows no list, quote or code block."""

from collections.abc import Callable, Mapping
from typing import Any

from mm_pipeline.render.emoji import MATTERMOST_EMOJI, emoji_name, emoji_text
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.references import (
    broadcast_span,
    channel_span,
    date_span,
    date_text,
    link_span,
    user_span,
    usergroup_span,
    without_token,
)
from mm_pipeline.render.span import BOLD, CODE, ITALIC, READY, STRIKE, WORDS, Span
from mm_pipeline.values import Json, milliseconds, number_at, object_at, text_at

_STYLES = (("bold", BOLD), ("italic", ITALIC), ("strike", STRIKE))

#: Names the thing that an element without words stands for.
_IDS = ("file_id", "record_id", "entity_id", "workflow_id", "id")


def inline(elements: list[Json], lookups: Lookups) -> list[Span]:
    """Return the inline elements of a section as spans."""
    return [span for element in elements if (span := span_of(element, lookups)).text]


def code_text(element: Json, lookups: Lookups) -> str:
    """Return an inline element as it reads inside a block of code."""
    if element.get("type") == "link":
        url, label = without_token(text_at(element, "url")), text_at(element, "text")
        return label or url if not (label and url) or url.endswith(label) else f"{label} ({url})"
    return span_of(element, lookups).text


def _style(element: Json) -> int:
    style = element.get("style")
    return sum(value for name, value in _STYLES if style.get(name)) if isinstance(style, dict) else 0


def span_of(element: Json, lookups: Lookups) -> Span:
    """Return one inline element; its words, where nobody knows its kind yet."""
    kind = element.get("type")
    write = _ELEMENTS.get(kind) if type(kind) is str else None
    return (write or _mention)(element, lookups)


def _text(element: Json, lookups: Lookups) -> Span:
    text = text_at(element, "text")
    style = element.get("style")
    if not isinstance(style, dict):
        return Span(text)
    return Span(text, _style(element), CODE if style.get("code") else WORDS)


def _mention(element: Json, lookups: Lookups) -> Span:
    """Something of Slack's that has a name or an address: a canvas, a list's item, a workflow; and what is new to us."""
    words = text_at(element, "text", "label", "title", "fallback", "value", "name")
    if url := text_at(element, "url", "permalink"):
        return link_span(url, words, lookups, _style(element))
    return _text({**element, "text": words or text_at(element, *_IDS)}, lookups)


def _message(element: Json, lookups: Lookups) -> Span:
    """A mention of a message: leads to the imported post, if it is there."""
    channel, ts = (
        text_at(element, "channel_id", "root_message_channel"),
        text_at(element, "message_ts", "root_message_ts"),
    )
    words = text_at(element, "text") or f"message of {date_text(milliseconds(ts) // 1000)}"
    url = (lookups.permalink and lookups.permalink(channel, ts)) or text_at(element, "url")
    return link_span(url, words, lookups, _style(element)) if url else Span(words, _style(element))


def _link(element: Json, lookups: Lookups) -> Span:
    url, label = text_at(element, "url"), text_at(element, "text")
    label = "" if label.isspace() else label
    is_code = bool(object_at(element, "style").get("code"))
    if is_code and not label and url.startswith("mailto:"):
        return Span(url.removeprefix("mailto:"), _style(element), CODE)
    return link_span(url, label, lookups, _style(element), is_code=is_code) if url else _mention(element, lookups)


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
    "canvas_user_mention": _user,
    "message_mention": _message,
    "canvas_message_unfurl": _message,
}
