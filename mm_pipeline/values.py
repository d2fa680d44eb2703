"""Looks into JSON of which nothing is certain: a value of the wrong type is as good as none. Raises nothing."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

#: What no number of Slack's reaches. Larger ones are no floats, and have thousands of digits.
_ABSURD = 10**18


def text_at(raw: Json, *keys: str) -> str:
    """Return the first of the keys that holds a non-empty string, or ""."""
    for key in keys:
        value = raw.get(key)
        if type(value) is str and value:
            return value
    return ""


def words_at(raw: Json, key: str) -> str:
    """Return a string without the blanks around it, or ""."""
    return text_at(raw, key).strip()


def number_at(raw: Json, key: str) -> int:
    """Return a whole number below 10^18, or 0. Slack writes numbers as strings here and there."""
    value = raw.get(key)
    if type(value) is str and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    return int(value) if (type(value) is int or type(value) is float) and abs(value) < _ABSURD else 0


def object_at(raw: Json, key: str) -> Json:
    """Return an object, or an empty one."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def objects_at(raw: Json, key: str) -> list[Json]:
    """Return the objects of a list, or none."""
    return objects(raw.get(key))


def objects(value: Any) -> list[Json]:
    """Return the objects of what should be a list of them, or none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """Return the strings of what should be a list of them, or none."""
    return [one for one in value if type(one) is str and one] if isinstance(value, list) else []


def milliseconds(ts: Any) -> int:
    """Return Slack's `1612687732.210000` (also as a number of seconds) as ms, cut and never through a float; or 0."""
    if type(ts) is int and abs(ts) < _ABSURD:
        ts = str(ts)
    elif type(ts) is float and abs(ts) < 1e12:
        ts = f"{ts:.6f}"
    if type(ts) is not str or len(ts) > 40:
        return 0
    seconds, _, fraction = ts.partition(".")
    if not (seconds.isascii() and seconds.isdigit()) or (fraction and not (fraction.isascii() and fraction.isdigit())):
        return 0
    return int(seconds) * 1000 + int((fraction + "000")[:3])
