"""Slack's blocks, rich text among them, as words that a post must hold. Knows no message around them."""

from collections.abc import Iterable
from typing import Any

from mm_pipeline_tests.checker.export import Json
from mm_pipeline_tests.checker.markup import (
    BROADCASTS,
    add_emoji,
    add_link,
    add_markup,
    add_mention,
    add_words,
    unescaped,
)
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.words import TOUCH, Seen

#: Parts of blocks that are menus, not text.
MENUS = {"accessory", "confirm", "placeholder", "options", "option_groups", "initial_option", "alt_text", "value"}
#: Text objects without markup.
PLAIN = {"plain_text", "raw_text"}


def add_block(block: Json, seen: Seen, names: Names) -> None:
    """Demand what a reader saw of a block, or of a part of one."""
    if block.get("type") == "rich_text":
        _add_rich(objects(block.get("elements")), seen, names)
    elif block.get("type") == "markdown":
        add_words(str(block.get("text") or ""), seen)
    elif block.get("type") == "mrkdwn":
        add_markup(block.get("text"), seen, names)
    elif block.get("type") in PLAIN and isinstance(block.get("text"), str):
        add_words(unescaped(block["text"]), seen)
    else:
        for key, value in block.items():
            if key not in MENUS:
                for part in _nested(value):
                    add_block(part, seen, names)
        if block.get("type") == "image":
            _add_image(block, seen)


def objects(value: Any) -> list[Json]:
    """Return the objects of what should be a list of them, or none."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _add_image(block: Json, seen: Seen) -> None:
    """A picture from elsewhere is at least linked, and called by its title or else by what is said of it."""
    if isinstance(block.get("image_url"), str):
        add_link(block["image_url"], "", seen)
    if not block.get("title") and isinstance(block.get("alt_text"), str):
        seen.add(unescaped(block["alt_text"]))


def _nested(value: Any) -> Iterable[Json]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _nested(entry)


def _add_rich(elements: list[Json], seen: Seen, names: Names) -> None:
    run: list[str] = []
    for element in elements:
        if element.get("type") == "text":
            run.append(str(element.get("text") or ""))
            continue
        seen.add(TOUCH.join(run))
        run = []
        _add_element(element, seen, names)
    seen.add(TOUCH.join(run))


def _add_element(element: Json, seen: Seen, names: Names) -> None:
    match element.get("type"):
        case "user":
            add_mention(str(element.get("user_id")), "", seen, names)
        case "channel":
            seen.add_any(names.channels.get(str(element.get("channel_id")), ()))
        case "link":
            add_link(str(element.get("url") or ""), str(element.get("text") or ""), seen)
        case "emoji":
            tone = element.get("skin_tone")
            add_emoji(f"{element.get('name')}::skin-tone-{tone}" if tone else str(element.get("name")), seen)
        case "broadcast":
            seen.add_any(BROADCASTS.get(str(element.get("range")), ("",)))
        case "date":
            seen.add(str(element.get("fallback") or ""))
        case "color":
            seen.add(str(element.get("value") or ""))
        case "usergroup" | "team":
            pass
        case _:
            seen.add(element["text"] if isinstance(element.get("text"), str) else "")
            _add_rich(objects(element.get("elements")), seen, names)
