"""What holds for every message, however odd."""

import html
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mm_pipeline.render.message import RenderedMessage, render_message
from mm_pipeline_tests.hostile.any_message import ANY_JSON, KEYS, MESSAGES
from mm_pipeline_tests.render.people import LOOKUPS

_ALNUM = re.compile(r"[^\W_]+")


@settings(max_examples=400, deadline=None)
@given(MESSAGES, st.lists(st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=6), max_size=3))
def test_rendering_never_raises_and_always_says_the_same(raw: dict[str, Any], lost: list[dict[str, Any]]) -> None:
    rendered = render_message(raw, LOOKUPS, lost_files=lost)

    assert isinstance(rendered, RenderedMessage)
    assert "\x00" not in rendered.text
    assert rendered == render_message(raw, LOOKUPS, lost_files=lost)


@settings(max_examples=400, deadline=None)
@given(
    st.text(
        st.characters(exclude_characters=":\u200b", exclude_categories=("Cs", "Cc")) | st.sampled_from("\n*_~`>#|-")
    )
)
def test_no_word_of_a_plain_text_is_lost(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}

    from_text = render_message({"text": escaped, "files": [{"id": "F0"}]}, LOOKUPS)
    from_blocks = render_message({"blocks": [{"type": "rich_text", "elements": [section]}], "files": [{}]}, LOOKUPS)

    assert _words(from_text.text) == _ALNUM.findall(text)
    assert _words(from_blocks.text) == _ALNUM.findall(text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("abc *_~`\"'(.太я", min_size=1, max_size=8),
            st.dictionaries(st.sampled_from(["bold", "italic", "strike", "code"]), st.just(True)),
        ),
        max_size=6,
    )
)
def test_no_word_is_lost_between_styles(runs: list[tuple[str, dict[str, bool]]]) -> None:
    elements = [{"type": "text", "text": text, "style": style} for text, style in runs]
    section = {"type": "rich_text_section", "elements": elements}

    rendered = render_message(
        {"blocks": [{"type": "rich_text", "elements": [section]}], "files": [{"id": "F0"}]}, LOOKUPS
    )

    assert "".join(_words(rendered.text)) == "".join(_ALNUM.findall("".join(text for text, _ in runs)))


@pytest.mark.parametrize("key", ["blocks", "elements", "attachments", "accessory", "value"])
def test_deep_nests_end(key: str) -> None:
    nest: Any = {"type": "rich_text_section", "text": "the bottom"}
    for _ in range(20_000):
        nest = {"type": "hologram" if key == "accessory" else "rich_text_section", key: [nest]}
    blocks = [{"type": "rich_text", "elements": [nest]}, nest]

    assert isinstance(render_message({"blocks": blocks, "attachments": [nest, {"fields": [nest]}]}, LOOKUPS).text, str)


def test_marks_in_marks_in_marks_end() -> None:
    text = "*_" * 5000 + "the bottom" + "_*" * 5000

    assert "the bottom" in render_message({"text": text}, LOOKUPS).text


_MENTION = re.compile(
    r"(?<!\w)@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE
)  # as Mattermost finds them (text_formatting.tsx)
_TYPED = st.sampled_from(
    ["@channel", "@all", "@Here,", "@mara", "mara@fjord.example", "@", "channel", " ", "*", "_", ":", "x"]
)
_CALLS = st.sampled_from(
    [
        {"type": "broadcast", "range": "channel"},
        {"type": "user", "user_id": "U0OLEK"},
        {"type": "user", "user_id": "U0GONE"},
        {"type": "usergroup", "usergroup_id": "S0NOBODY", "text": "nobody"},
        {"type": "emoji", "name": "wave"},
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        _CALLS | st.lists(_TYPED, min_size=1).map(lambda parts: {"type": "text", "text": "".join(parts)}), max_size=6
    )
)
def test_nobody_is_mentioned_whom_slack_did_not_mention(elements: list[dict[str, Any]]) -> None:
    typed = "".join(element.get("text", " ") for element in elements if element["type"] == "text")
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]

    rendered = render_message({"blocks": blocks, "files": [{}]}, LOOKUPS)

    called = any(element["type"] == "broadcast" for element in elements)
    mentioned = {name.lower().rstrip("._-") for name in _MENTION.findall(rendered.text)}
    assert all(f"@{name}" in typed.lower() or called for name in mentioned & {"here", "all", "channel", "mara"})
    assert "tuva" not in mentioned
    if mentioned & {"here", "all", "channel"} and not called:
        assert rendered.props["mentionHighlightDisabled"] is True


@settings(max_examples=400, deadline=None)
@given(MESSAGES)
def test_no_message_calls_everybody_that_did_not_in_slack(raw: dict[str, Any]) -> None:
    rendered = render_message(raw, LOOKUPS)

    if re.search(r"(?<![\w@])@(here|channel|all)(?![\w-])", rendered.text):
        assert rendered.props.get("mentionHighlightDisabled") or re.search(r"broadcast|<!", repr(raw))


#: Where words stand in what Slack's apps send; each `{}` becomes a word of its own.
_PLACES = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "{} *{}*"}, "fields": [{"type": "plain_text", "text": "{}"}]},
    {"type": "section", "text": {"type": "mrkdwn", "text": "&gt; {}"}, "accessory": {"type": "button", "text": {"text": "{}"}}},
    {"type": "header", "text": {"type": "plain_text", "text": "{} #"}},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "{}"}, {"type": "image", "image_url": "https://a.b/{}", "alt_text": "{}"}]},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "{}|{}"}, {"type": "raw_number", "value": 1, "text": "{}"}]]},
    {"type": "data_visualization", "title": "{}", "chart": {"segments": [{"label": "{}", "value": 2}]}},
    {"type": "card", "title": "{}", "subtitle": "{}", "body": "{}", "actions": [{"type": "button", "text": {"text": "{}"}}]},
    {"type": "container", "title": "{}", "child_blocks": [{"type": "divider"}, {"type": "header", "text": {"text": "{}"}}]},
    {"type": "task_card", "title": "{}", "status": "error", "sources": [{"type": "url", "url": "https://a.b/{}", "text": "{}"}]},
    {"type": "actions", "elements": [{"type": "checkboxes", "initial_options": [{"text": {"text": "{}"}}]}]},
    {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "ordered", "border": 1, "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "{}\n{}"}]}]}]},
    {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "{}"}]}]},
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "hologram", "title": "{}", "url": "https://a.b/{}"}]}]},
    {"type": "hologram", "caption": "{}", "child_blocks": [{"type": "section", "text": "{}"}]},
]  # fmt: skip
_ATTACHED = [
    {"pretext": "{}", "author_name": "{}", "title": "{}", "text": "{}", "footer": "{}", "fields": [{"title": "{}", "value": "{}"}]},
    {"is_share": True, "author_name": "{}", "channel_id": "D0", "ts": "1700000000", "text": "{}"},
    {"fallback": "{}", "color": "danger"},
    {"service_name": "{}", "text": "\u2022 {}\n{}", "actions": [{"text": "{}", "url": "https://a.b/{}"}]},
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_PLACES), max_size=5), st.lists(st.sampled_from(_ATTACHED), max_size=3))
def test_no_word_of_a_card_is_lost(blocks: list[Any], attachments: list[Any]) -> None:
    attachments = [*attachments, {"blocks": blocks}]
    text = json.dumps({"blocks": blocks, "attachments": attachments}).split("{}")
    words = [f"gull{number}x" for number in range(len(text) - 1)]
    raw = json.loads("".join(part + word for part, word in zip(text, [*words, ""], strict=True)))

    rendered = render_message(raw, LOOKUPS)

    assert [word for word in words if word not in rendered.text] == []


def _words(markdown: str) -> list[str]:
    """The words that Mattermost shows: without backslashes that escape, entities and characters without width."""
    plain = re.sub(r"\\([^\w\s])", r"\1", markdown).replace("\u200b", "")
    return _ALNUM.findall(html.unescape(plain))
