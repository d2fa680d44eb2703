"""What Mattermost takes for a name, and the valid name nearest to Slack's. Knows nothing of what is taken where."""

import re
import unicodedata
from collections.abc import Iterator
from zlib import crc32

from mm_pipeline.mattermost import limits

#: Runes in a username, channel name, display name or emoji name; the limits of Mattermost's own validators.
NAME_MAX = 64
#: Refused by the server, or read as a mention of everybody by people (`here`).
RESERVED_USERNAMES = limits.RESERVED_USERNAMES | {"here"}

_EMOJI_NAME = re.compile(r"[a-z0-9_+-]{1,64}")

#: Latin letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)


def is_username(name: str) -> bool:
    """Whether a new person may be called so."""
    return limits.is_username(name) and name not in RESERVED_USERNAMES


def is_emoji_name(name: str) -> bool:
    """Whether Mattermost takes this as the name of a custom emoji (as far as its shape goes)."""
    return _EMOJI_NAME.fullmatch(name) is not None


def username_for(slack_name: str, slack_id: str) -> str:
    """Return the valid username nearest to Slack's name: a-z 0-9 . _ -, first a letter or digit, at most 64."""
    return _nearest(slack_name, r"[^a-z0-9._-]+", "-").lstrip("._-")[:NAME_MAX] or _by_id(slack_id)


def channel_name_for(slack_name: str, slack_id: str) -> str:
    """Return the valid channel name nearest to Slack's: a-z 0-9 _ -, first a letter or digit, at most 64."""
    return _nearest(slack_name, r"[^a-z0-9_-]+", "-").lstrip("_-")[:NAME_MAX] or _by_id(slack_id)


def emoji_name_for(slack_name: str) -> str:
    """Return the valid emoji name nearest to Slack's: a-z 0-9 _ + -, at most 64."""
    return _nearest(slack_name, r"[^a-z0-9_+-]+", "_")[:NAME_MAX] or f"slack_{stable_digest(slack_name)}"


class Numbers:
    """The numbers behind names that were asked for before: of ten thousand equal ones, none counts from two again."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def of(self, name: str) -> Iterator[str]:
        """Yield name, then those of name-2, name-3 ... that were not yielded before, without end, each at most 64 long."""
        yield name
        while True:
            number = self._last[name] = self._last.get(name, 1) + 1
            suffix = f"-{number}"
            yield name[: NAME_MAX - len(suffix)] + suffix


def shortened(text: str, limit: int) -> str:
    """Return the text, cut to `limit` runes with an ellipsis as the last one where it is longer."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def stable_digest(text: str) -> str:
    """Return eight letters that stand for a text that has no ASCII spelling; the same on each run."""
    return f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def _nearest(text: str, refused: str, instead: str) -> str:
    """Return the text in lower-case ASCII with refused runs replaced; "" where a letter has no ASCII spelling.

    Dropping such letters would give the name of something else: `日本語-help` is not `help`.
    """
    spelled = _ascii(text.strip().lower())
    if spelled is None:
        return ""
    valid = re.sub(refused, instead, spelled)
    return valid if valid == text.strip().lower() else valid.strip(instead)


def _ascii(text: str) -> str | None:
    letters = []
    for rune in unicodedata.normalize("NFKD", text.translate(_LETTERS)).lower().translate(_LETTERS):
        if rune.isascii():
            letters.append(rune)
        elif unicodedata.combining(rune):
            continue
        elif unicodedata.category(rune)[0] in "LN":
            return None
        else:
            letters.append(" ")
    return "".join(letters)


def _by_id(slack_id: str) -> str:
    ascii_id = slack_id.lower() if slack_id.isascii() else stable_digest(slack_id)
    return "slack-" + re.sub(r"[^a-z0-9]+", "-", ascii_id).strip("-")[:48]
