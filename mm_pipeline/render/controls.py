"""Buttons, menus and inputs of Slack's blocks -> what is written on them. They do nothing any more, unless they were links."""

from collections.abc import Iterator

from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import escape_label, link
from mm_pipeline.render.references import without_token
from mm_pipeline.render.text_objects import said, text_object
from mm_pipeline.values import Json, object_at, objects_at, text_at

#: Kinds of element that are written by `control`.
CONTROLS = frozenset(
    {
        "button", "workflow_button", "icon_button", "feedback_buttons", "overflow",
        "static_select", "users_select", "conversations_select", "channels_select", "external_select",
        "multi_static_select", "multi_users_select", "multi_conversations_select", "multi_channels_select",
        "multi_external_select", "datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons",
        "plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input",
    }
)  # fmt: skip
_WRITTEN_ON = ("text", "placeholder")
_FILLED_IN = ("initial_value", "initial_date", "initial_time")
_MAX_OPTIONS = 25


def control(element: Json, lookups: Lookups) -> str:
    """Return what was written on an element, and what was filled in or chosen; else what there was to choose from."""
    url, words = text_at(element, "url"), said(element.get("text"))
    if url and words:
        return link(escape_label(words), without_token(url))
    written = [text_object(element.get(key), lookups) for key in (*_WRITTEN_ON, *_FILLED_IN)]
    chosen = [_label(option, lookups) for option in _chosen(element)]
    thumbs = [_label(object_at(element, key), lookups) for key in ("positive_button", "negative_button")]
    parts = [part for part in (*written, *chosen, *thumbs) if part]
    return " / ".join(dict.fromkeys(parts or [_label(option, lookups) for option in _options(element)]))


def _chosen(element: Json) -> list[Json]:
    option = object_at(element, "initial_option")
    return ([option] if option else []) + objects_at(element, "initial_options")


def _options(element: Json) -> Iterator[Json]:
    groups = [element, *objects_at(element, "option_groups")]
    return (option for group in groups for option in objects_at(group, "options")[:_MAX_OPTIONS])


def _label(option: Json, lookups: Lookups) -> str:
    return text_object(option.get("text"), lookups)
