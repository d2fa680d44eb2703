"""Messages that are on their way to the server, with all that hangs on them: nobody need look these up to settle them.

Holds the newest so many: a message that is not in it is looked up. Settles nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from mm_pipeline.model import Entity

#: Some batches of the plugin (a batch is made, one written, one settled). An import job carries more, and all of it is read
#: back before the first is settled.
_MOST = 12_000


class OnTheirWay:
    """Messages that are one new post without files, by their rows' ids. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Not a dict: that walks over all who have left before it finds its first, a tenth of all drafting.
        self._reactions: OrderedDict[int, Sequence[Entity]] = OrderedDict()

    def add(self, message: int, reactions: Sequence[Entity]) -> None:
        """Remember a message, and its reactions."""
        with self._lock:
            self._reactions[message] = reactions
            if len(self._reactions) > _MOST:
                self._reactions.popitem(last=False)

    def take(self, messages: Iterable[int]) -> dict[int, Sequence[Entity]]:
        """Return those of some messages that are remembered, with their reactions, and forget them."""
        with self._lock:
            return {one: self._reactions.pop(one) for one in messages if one in self._reactions}
