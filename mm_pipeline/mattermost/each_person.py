"""One small thing for each of many people, a few at a time. Whom the server refuses it for costs nobody else, and is told."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError

Person = TypeVar("Person")

#: People at the same time: more does not help, the server's database does the work.
_THREADS = 4


def for_each(people: Iterable[Person], do: Callable[[Person], None], what: str) -> None:
    """Do it for each; `what` says it in a sentence: "could not ... for one person". Raises AbortRun like `do`."""

    def done(person: Person) -> None:
        try:
            do(person)
        except ApiError as refused:
            backend_logger.warning("could not %s for one person: %s", what, refused)

    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(done, people):
            pass
