"""Slack's emoji names -> Mattermost's names, or the character where Mattermost has none. Reads no picture."""

import json
import re
import unicodedata
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any
from zlib import crc32

_DATA = Path(__file__).parent / "data"

#: Slack's skin-tone-2 ... skin-tone-6 under Mattermost's names (facts: peers.md 4; Fitzpatrick types 1-2 are one).
_TONES = {"2": "light", "3": "medium_light", "4": "medium", "5": "medium_dark", "6": "dark"}
_TONE_CHARACTERS = {"2": "\U0001f3fb", "3": "\U0001f3fc", "4": "\U0001f3fd", "5": "\U0001f3fe", "6": "\U0001f3ff"}

#: Names of standard emoji that differ (facts: 1,869 are alike, 101 are missing).
_OTHER_NAMES = {
    "women-with-bunny-ears-partying": "woman-with-bunny-ears-partying",
    "men-with-bunny-ears-partying": "man-with-bunny-ears-partying",
    # The same emoji: with a tone its long name would have 65 characters, and reactions take 64.
    "hand_with_index_and_middle_fingers_crossed": "crossed_fingers",
}

_VALID = re.compile(r"[a-zA-Z0-9_+-]{1,64}")
_REFUSED = re.compile(r"[^a-z0-9_+-]+")
_TONED = re.compile(r"(.+?):{1,2}skin-tone-([2-6]):?")


def _read(name: str) -> Any:
    return json.loads((_DATA / name).read_text(encoding="utf-8"))


def _mattermost_names() -> frozenset[str]:
    groups = {key: " ".join(lines).split() for key, lines in _read("mattermost_emoji.json").items() if key != "source"}
    alike = set(groups["only_with_two_tones"])
    two = alike.union(groups["with_two_tones"])
    one = two.union(groups["with_tone"]) - alike
    names = one.union(groups["without_tone"], alike)
    names |= {f"{name}_{tone}_skin_tone" for name in one for tone in _TONES.values()}
    return frozenset(names).union(
        f"{name}_{first}_skin_tone_{second}_skin_tone"
        for name in two
        for first, second in product(_TONES.values(), repeat=2)
        if first != second or name in alike
    )


#: Names of Mattermost's own emoji, those with skin tones included.
MATTERMOST_EMOJI: frozenset[str] = _mattermost_names()

#: Slack's standard emoji that Mattermost lacks: name -> character.
MISSING_EMOJI: Mapping[str, str] = _read("slack_emoji_missing_in_mattermost.json")


def emoji_name(slack_name: str, lookups_emoji: Mapping[str, str]) -> str:
    """Return Mattermost's name for Slack's (`+1`, `+1::skin-tone-3`, `party_parrot`), without colons.

    `lookups_emoji` renames custom emoji. A tone that Mattermost does not draw falls away; a name that it does not know
    stays, as somebody may give it a picture; one that it would refuse becomes the nearest valid one.
    """
    toned = _TONED.fullmatch(slack_name)
    base, tone = (toned[1], toned[2]) if toned else (slack_name, "")
    base = lookups_emoji.get(base) or _OTHER_NAMES.get(base, base)
    if tone and (with_tone := f"{base}_{_TONES[tone]}_skin_tone") in MATTERMOST_EMOJI:
        return with_tone
    return base if _VALID.fullmatch(base) else _nearest_valid(base)


def emoji_text(slack_name: str, tone: str, lookups_emoji: Mapping[str, str]) -> str:
    """Return what stands for an emoji in a text: `:name:`, or its character where Mattermost has no such emoji.

    `tone` is "" or Slack's number 2-6.
    """
    name = lookups_emoji.get(slack_name, slack_name)  # an alias may stand for one that Mattermost lacks
    if name not in lookups_emoji and (character := MISSING_EMOJI.get(name)):
        return character + _TONE_CHARACTERS.get(tone, "") if len(character) == 1 else character
    return f":{emoji_name(f'{slack_name}::skin-tone-{tone}' if tone in _TONES else slack_name, lookups_emoji)}:"


def is_other(name: str, tone: str, lookups_emoji: Mapping[str, str]) -> bool:
    """Whether Mattermost writes a shortcode otherwise. Of `12:30:45` it does not: no table knows the emoji `30`."""
    return bool(tone) or name in lookups_emoji or name in MISSING_EMOJI or name in _OTHER_NAMES


def _nearest_valid(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    valid = _REFUSED.sub("_", ascii_only).strip("_")[:64]
    return valid or f"slack_{crc32(name.encode('utf-8', 'surrogatepass')):08x}"
