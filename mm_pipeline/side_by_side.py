"""Runs several producers at once into one stream. Knows nothing of what flows."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

Given = TypeVar("Given")
Item = TypeVar("Item")

#: Items that may wait for the consumer: enough to keep it busy, few enough to keep the memory flat.
_WAITING = 200
_END = object()


def side_by_side(producers: Sequence[Iterator[Item]], *, at_once: int = 1) -> Iterator[Item]:
    """Yield the items of all producers as they come, each producer on a thread of its own.

    `at_once` items are handed over together: for many small ones, whose hand-over would cost more than their making.
    An error of one producer is raised here and stops the others; so does leaving the stream early.
    """
    if len(producers) == 1:
        yield from producers[0]
        return
    waiting: queue.Queue[object] = queue.Queue(max(_WAITING // at_once, len(producers)))
    stopped = threading.Event()

    def offer(item: object) -> bool:
        while not stopped.is_set():
            with suppress(queue.Full):
                waiting.put(item, timeout=0.2)
                return True
        return False

    def produce(producer: Iterator[Item]) -> None:
        items: list[Item] = []
        try:
            for item in producer:
                items.append(item)
                if len(items) == at_once:
                    if not offer(items):
                        return
                    items = []
            offer(items)
        except BaseException as error:
            offer(items)
            offer(error)
        finally:
            offer(_END)

    threads = [threading.Thread(target=produce, args=(producer,), daemon=True) for producer in producers]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            item = waiting.get()
            if item is _END:
                running -= 1
            elif isinstance(item, BaseException):
                raise item
            else:
                yield from item  # type: ignore[misc]  # a list of what producers give
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def dealt(
    given: Iterable[Given], work: Callable[[Given], Iterator[Item]], *, hands: int, at_once: int = 1
) -> Iterator[Item]:
    """Yield what comes of all that is given, worked at by several hands: whoever is through with one takes the next."""
    pile = iter(list(given))

    def taken() -> Iterator[Item]:
        for one in pile:
            yield from work(one)

    return side_by_side([taken() for _ in range(hands)], at_once=at_once)
