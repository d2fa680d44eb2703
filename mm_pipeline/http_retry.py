"""How long and how often a request is tried again: urllib3's Retry with a deadline. Knows no address and no token."""

import logging
import random
import time
from dataclasses import dataclass
from typing import Any, Protocol, Self

from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    InvalidHeader,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.util.retry import Retry

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import Retryable
from mm_pipeline.http_errors import STATUS_ACTIONS, named

#: Of the retryable ones, those that say that nothing was done: the only ones after which a POST is sent again.
_NOTHING_DONE = frozenset({429, 503})
#: Seconds at most, by chance, on top of what Retry-After asks for: partitions that were refused together come back apart.
_JITTER_S = 1.0
#: Seconds of trying after which people are told: what passes sooner is nothing to them.
TOLD_AFTER_S = 10.0
_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (NameResolutionError, "the host name is unknown"),
    (NewConnectionError, "the connection was refused"),
    (ConnectTimeoutError, "no connection within the time allowed"),
    (ReadTimeoutError, "no answer within the time allowed"),
    (ProtocolError, "the connection broke"),
)

#: They write whole URLs, tokens and e-mail addresses included, before each new try; BoundedRetry says it masked.
SPILLS = ("urllib3.connectionpool", "urllib3.util.retry")
for _name in SPILLS:
    logging.getLogger(_name).setLevel(logging.ERROR)


class Outages(Protocol):
    """Who is told, beside the log, that a server does not answer."""

    def fell_silent(self, what: str, since_s: float, left_s: float) -> None:
        """Take note of what the server does, for so long already, and for how long it is tried again."""

    def answers_again(self) -> None:
        """Take note that it is over."""


@dataclass
class Patience:
    """Seconds for which one request is tried again; shared by all sessions, longer once the server has answered."""

    away_s: float
    busy_s: float
    outages: Outages | None = None
    is_told: bool = False  #: that the server does not answer: of an outage one request tells

    def tell(self, what: str, since_s: float, left_s: float) -> None:
        """Say that nothing goes on, for how long already, and for how long it is tried again."""
        if not self.is_told:
            self.is_told = True
            until = time.strftime("%H:%M:%S", time.localtime(time.time() + left_s))
            backend_logger.warning("%s: trying again until %s", what, until)
            if self.outages:
                self.outages.fell_silent(what, since_s, left_s)

    def answered(self, host: str) -> None:
        """Say that it goes on, if it was said that it does not."""
        if self.is_told:
            self.is_told = False
            backend_logger.warning("%s answers again", host)
            if self.outages:
                self.outages.answers_again()


class BoundedRetry(Retry):
    """urllib3's Retry with a deadline per request instead of a number of tries; an absurd Retry-After ends it.

    `allowed_methods=None` stands for a request that may safely be sent twice.
    """

    patience = Patience(0, 0)
    began: float | None = None
    has_told = False  #: once: others may be answered meanwhile

    def new(self, **kw: Any) -> Self:
        again = super().new(**kw)
        again.patience, again.began, again.has_told = self.patience, self.began, self.has_told
        return again

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        retried = self.allowed_methods is None or status_code in _NOTHING_DONE
        return retried and STATUS_ACTIONS.get(status_code) is Retryable

    def parse_retry_after(self, retry_after: str) -> float:
        # Mattermost with VaryByUser sends the header twice, which arrives as "11, 11".
        first = retry_after.split(",")[0].strip()
        try:
            return float(first) if first.isdigit() else super().parse_retry_after(retry_after)
        except (InvalidHeader, ValueError, OverflowError):  # `soon`, `²`, the year 99999
            return 0.0

    def sleep_for_retry(self, response: BaseHTTPResponse) -> bool:
        asked = self.get_retry_after(response)
        if asked:
            time.sleep(asked + random.uniform(0, _JITTER_S))
        return bool(asked)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: Any = None,
    ) -> Self:
        again = super().increment(method, url, response, error, _pool, _stacktrace)
        now = time.monotonic()
        again.began = self.began if self.began is not None else now
        limit = self.patience.busy_s if response is not None and response.status == 429 else self.patience.away_s
        asked = self.get_retry_after(response) or 0.0 if response is not None else 0.0
        if _pool is not None and (now + asked - again.began > limit or not _passes(error)):
            raise MaxRetryError(_pool, url or "", error)
        is_long = now + asked - again.began >= TOLD_AFTER_S or _has_waited(error)
        if _pool is not None and is_long and not self.has_told:
            again.has_told = True
            said = f"{_pool.host} {_state(response, error)}"
            self.patience.tell(said, now - again.began, again.began + limit - now)
        backend_logger.debug(
            "%s %s: %s, trying again", method, named(url or ""), error or (response and response.status)
        )
        return again


def _has_waited(error: Exception | None) -> bool:
    """Whether an error came after a long wait. A refused connection is one that timed out, by urllib3's classes alone."""
    return isinstance(error, (ConnectTimeoutError, ReadTimeoutError)) and not isinstance(error, NewConnectionError)


def _state(response: BaseHTTPResponse | None, error: Exception | None) -> str:
    """Return what a server does that is tried again."""
    if response is None:
        return f"does not answer ({cause_of(error)})" if error else "does not answer"
    return f"is busy (status {response.status})" if response.status == 429 else f"is away (status {response.status})"


def _passes(error: Exception | None) -> bool:
    """Whether an error can pass by itself: a refused connection can, a bad certificate cannot."""
    return error is None or isinstance(error, tuple(kind for kind, _ in _CAUSES))


def chain_of(error: BaseException) -> list[BaseException]:
    """Return what an error was made from, outermost first: requests wraps urllib3's, which gives a `reason`."""
    inner = getattr(error, "reason", None) or next(iter(error.args), None)
    return [error, *(chain_of(inner) if isinstance(inner, BaseException) else [])]


def cause_of(error: BaseException) -> str:
    for link in reversed(chain_of(error)):
        for kind, words in _CAUSES:
            if isinstance(link, kind):
                return words
    return "the connection broke"
