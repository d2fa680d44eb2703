"""A small Slack export of invented people, to be bent by each test: files by name. Knows nothing of where it goes."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Files = dict[str, Any]
MORNING = 1714550400


def person(user_id: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a person of users.json; `profile` adds to the profile, a value None takes the key away."""
    profile = {"real_name": name.title(), "display_name": name, "email": f"{name}@people.example"}
    profile |= more.pop("profile", {})
    kept = {key: value for key, value in profile.items() if value is not None}
    return {"id": user_id, "team_id": "T0FERN", "name": name, "deleted": False, "is_bot": False, "profile": kept} | more


def message(at: int, text: str = "hello", user: str = "U0ADA", **more: Any) -> dict[str, Any]:
    """Return a message `at` seconds into the morning."""
    return {"type": "message", "user": user, "text": text, "ts": f"{MORNING + at}.000100"} | more


def garden() -> Files:
    """Three people and their channel: forty messages, a thread, reactions."""
    people = ["U0ADA", "U0BEN", "U0CLEO"]
    day = [message(at, f"seed number {at}", people[at % 3]) for at in range(40)]
    for reply in day[0:3]:
        reply["thread_ts"] = day[0]["ts"]
    day[1]["reactions"] = [{"name": "tada", "users": ["U0CLEO", "U0ADA"], "count": 2}]
    return {
        "users.json": [person("U0ADA", "ada"), person("U0BEN", "ben"), person("U0CLEO", "cleo")],
        "channels.json": [{"id": "C0GARDEN", "name": "garden", "creator": "U0ADA", "members": people}],
        "garden/2024-05-01.json": day,
    }


def write(files: Mapping[str, Any], path: Path) -> Path:
    """Write files as a zip. Values are JSON; bytes are taken as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return path
