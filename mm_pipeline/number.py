"""A number of things as people say it: 1 username, 2 usernames, 1,250 people. Knows no thing by name."""


def many(count: int, one: str, more: str = "") -> str:
    """Return the number with its noun, and its verb where it has one. `more`: what to say of none and several; "" = `one` + s."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
