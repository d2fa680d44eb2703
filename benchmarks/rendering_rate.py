"""How many messages per second become Markdown on one core. Stages nothing, sends nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any
from zipfile import ZipFile

from figures import Figure, at_least, figure

from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.message import render_message

BOUND_MESSAGES_S = 10_000
_LISTS = {"channels.json": "channels", "groups.json": "channels", "users.json": "users"}


def rendering(what: str, export: Path, repeat: int) -> Iterator[Figure]:
    """Render every message of an export (zip) `repeat` times; yield the best, by CPU seconds of this one thread."""
    lookups = lookups_of(export)
    runs = [_rendered(export, lookups) for _ in range(repeat)]
    messages, runes, seconds = min(runs, key=lambda run: run[2])
    yield at_least(f"{what}: rendering, best of {repeat}", messages / seconds, "messages/s", BOUND_MESSAGES_S)
    yield figure(f"{what}: messages", messages, "messages")
    yield figure(f"{what}: text", runes / messages, "characters a message")


def _rendered(export: Path, lookups: Lookups) -> tuple[int, int, float]:
    """Return messages, characters of text, and CPU seconds; reading the export is not counted."""
    messages = runes = 0
    seconds = 0.0
    for day in days_of(export):
        began = process_time()
        rendered = [render_message(message, lookups) for message in day]
        seconds += process_time() - began
        messages += len(rendered)
        runes += sum(len(one.text) for one in rendered)
    return messages, runes, seconds


def days_of(export: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield the messages of an export, a day file at a time."""
    with ZipFile(export) as archive:
        for name in archive.namelist():
            if "/" in name and name.endswith(".json"):
                entries = json.loads(archive.read(name))
                if isinstance(entries, list):
                    yield [entry for entry in entries if isinstance(entry, dict) and "ts" in entry]


def lookups_of(export: Path) -> Lookups:
    """Return names for all people and channels that the export lists, as if each had been created."""
    found: dict[str, dict[str, str]] = {"channels": {}, "users": {}}
    with ZipFile(export) as archive:
        for name in archive.namelist():
            if listed := _LISTS.get(name.rsplit("/", 1)[-1] if name.count("/") == 0 else ""):
                found[listed] |= {one["id"]: str(one.get("name", one["id"])) for one in json.loads(archive.read(name))}
    return Lookups(
        users=found["users"],
        names=found["users"],
        channels=found["channels"],
        channel_labels=found["channels"],
        usergroups={},
        emoji={},
        permalink=None,
    )
