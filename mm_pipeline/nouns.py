"""Numbers with the things that they count, as a sentence says them. Knows no sentence."""

from collections.abc import Sequence


def counted(count: int, one: str, many: str = "") -> str:
    """Return "1 message" or "2,000 messages". many: the plural, where it is not the singular with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def verb(count: int, one: str, many: str) -> str:
    """Return the form of a verb that goes with a number of things: "is" or "are"."""
    return one if count == 1 else many


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def few(words: Sequence[str], most: int) -> str:
    """Return at most so many of some words, and how many more there are."""
    left = len(words) - most
    return listed([*words[:most], f"{left:,} more"]) if left > 0 else listed(words)
