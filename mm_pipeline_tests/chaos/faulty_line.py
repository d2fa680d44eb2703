"""A bad line before the real server: it breaks some of the requests, in each of the ways that lines and proxies have."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Request

_PAGE = b"<html><body><h1>The gateway has a word to say</h1></body></html>"
_HTML = (("Content-Type", "text/html"),)
_SLOW_S = 1.5

Ask = Callable[[], Answer]


def _slow(ask: Ask) -> Answer:
    time.sleep(_SLOW_S)
    return ask()


def _too_late(ask: Ask) -> Answer:
    ask()
    return Answer(504, _PAGE, _HTML)


def _unheard(ask: Ask) -> Cut:
    ask()
    return Cut()


#: What may happen to a request. The last three are done by the server though the client does not hear of it, or in part.
FAULTS: dict[str, Callable[[Ask], Answer | Cut]] = {
    "slow": _slow,
    "429": lambda ask: Answer(429, b"limit exceeded", (("Retry-After", "1"),)),
    "502": lambda ask: Answer(502, _PAGE, _HTML),
    "503": lambda ask: Answer(503, b"", (("Retry-After", "1"),)),
    "a page instead of JSON": lambda ask: Answer(200, _PAGE, _HTML),
    "cut before the server heard it": lambda ask: Cut(),
    "cut in the middle": lambda ask: Cut(0.5),
    "504 though it was done": _too_late,
    "cut though it was done": _unheard,
}


class FaultyLine:
    """A rule of the proxy. `share` of the requests meet a fault; the seed draws which and what, in the order they come."""

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._draw = Random(f"{seed} faults")
        self._lock = threading.Lock()
        self.requests = 0
        self.counts: Counter[str] = Counter()

    def __call__(self, request: Request, ask: Ask) -> Answer | Cut:
        with self._lock:
            self.requests += 1
            fault = self._draw.choice(list(FAULTS)) if self._draw.random() < self._share else ""
            if fault:
                self.counts[fault] += 1
        return FAULTS[fault](ask) if fault else ask()
