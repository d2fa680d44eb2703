"""How Slack's names of emoji become Mattermost's: skin tones, two renamed ones, and those that Mattermost lacks.

Holds no list of Mattermost's emoji: a name it does not know is expected as it is.
"""

import re
import unicodedata
from pathlib import Path

TONES = {"2": "light", "3": "medium_light", "4": "medium", "5": "medium_dark", "6": "dark"}
RENAMED = {
    "women-with-bunny-ears-partying": "woman-with-bunny-ears-partying",
    "men-with-bunny-ears-partying": "man-with-bunny-ears-partying",
    "hand_with_index_and_middle_fingers_crossed": "crossed_fingers",  # two names of one, the longer too long with a tone
}
#: Emoji that take a skin tone in Slack and have none in Mattermost 9.9-11.4 (facts: 175 combinations): the bare name will do.
TONELESS = re.compile(
    r"handshake|couple_with_heart.*|(wo)?man-heart-.*|couplekiss.*|(wo)?man-kiss-.*|(wo)?man_with_beard|heart_hands"
    r"|index_pointing_at_the_viewer|hand_with_index_finger_and_thumb_crossed|(right|left)wards_(pushing_)?hand"
    r"|palm_(up|down)_hand|pregnant_(man|person)|person_with_crown|.*_facing_right"
)
#: Slack's standard emoji that Mattermost 9.9-11.4 lacks (facts): a reaction with one is a custom emoji of that name.
LACKING = frozenset((Path(__file__).parent / "lacking_emoji.txt").read_text().split())
SKIN_TONE = re.compile(r"(?P<base>.+?)::skin-tone-(?P<tone>[2-6])")
#: What Mattermost takes as the name of an emoji.
ACCEPTED = re.compile(r"[A-Za-z0-9+_-]{1,64}")


def mattermost_names(slack_name: str) -> tuple[str, ...]:
    """Return Mattermost's names for Slack's `x` or `x::skin-tone-N`, the right one first, then what may stand in for it."""
    toned = SKIN_TONE.fullmatch(slack_name)
    base = toned["base"] if toned else slack_name
    base = RENAMED.get(base, base)
    if not toned:
        return (base,)
    right = f"{base}_{TONES[toned['tone']]}_skin_tone"
    return (right, base) if TONELESS.fullmatch(base) else (right,)


def is_made_acceptable(slack_name: str, name: str) -> bool:
    """Whether Mattermost refuses Slack's name, and the other has all of it that can be written there."""
    return not ACCEPTED.fullmatch(slack_name) and _letters(slack_name) in {"", _letters(name)}


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(sign for sign in plain if sign.isalnum())
