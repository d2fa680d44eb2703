"""Makes the next thing while the last one is in use. Knows nothing of what flows."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _End(Generic[Item]):
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def one_ahead(items: Iterator[Item], discard: Callable[[Item], None]) -> Generator[Item, None, None]:
    """Yield what `items` yields, made on a thread of its own, at most one before it is asked for.

    An error over there is raised here, after what came before it. What was made and is not wanted any more, because
    the stream is left early, goes to `discard`.
    """
    waiting: queue.Queue[Item | _End[Item]] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def offer(item: Item | _End[Item]) -> bool:
        while not stopped.is_set():
            with suppress(queue.Full):
                waiting.put(item, timeout=0.2)
                return True
        return False

    def make() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                if not offer(item):
                    discard(item)
                    return
        except BaseException as raised:
            error = raised
        offer(_End(error))

    thread = threading.Thread(target=make, name="building archives", daemon=True)
    thread.start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, _End):
                if item.error:
                    raise item.error
                return
            yield item
    finally:
        stopped.set()
        thread.join()
        with suppress(queue.Empty):
            left = waiting.get_nowait()
            if not isinstance(left, _End):
                discard(left)
