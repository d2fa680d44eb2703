"""One small thing for each of many people, a few at a time. Whom the server refuses it for costs nobody else, and is told."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.rest import AT_ONCE
from mm_pipeline.nouns import counted

Person = TypeVar("Person")

#: From this status on it is the server's own trouble, which may pass: its database has no free connection, a statement was ended.
_TROUBLE = 500
#: Seconds until those are tried again whom such trouble has met.
_PAUSES_S = (0.5, 2.0, 5.0)


def for_each(people: Iterable[Person], do: Callable[[Person], None], what: str) -> list[Person]:
    """Do it for each; `what` says it in a sentence: "could not ... for one person". Raises AbortRun like `do`.

    Returns for whom it is still to be done, as the server's own trouble did not pass. Whom it refused is not among them.
    """

    def attempt(person: Person) -> ApiError | None:
        try:
            do(person)
        except ApiError as refused:
            return refused
        return None

    due = list(people)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for pause_s in (*_PAUSES_S, None):
            refused = [(one, why) for one, why in zip(due, pool.map(attempt, due), strict=True) if why]
            due = [one for one, why in refused if why.status >= _TROUBLE]
            for _, why in refused:
                if pause_s is None or why.status < _TROUBLE:
                    backend_logger.warning("could not %s for one person: %s", what, why)
            if not due or pause_s is None:
                break
            backend_logger.info("could not %s for %s yet, trying again", what, counted(len(due), "person", "people"))
            time.sleep(pause_s)
    return due
