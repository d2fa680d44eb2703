"""The sample holds every kind of conversation, message, block, text element and file that Slack exports. Reads the JSON alone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mm_pipeline_tests.examples.test_sample import ENTRIES, FILES, FOLDERS, INDEX, INDEXED, SAID, USERS, Json

PEOPLE = {user["id"]: user for user in USERS}
WRITERS = {said.message.get("user") for said in SAID}


def people_of(entry: Json) -> int:
    return len(set(entry["members"]))


def is_called(pattern: Callable[[str], bool]) -> list[Json]:
    return [entry for entry in INDEX["channels"] if pattern(entry["name"])]


def plain(name: str) -> str:
    """Return a name without its accents."""
    return name.replace("é", "e")


#: What a conversation can be -> those of the sample that are it.
CONVERSATIONS: dict[str, list[Any]] = {
    "public": [e for e in INDEX["channels"] if not e["is_archived"]],
    "general": [e for e in INDEX["channels"] if e["is_general"]],
    "private by its file, with the id of a public one": [e for e in INDEX["groups"] if e["id"].startswith("C")],
    "private, with an id of old": [e for e in INDEX["groups"] if e["id"].startswith("G")],
    "direct": [e for e in INDEX["dms"] if people_of(e) == 2],
    "with oneself, named once": [e for e in INDEX["dms"] if len(e["members"]) == 1],
    "with oneself, named twice": [e for e in INDEX["dms"] if len(e["members"]) == 2 and people_of(e) == 1],
    "with a bot": [e for e in INDEX["dms"] if any(PEOPLE.get(m, {}).get("is_bot") for m in e["members"])],
    "with Slackbot": [e for e in INDEX["dms"] if "USLACKBOT" in e["members"]],
    "with somebody of whom nothing is known": [e for e in INDEX["dms"] if set(e["members"]) - PEOPLE.keys() - WRITERS - {"USLACKBOT"}],
    "of three": [e for e in INDEX["mpims"] if people_of(e) == 3],
    "of eight": [e for e in INDEX["mpims"] if people_of(e) == 8],
    "of nine, more than a group channel takes": [e for e in INDEX["mpims"] if people_of(e) == 9],
    "of the same people as another": [
        (one, two) for one in INDEX["mpims"] for two in INDEX["mpims"]
        if one["id"] < two["id"] and set(one["members"]) == set(two["members"])
    ],
    "with a guest": [e for e in ENTRIES if any(PEOPLE.get(m, {}).get("is_restricted") for m in e["members"])],
    "with somebody deactivated": [e for e in ENTRIES if any(PEOPLE.get(m, {}).get("deleted") for m in e["members"])],
    "archived": [e for e in INDEX["channels"] if e["is_archived"]],
    "private and archived": [e for e in INDEX["groups"] if e["is_archived"]],
    "shared with another workspace": [e for e in ENTRIES if e.get("is_ext_shared")],
    "shared within an organisation": [e for e in ENTRIES if e.get("is_org_shared")],
    "renamed": [e for e in ENTRIES if e.get("previous_names")],
    "beyond ASCII": is_called(lambda name: not name.isascii()),
    "of one name with another but for an accent": [
        e for e in INDEX["channels"] if not e["name"].isascii() and is_called(lambda name, e=e: name == plain(e["name"]))
    ],
    "with a topic and a purpose": [e for e in ENTRIES if any(e.get(k, {}).get("value") for k in ("topic", "purpose"))],
    "without a word": [e for e in INDEX["channels"] if e["name"] not in FOLDERS],
    "about a canvas": [folder for folder in FOLDERS if folder.startswith("FC_")],
    "a folder that no index knows": sorted(FOLDERS - INDEXED),
}  # fmt: skip

#: `subtype`s that exports have been seen with, and those that Slack documents for what people can read.
SUBTYPES = [
    "app_conversation_leave",
    "bookmark_added",
    "bot_add",
    "bot_message",
    "bot_remove",
    "channel_archive",
    "channel_canvas_updated",
    "channel_convert_to_private",
    "channel_join",
    "channel_leave",
    "channel_name",
    "channel_posting_permissions",
    "channel_purpose",
    "channel_tab_added",
    "channel_tab_removed",
    "channel_topic",
    "channel_unarchive",
    "file_comment",
    "file_mention",
    "file_share",
    "group_archive",
    "group_join",
    "group_leave",
    "group_name",
    "group_purpose",
    "group_topic",
    "huddle_thread",
    "list_record_comment",
    "me_message",
    "pinned_item",
    "reminder_add",
    "reply_broadcast",
    "sh_room_created",
    "shared_channel_invite",
    "slackbot_response",
    "thread_broadcast",
    "tombstone",
    "welcome_party",
]
BLOCKS = [
    "actions",
    "button",
    "call",
    "context",
    "context_actions",
    "divider",
    "header",
    "image",
    "input",
    "markdown",
    "plain_text_input",
    "rich_text",
    "section",
    "table",
    "video",
]
#: A kind of block that nobody has heard of: Slack adds some each year.
UNHEARD_OF = "plan"
ELEMENTS = [
    "broadcast",
    "channel",
    "color",
    "date",
    "emoji",
    "link",
    "rich_text_list",
    "rich_text_preformatted",
    "rich_text_quote",
    "rich_text_section",
    "text",
    "user",
    "usergroup",
]
STYLES = ("bold", "italic", "strike", "code")
FILE_MODES = [
    "hosted",
    "snippet",
    "external",
    "hidden_by_limit",
    "tombstone",
    "quip",
    "canvas",
    "space",
    "docs",
    "list",
    "email",
]


def typed(node: Any) -> Iterator[Json]:
    """Yield every object with a type, at any depth."""
    if isinstance(node, dict):
        if "type" in node:
            yield node
        for value in node.values():
            yield from typed(value)
    elif isinstance(node, list):
        for value in node:
            yield from typed(value)


OBJECTS = list(typed([said.message.get("blocks") for said in SAID]))
KINDS = {str(one["type"]) for one in OBJECTS}
USED_STYLES = {name for one in OBJECTS if isinstance(one.get("style"), dict) for name, on in one["style"].items() if on}


@pytest.mark.parametrize("kind", CONVERSATIONS)
def test_a_conversation(kind: str) -> None:
    assert CONVERSATIONS[kind]


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_a_message_of_the_subtype(subtype: str) -> None:
    assert [said for said in SAID if said.message.get("subtype") == subtype]


def test_no_subtype_of_the_sample_is_missing_here() -> None:
    assert {said.message["subtype"] for said in SAID if "subtype" in said.message} == set(SUBTYPES)


@pytest.mark.parametrize("kind", [*BLOCKS, UNHEARD_OF])
def test_a_block(kind: str) -> None:
    assert kind in KINDS


@pytest.mark.parametrize("kind", ELEMENTS)
def test_an_element_of_rich_text(kind: str) -> None:
    assert kind in KINDS


@pytest.mark.parametrize("style", STYLES)
def test_a_style(style: str) -> None:
    assert style in USED_STYLES


@pytest.mark.parametrize("mode", FILE_MODES)
def test_a_file_of_the_mode(mode: str) -> None:
    assert [file for file in FILES if file.get("mode") == mode]
