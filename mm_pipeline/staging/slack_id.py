"""Slack ids: how those of messages, files and reactions are put together, and kept short enough for an index. Reads no objects."""

import re
from hashlib import sha1
from typing import Any

#: Characters of a part of an id. Slack's have 9-13, emoji names up to 100; a row of an index has room for 2,704 bytes in all.
_LONGEST = 120
_TS = re.compile(r"(?!0+(?:\.|$))\d{1,11}(?:\.\d{1,9})?", re.ASCII)


def slack_id(value: Any) -> str | None:
    """Return a value as a part of an id, or None if it is no text. Absurdly long ones are cut and told apart by a hash."""
    if not isinstance(value, str) or not value:
        return None
    if len(value) <= _LONGEST:
        return value
    return f"{value[: _LONGEST - 20]}~{sha1(value.encode(), usedforsecurity=False).hexdigest()[:16]}"


def ts_of(value: Any) -> str | None:
    """Return Slack's ts as text ("1517436010.000936"), or None if it tells no time. Numbers are taken as well."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        value = str(value)
    text: str = value
    return text if _TS.fullmatch(text) else None


def microseconds(ts: str) -> int:
    """Return a ts as microseconds since the epoch, by its digits: a float would round 0.6 % of them into another ms."""
    if len(ts) == 17 and ts[10] == ".":
        return int(ts[:10] + ts[11:])
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def message_id(channel: str, ts: str, copy: int = 1) -> str:
    """Return the id of a message; `copy` 2, 3 ... for other messages with the very same ts."""
    return f"{channel}:{ts}" if copy == 1 else f"{channel}:{ts}#{copy}"
