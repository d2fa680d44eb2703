"""The custom emoji of an export: what its lists and its pictures tell. Reads no files."""

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from mm_pipeline.staging.slack_id import slack_id

#: Where exports and other exporters keep the list; Slack's own for administrators have none.
EMOJI_FILES = ("emoji.json", "emojis/index.json", "emoji_list.json", "emojis.json", "emojis/emoji.json", "index.json")
EMOJI_FOLDER = "emojis"
_PICTURE = re.compile(r"emojis/([^/]+)\.(?:png|gif|jpe?g|webp)", re.IGNORECASE)
_ALIAS = "alias:"


class CustomEmoji(msgspec.Struct, frozen=True, kw_only=True):
    """A custom emoji: a picture (its URL, its file in the export) or another name of one."""

    name: str
    url: str | None = None
    alias: str | None = None
    file: str | None = None


def pictures(file_names: Collection[str]) -> dict[str, str]:
    """Return file by emoji name, out of all files of an export."""
    return {found[1]: name for name in sorted(file_names) if (found := _PICTURE.fullmatch(name))}


def listed(said: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name, what is said of it) out of a list of emoji, in any of the shapes that exporters write."""
    if isinstance(said, dict) and isinstance(said.get("emoji"), dict | list):
        said = said["emoji"]  # the API's answer, kept whole
    if isinstance(said, dict):
        yield from said.items()
    elif isinstance(said, list):
        yield from ((e["name"], e) for e in said if isinstance(e, dict) and isinstance(e.get("name"), str))


def custom_emoji(name: str, said: Any, pictures: dict[str, str], file_names: Collection[str]) -> CustomEmoji | None:
    """Return an emoji, or None if it has neither picture nor alias. `said`: a URL, "alias:x", a file, or an object of them."""
    if isinstance(said, dict):
        alias, url = said.get("alias_for") or said.get("alias"), said.get("url") or said.get("image")
        said = f"{_ALIAS}{alias}" if isinstance(alias, str) and alias else url
    said, kept = said if isinstance(said, str) else "", slack_id(name)
    if kept is None:
        return None
    if said.startswith(_ALIAS):
        return CustomEmoji(name=kept, alias=slack_id(said.removeprefix(_ALIAS)))
    file = pictures.get(name) or (said if said in file_names else None)
    url = said if said.startswith(("http://", "https://", "data:")) else None
    return CustomEmoji(name=kept, url=url, file=file) if url or file else None
