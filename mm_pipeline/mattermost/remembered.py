"""What a server said of itself a moment ago, so that the steps of a run need not each ask anew. Asks nothing by itself."""

import threading
import time
from collections.abc import Callable

from mm_pipeline.mattermost.on_server import Server

#: Seconds for which it is believed: a run's short steps follow one another by seconds, and each look at a server takes eight requests.
_BELIEVED_S = 20.0


class Remembered:
    """What one server said to one token. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: Server | None = None
        self._until = 0.0

    def said(self, ask: Callable[[], Server]) -> Server:
        """Return what the server said last, or what it says now where that is too long ago."""
        with self._lock:
            if self._said is None or time.monotonic() > self._until:
                self._said = ask()
                self._until = time.monotonic() + _BELIEVED_S
            return self._said
