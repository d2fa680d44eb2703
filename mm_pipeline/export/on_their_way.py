"""Messages that are on their way to the server, as far as their rows say it all: nobody need look these up to settle them.

Holds the newest so many: a message that is not in it is looked up. Settles nothing.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from mm_pipeline.model import Entity

#: Some batches of the plugin (a batch is made, one written, one settled), 1 KB each. An import job carries more, and all
#: of it is read back before the first is settled.
_MOST = 12_000


class OnItsWay(NamedTuple):
    """A message without what Slack said, and the rows of its reactions."""

    message: Entity
    reactions: Sequence[Entity]


class OnTheirWay:
    """Messages that are one post without files, by their rows' ids. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[int, OnItsWay] = {}

    def add(self, message: Entity, reactions: Sequence[Entity]) -> None:
        """Remember a message that is one new post without files."""
        bare = msgspec.structs.replace(message, raw_data={})
        with self._lock:
            self._messages[message.id] = OnItsWay(bare, reactions)
            if len(self._messages) > _MOST:
                del self._messages[next(iter(self._messages))]

    def take(self, ids: Iterable[int]) -> dict[int, OnItsWay]:
        """Return those of some messages that are remembered, and forget them."""
        with self._lock:
            return {one: found for one in ids if (found := self._messages.pop(one, None))}
