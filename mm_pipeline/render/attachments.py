"""Slack's attachments (bots' cards, shared messages, unfurled links) -> Markdown quotes. Knows no message around them."""

import re
from typing import Any

from mm_pipeline.render.blocks import blocks_text
from mm_pipeline.render.colours import colour_square
from mm_pipeline.render.files import file_line
from mm_pipeline.render.line import line_markdown
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import escape_label, escape_words, led, link, paragraphs, quote, stacked
from mm_pipeline.render.mrkdwn import mrkdwn, unescaped
from mm_pipeline.render.references import channel_span, date_text, link_span, user_span, without_token
from mm_pipeline.render.span import Span
from mm_pipeline.values import Json, milliseconds, objects, objects_at, text_at

#: What makes another address of one.
_GOES_ON = re.compile(r"/?+(?:[\w/%&=-]|\?\w)")
_IMAGES = ("image_url", "thumb_url")
#: Attachments that Slack lets a message have. Of further ones nobody looks whether the text says the same.
_SLACKS_MOST = 100


def attachments_text(attachments: Any, body: str, lookups: Lookups) -> str:
    """Return what attachments add to `body` (the message's own text, as Markdown), each as a quote."""
    parts = []
    for place, attachment in enumerate(objects(attachments)):
        if place < _SLACKS_MOST and _repeats(attachment, body):
            continue
        pretext = mrkdwn(text_at(attachment, "pretext"), lookups)
        said = _shared(attachment, lookups) if _is_shared(attachment) else _card(attachment, lookups)
        if not (pretext or said):
            said = mrkdwn(text_at(attachment, "fallback"), lookups)
        if not said and not pretext:
            said = _source(attachment, lookups)
        parts += [pretext, quote(said) if said else ""]
    return paragraphs(*parts)


def _is_shared(attachment: Json) -> bool:
    return bool(attachment.get("is_share") or attachment.get("is_msg_unfurl") or attachment.get("is_reply_unfurl"))


def _repeats(attachment: Json, body: str) -> bool:
    """Whether it only shows what is behind a link of the text. Mattermost previews links by itself.

    What an app or somebody's message put there is more than that.
    """
    if _is_shared(attachment) or attachment.get("is_app_unfurl") or attachment.get("blocks"):
        return False
    urls = (unescaped(text_at(attachment, key)).rstrip("/") for key in ("from_url", "original_url"))
    return any(url and _leads_to(url, body) for url in urls)


def _leads_to(url: str, body: str) -> bool:
    """Whether the Markdown holds this address, not only a longer one that begins like it."""
    for spelling in {url, link("", url)}:
        at = body.find(spelling)
        while at >= 0:
            if not _GOES_ON.match(body, at + len(spelling)):
                return True
            at = body.find(spelling, at + 1)
    return False


def _card(attachment: Json, lookups: Lookups) -> str:
    """Write a card in the order in which Slack shows it."""
    shown = blocks_text(attachment.get("blocks") or attachment.get("message_blocks"), lookups)
    text = mrkdwn(text_at(attachment, "text"), lookups)
    lines = [
        _service(attachment, lookups),
        _author(attachment, lookups),
        _title(attachment, lookups),
        text if text not in shown else "",
        *(_field(field, lookups) for field in objects_at(attachment, "fields")),
        shown,
        *(file_line(file) for file in objects_at(attachment, "files")),
        _image(attachment),
        " · ".join(filter(None, (_action(action, lookups) for action in objects_at(attachment, "actions")))),
    ]
    said = stacked(lines)
    return stacked([_coloured(said, attachment), _footer(attachment, lookups)]) if said else ""


def _coloured(said: str, attachment: Json) -> str:
    """Put the colour of the card's bar in front. That of an unfurled page is its site's and says nothing."""
    square = "" if text_at(attachment, "from_url", "original_url") else colour_square(text_at(attachment, "color"))
    return led(square, said) if square else said


def _service(attachment: Json, lookups: Lookups) -> str:
    name = text_at(attachment, "service_name")
    is_said = name in (text_at(attachment, "author_name"), text_at(attachment, "title"))
    return _linked(name, text_at(attachment, "service_url"), lookups) if name and not is_said else ""


def _author(attachment: Json, lookups: Lookups) -> str:
    name, url = text_at(attachment, "author_name"), text_at(attachment, "author_link")
    if not name:
        return ""
    shown = _linked(name, url, lookups)
    subname = unescaped(text_at(attachment, "author_subname"))
    return f"{shown} {escape_words(subname)}" if subname and subname != name else shown


def _title(attachment: Json, lookups: Lookups) -> str:
    title = " ".join(text_at(attachment, "title").split())
    return f"**{_linked(title, text_at(attachment, 'title_link', 'from_url'), lookups)}**" if title else ""


def _linked(words: str, url: str, lookups: Lookups) -> str:
    """Return the words as a link, unless they hold one themselves (`<url|label>`)."""
    if "<" in words:
        return mrkdwn(words, lookups)
    words = unescaped(words)
    return link(escape_label(words), without_token(unescaped(url))) if url else escape_words(words)


def _field(field: Json, lookups: Lookups) -> str:
    title = " ".join(unescaped(text_at(field, "title")).split())
    said = field.get("value")
    value = mrkdwn(str(said) if type(said) in (int, float) else text_at(field, "value"), lookups)
    if not title:
        return value
    gap = "\n" if "\n" in value else " "
    return f"**{escape_words(title)}**{gap}{value}" if value else f"**{escape_words(title)}**"


def _image(attachment: Json) -> str:
    url = without_token(unescaped(text_at(attachment, *_IMAGES)))
    return link("image", url) if url.startswith(("http://", "https://")) else ""


def _action(action: Json, lookups: Lookups) -> str:
    words, url = text_at(action, "text", "name"), text_at(action, "url")
    if not words or not url:
        return mrkdwn(words, lookups)
    return link(escape_label(unescaped(words)), without_token(unescaped(url)))


def _footer(attachment: Json, lookups: Lookups) -> str:
    footer = mrkdwn(text_at(attachment, "footer"), lookups)
    seconds = milliseconds(attachment.get("ts")) // 1000
    return " · ".join(filter(None, (footer, date_text(seconds) if seconds else "")))


def _source(attachment: Json, lookups: Lookups) -> str:
    """Return the bare address of a card that says nothing else."""
    url = unescaped(text_at(attachment, "from_url", "original_url", "title_link", "service_url", *_IMAGES))
    return line_markdown([link_span(url, "", lookups)]) if url else ""


# --- shared messages


def _shared(attachment: Json, lookups: Lookups) -> str:
    """Write who wrote it, where and when, then the message with its files."""
    inner = objects_at(attachment, "message_blocks")
    from_blocks = [
        blocks_text(message.get("blocks"), lookups) for one in inner for message in objects([one.get("message")])
    ]
    said = paragraphs(*from_blocks) or blocks_text(attachment.get("blocks"), lookups)
    if not said:
        said = mrkdwn(text_at(attachment, "text") or text_at(attachment, "fallback"), lookups)
    card = {key: value for key, value in attachment.items() if key in ("title", "title_link", "fields", *_IMAGES)}
    files = [file_line(file) for file in objects_at(attachment, "files")]
    return stacked([_shared_by(attachment, lookups), said, _card(card, lookups), *files])


def _shared_by(attachment: Json, lookups: Lookups) -> str:
    """Return `author in ~channel, date (link):`. A direct conversation is neither named nor linked."""
    author_id, name = text_at(attachment, "author_id"), unescaped(text_at(attachment, "author_name", "author_subname"))
    channel_id = text_at(attachment, "channel_id")
    spans = [user_span(author_id, name, lookups) if author_id else Span(name or "A message")]
    is_direct = channel_id.startswith("D")
    if channel_id and not is_direct:
        spans += [Span(" in "), channel_span(channel_id, text_at(attachment, "channel_name"), lookups)]
    elif footer := unescaped(text_at(attachment, "footer")):
        spans.append(Span(f", {footer}"))
    if seconds := milliseconds(attachment.get("ts")) // 1000:
        spans.append(Span(f", {date_text(seconds)}"))
    url = unescaped(text_at(attachment, "from_url", "original_url"))
    if url and not is_direct:
        spans += [Span(" ("), link_span(url, "original", lookups), Span(")")]
    return line_markdown(spans) + ":"
