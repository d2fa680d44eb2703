"""What people, channels and emoji are called where the posts are. Looks nothing up by itself."""

from collections.abc import Mapping


class Names:
    """Each id has the spellings of which one must be there; an id that has none may be called anything."""

    def __init__(
        self,
        people: Mapping[str, tuple[str, ...]],
        channels: Mapping[str, tuple[str, ...]],
        emoji_aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.people = people
        self.channels = channels
        self.emoji_aliases = emoji_aliases or {}
