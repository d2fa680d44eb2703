"""One Slack message -> the text, type and props of a Mattermost post. Knows no server, no account, no file's bytes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mm_pipeline.render.attachments import attachments_text
from mm_pipeline.render.blocks import blocks_text
from mm_pipeline.render.everybody import only_typed
from mm_pipeline.render.files import lost_file_line, lost_files_text
from mm_pipeline.render.huddle import huddle_text
from mm_pipeline.render.line import line_markdown
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import escape_words, paragraphs, stacked
from mm_pipeline.render.mrkdwn import mrkdwn, unescaped
from mm_pipeline.render.references import user_span
from mm_pipeline.render.subtypes import SUBTYPES, UNKNOWN, Subtype
from mm_pipeline.values import Json, milliseconds, object_at, objects, objects_at, text_at

#: Blanks to Python and to readers, and what PostgreSQL and Mattermost refuse.
_NOTHING = " \n\t\r\u200b\ufeff"
#: Blocks that stand beside a message's text instead of repeating it.
_ILLUSTRATING = frozenset({"call", "image", "video", "file", "actions", "context_actions", "divider"})
_ICONS = ("image_72", "image_64", "image_48", "image_36", "image_original", "url")
#: Runes of a prop that Mattermost shows in a notice; its own header takes 1,024, its purpose 250.
_PROP_RUNES = 1024

#: Mattermost's own mark of a post whose `@all` is no mention: nobody's view is highlighted, and the words stay as they are.
_NO_CALL = {"mentionHighlightDisabled": True}


class RenderedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as Mattermost is to show it."""

    text: str  #: the whole text; may be longer than a post takes
    type: str = ""  #: Mattermost's post type
    props: dict[str, Any] = {}
    override_username: str = ""  #: the name that a bot's or bridge's message carried
    override_icon: str = ""  #: and its picture's address
    edit_at: int = 0  #: ms; 0 = never edited


def render_message(
    raw: Mapping[str, Any], lookups: Lookups, *, lost_files: Sequence[Mapping[str, Any]] = ()
) -> RenderedMessage:
    """Return what becomes of a Slack message. Never raises, whatever the fields of `raw` hold.

    `lost_files` are the message's Slack files whose bytes will not hang on the post: the text says what they were.
    """
    name = text_at(raw, "subtype")
    subtype = SUBTYPES.get(name, UNKNOWN)
    text = _text(raw, name, subtype, lookups)
    # a comment on a file names it, but what the file held stands where it was shared
    files = objects(list(lost_files))
    lost = stacked(map(lost_file_line, files)) if name == "file_comment" else lost_files_text(files)
    post_type, props = subtype.post_type, {}
    if post_type == "me":
        # as Mattermost's own /me does; it takes the asterisks off before it shows the text
        text = f"*{text}*" if text else ""
    elif post_type and _is_notice(raw, lost):
        props = _props(raw, subtype, lookups)
    else:
        post_type = ""
    if only_typed(text, raw):
        props = props | _NO_CALL
    bot = _bot_name(raw, name)
    return RenderedMessage(
        text=paragraphs(text, lost, subtype.adds and f"*{subtype.adds}*").replace("\x00", ""),
        type=post_type,
        props=props,
        override_username=bot,
        override_icon=_bot_icon(raw) if bot else "",
        edit_at=milliseconds(object_at(raw, "edited").get("ts")),
    )


def _body(raw: Json, lookups: Lookups) -> str:
    """Return what the blocks say, else the text; both where the blocks only illustrate it, as a call's card does."""
    shown = blocks_text(raw.get("blocks"), lookups)
    kinds = {text_at(block, "type") for block in objects_at(raw, "blocks")}
    if shown and not kinds <= _ILLUSTRATING:
        return shown
    said = mrkdwn(text_at(raw, "text"), lookups)
    return paragraphs(said if said.strip(_NOTHING) not in shown else "", shown)


def _text(raw: Json, name: str, subtype: Subtype, lookups: Lookups) -> str:
    """Return the words of a message: its blocks, else its text; then what its attachments add."""
    body = _body(raw, lookups)
    if name == "file_comment":
        body = _file_comment(raw, body, lookups)
    elif body and subtype.props:
        body = _with_new_value(raw, body, subtype, lookups)
    attached = attachments_text(raw.get("attachments"), body, lookups)
    said = [part for part in (body, huddle_text(raw, lookups), attached) if part.strip(_NOTHING)]
    if said:
        return paragraphs(*said)
    if _has_files(raw):
        return ""
    return _instead(raw, subtype, lookups)


def _with_new_value(raw: Json, body: str, subtype: Subtype, lookups: Lookups) -> str:
    """Name the new topic, purpose or name where the sentence does not."""
    value = next((text for key in subtype.props.values() if (text := text_at(raw, key)) and key != "old_name"), "")
    return body if value in text_at(raw, "text") else f"{body}: {mrkdwn(value, lookups)}"


def _file_comment(raw: Json, body: str, lookups: Lookups) -> str:
    """Old exports: the comment stands in `comment`, and mostly in the text too."""
    comment = text_at(object_at(raw, "comment"), "comment")
    if not comment or comment in text_at(raw, "text"):
        return body
    title = text_at(object_at(raw, "file"), "title", "name")
    about = body or f"commented on {escape_words(title) if title else 'a file'}:"
    return f"{about}\n{mrkdwn(comment, lookups)}"


def _instead(raw: Json, subtype: Subtype, lookups: Lookups) -> str:
    """Return what is said where Slack gives no word."""
    said = subtype.says or "(no text)"
    for key in ("topic", "purpose", "old_name", "name"):
        said = said.replace("{" + key + "}", mrkdwn(text_at(raw, key), lookups))
    if not subtype.post_type:
        return said
    return f"{line_markdown([user_span(text_at(raw, 'user') or 'somebody', '', lookups)])} {said}"


def _has_files(raw: Json) -> bool:
    return bool(objects_at(raw, "files") or object_at(raw, "file"))


def _is_notice(raw: Json, lost: str) -> bool:
    """Whether Mattermost's notice, which shows nothing but its own sentence, says all that the message says."""
    return bool(text_at(raw, "user")) and not (lost or raw.get("attachments") or _has_files(raw))


def _props(raw: Json, subtype: Subtype, lookups: Lookups) -> dict[str, Any]:
    props = {prop: mrkdwn(text_at(raw, key), lookups)[:_PROP_RUNES] for prop, key in subtype.props.items()}
    return {"username": _username(raw, lookups)} | props


def _username(raw: Json, lookups: Lookups) -> str:
    slack_id = text_at(raw, "user")
    return lookups.users.get(slack_id) or lookups.names.get(slack_id) or slack_id


def _bot_name(raw: Json, name: str) -> str:
    """Return the name that a bot's message carried. People's uploads carry one too in old exports: their own."""
    if name != "bot_message" and not (raw.get("bot_id") and name != "file_share"):
        return ""
    return " ".join(unescaped(text_at(raw, "username")).replace("\x00", "").split())


def _bot_icon(raw: Json) -> str:
    url = text_at(object_at(raw, "icons"), *_ICONS)
    return url if url.startswith(("https://", "http://")) and "xox" not in url else ""
