"""Each oddity of Slack's messages has a file: what Slack exported, and what Mattermost is to show."""

import json
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.render.message import RenderedMessage, render_message
from mm_pipeline.render.subtypes import SUBTYPES
from mm_pipeline_tests.render.people import LOOKUPS

_FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.json"))

#: Post types that the server's importer takes (model/post.go, Post.IsValid).
_POST_TYPES = {
    "",
    "me",
    "system_join_channel",
    "system_leave_channel",
    "system_header_change",
    "system_purpose_change",
    "system_displayname_change",
    "system_channel_deleted",
    "system_channel_restored",
}


@pytest.mark.parametrize("path", _FIXTURES, ids=lambda path: path.stem)
def test_a_message_reads_as_it_did_in_slack(path: Path) -> None:
    fixture = json.loads(path.read_text(encoding="utf-8"))

    rendered = render_message(fixture["slack"], LOOKUPS, lost_files=fixture.get("lost_files", ()))

    assert _told(rendered) == fixture["mattermost"]


def _told(rendered: RenderedMessage) -> dict[str, Any]:
    fields = ("type", "props", "override_username", "override_icon", "edit_at")
    return {"text": rendered.text} | {name: value for name in fields if (value := getattr(rendered, name))}


@pytest.mark.parametrize("name", sorted(SUBTYPES))
def test_no_subtype_leaves_a_message_without_a_word(name: str) -> None:
    rendered = render_message({"type": "message", "subtype": name, "user": "U0MARA", "text": "", "topic": "x"}, LOOKUPS)

    assert rendered.text.strip()
    assert rendered.type in _POST_TYPES


@pytest.mark.parametrize("name", sorted(SUBTYPES))
def test_no_subtype_hides_the_words_of_a_message(name: str) -> None:
    rendered = render_message({"subtype": name, "user": "U0MARA", "text": "seven *small* gulls"}, LOOKUPS)

    assert "seven **small** gulls" in rendered.text


def test_a_notice_names_who_it_is_about() -> None:
    notices = [name for name, subtype in SUBTYPES.items() if subtype.post_type.startswith("system_")]
    rendered = [render_message({"subtype": name, "user": "U0OLEK", "text": "x"}, LOOKUPS) for name in notices]

    assert {one.props.get("username") for one in rendered} == {"olek.b"}


def test_a_notice_of_nobody_is_an_ordinary_post() -> None:
    rendered = render_message({"subtype": "channel_join", "text": "somebody joined"}, LOOKUPS)

    assert (rendered.type, rendered.props, rendered.text) == ("", {}, "somebody joined")


def test_what_hangs_on_a_notice_is_not_hidden_by_it() -> None:
    raw = {"subtype": "channel_join", "user": "U0MARA", "text": "joined", "attachments": [{"text": "and said hello"}]}

    rendered = render_message(raw, LOOKUPS)

    assert rendered.type == ""
    assert "and said hello" in rendered.text
