"""The colour of a card's bar -> a coloured square, which Markdown can show. Greys say nothing and are left out."""

import colorsys
import re

#: Slack's three names for "all is well", "look" and "trouble".
_NAMED = {"good": "🟩", "warning": "🟨", "danger": "🟥"}
#: Up to which hue (degrees) a colour goes by the square's name.
_HUES = ((15, "🟥"), (45, "🟧"), (70, "🟨"), (170, "🟩"), (260, "🟦"), (330, "🟪"), (360, "🟥"))
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_MIN_SATURATION, _MIN_VALUE = 0.3, 0.25


def colour_square(colour: str) -> str:
    """Return the square nearest to `good`, `#2eb886` or `a00`; "" for greys, near-blacks and what is no colour."""
    if square := _NAMED.get(colour):
        return square
    match = _HEX.fullmatch(colour)
    if not match:
        return ""
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    hue, saturation, value = colorsys.rgb_to_hsv(*(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)))
    if saturation < _MIN_SATURATION or value < _MIN_VALUE:
        return ""
    return next(square for limit, square in _HUES if hue * 360 <= limit)
