"""The one way out over HTTP: a session per thread, timeouts, bounded patience, answers turned into errors by a table.

It must not know what is asked: neither Mattermost's nor Slack's words belong here.
"""

import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, NamedTuple, Self

import msgspec
import requests
from requests.adapters import HTTPAdapter
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

from mm_pipeline.backend_logger import backend_logger, keep_secret, masked
from mm_pipeline.errors import AbortRun, PipelineError, Retryable, RowFailed

#: Seconds to connect, and between two bytes of an answer (a batch of 256 team members takes 13 s on two cores).
TIMEOUT_S = (10, 180)
#: How long one request is tried: before the server has ever answered, when it went away, when it says 429.
FIRST_CONTACT_S, AWAY_S, BUSY_S = 4.0, 60.0, 300.0

#: What an answer means. Every other status >= 400 is ApiError: it concerns one row, and asking again changes nothing.
STATUS_ACTIONS: dict[int, type[PipelineError]] = {
    401: AbortRun,
    429: Retryable,
    502: Retryable,
    503: Retryable,
    504: Retryable,
}
#: Of the retryable ones, those that say that nothing was done: the only ones after which a POST is sent again.
_NOTHING_DONE = frozenset({429, 503})
#: Mattermost says 401 to an administrator when a kind of deletion is switched off; the token is good all the same.
_NOT_ABOUT_THE_TOKEN = re.compile(r"\.not_enabled\.")

_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (NameResolutionError, "the host name is unknown"),
    (NewConnectionError, "the connection was refused"),
    (ConnectTimeoutError, "no connection within the time allowed"),
    (ReadTimeoutError, "no answer within the time allowed"),
    (ProtocolError, "the connection broke"),
)
_EMAIL_IN_PATH = re.compile(r"[^/\s]+(?:@|%40)[^/\s]+")

# It writes whole URLs, tokens and e-mail addresses included, before each new try; BoundedRetry says it masked.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class ApiError(RowFailed):
    """The server said no. `status` is HTTP's, `error_id` the server's own name of the error ("" if it gave none)."""

    def __init__(self, text: str, *, status: int, error_id: str = "", message: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.error_id = error_id
        self.message = message


class Download(NamedTuple):
    """An answer whose bytes are still to come. A redirect (3xx) is handed on, not followed."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


@dataclass
class _Patience:
    """Seconds for which one request is tried again; shared by all sessions, longer once the server has answered."""

    away_s: float
    busy_s: float


class BoundedRetry(Retry):
    """urllib3's Retry with a deadline per request instead of a number of tries; an absurd Retry-After ends it.

    `allowed_methods=None` stands for a request that may safely be sent twice.
    """

    patience = _Patience(AWAY_S, BUSY_S)
    began: float | None = None

    def new(self, **kw: Any) -> Self:
        again = super().new(**kw)
        again.patience, again.began = self.patience, self.began
        return again

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        retried = self.allowed_methods is None or status_code in _NOTHING_DONE
        return retried and STATUS_ACTIONS.get(status_code) is Retryable

    def parse_retry_after(self, retry_after: str) -> float:
        # Mattermost with VaryByUser sends the header twice, which arrives as "11, 11".
        first = retry_after.split(",")[0].strip()
        try:
            return float(first) if first.isdigit() else super().parse_retry_after(retry_after)
        except InvalidHeader:
            return 0.0

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
        backend_logger.debug(
            "%s %s: %s, trying again", method, _named(url or ""), error or (response and response.status)
        )
        return again


def _passes(error: Exception | None) -> bool:
    """Whether an error can pass by itself: a refused connection can, a bad certificate cannot."""
    return error is None or isinstance(error, tuple(kind for kind, _ in _CAUSES))


class _Bearer(requests.auth.AuthBase):
    # An auth object and no header: requests lets ~/.netrc overwrite a header.
    def __init__(self, token: str | None) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Http:
    """Talks to one server. Paths are appended to `base_url` (for Mattermost it ends in /api/v4). Safe for threads.

    All methods raise AbortRun (token refused, server away, something else answers there) and ApiError (it said no).
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        away_s: float = AWAY_S,
        busy_s: float = BUSY_S,
        first_contact_s: float = FIRST_CONTACT_S,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._auth = _Bearer(token)
        self._away_s = away_s
        self._patience = _Patience(min(first_contact_s, away_s), busy_s)
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        if token:
            keep_secret(token)

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._sessions:
            self._sessions.pop().close()
        self._local = threading.local()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON that the path answers."""
        return self._json("GET", path, params=params)

    def get_or_none(self, path: str, params: Mapping[str, Any] | None = None) -> Any | None:
        """Return the JSON that the path answers, or None where the server says 404."""
        try:
            return self.get(path, params)
        except ApiError as refused:
            if refused.status != 404 or not refused.error_id:
                raise
            return None

    def headers(self, path: str) -> Mapping[str, str]:
        """Return the headers of the path's answer, whatever it says."""
        return self._request("GET", self.base_url + path).headers

    def post(self, path: str, json: Any = None, *, idempotent: bool = False) -> Any:
        """Send JSON. `idempotent` promises that sending it twice does no harm: then it is tried again like a GET."""
        return self._json("POST", path, json=json, idempotent=idempotent)

    def put(self, path: str, json: Any = None) -> Any:
        """Send JSON by PUT; tried again like a GET."""
        return self._json("PUT", path, json=json)

    def delete(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Send DELETE; tried again like a GET, so a 404 may follow a success."""
        return self._json("DELETE", path, params=params)

    def upload(self, path: str, body: bytes | IO[bytes], headers: Mapping[str, str] | None = None) -> Any:
        """POST raw bytes: an answer without content is None. A generator would be sent again empty, and is refused."""
        if not isinstance(body, bytes) and not hasattr(body, "seek"):
            raise TypeError("a body is bytes or a file that can be rewound")
        kinds = {"Content-Type": "application/octet-stream", **(headers or {})}
        return self._json("POST", path, data=body, headers=kinds, idempotent=False)

    def multipart(self, path: str, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> Any:
        """POST a form: fields by name, files by name as (file name, bytes)."""
        return self._json("POST", path, data=fields, files=files, idempotent=False)

    @contextmanager
    def stream(
        self, url: str, *, headers: Mapping[str, str] | None = None, authorized: bool = True
    ) -> Iterator[Download]:
        """GET an absolute URL, to be read piece by piece. No redirect is followed; `authorized` sends the token.

        Raises ApiError for any status >= 400 (401 too: it says nothing about other files), Retryable when it breaks
        off in the middle or the host stays busy.
        """
        auth = self._auth if authorized else _Bearer(None)
        # identity: the bytes are compared with sizes that Slack gives for the file itself.
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        try:
            response = self._request("GET", url, headers=sent, auth=auth, stream=True)
        except AbortRun as away:
            raise Retryable(str(away)) from away
        with response:
            if response.status_code >= 400:
                raise _refused("GET", url, response, whole=False)
            yield Download(response.status_code, response.headers, _chunks(url, response))

    # --- how

    def _session(self, idempotent: bool) -> requests.Session:
        sessions: dict[bool, requests.Session] = self._local.__dict__.setdefault("sessions", {})
        if idempotent not in sessions:
            retry = BoundedRetry(
                total=None,
                backoff_factor=0.25,
                backoff_max=5,
                backoff_jitter=0.5,
                raise_on_status=False,
                allowed_methods=None if idempotent else frozenset({"GET"}),
            )
            retry.patience = self._patience
            session = requests.Session()
            session.headers["Accept-Language"] = "en"
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(max_retries=retry))
            sessions[idempotent] = session
            self._sessions.append(session)
        return sessions[idempotent]

    def _request(self, method: str, url: str, *, idempotent: bool = True, **kw: Any) -> requests.Response:
        kw.setdefault("auth", self._auth)
        try:
            # No redirect: requests would turn a POST into a GET, and send a token where nobody asked for it.
            response = self._session(idempotent).request(method, url, timeout=TIMEOUT_S, allow_redirects=False, **kw)
        except (requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema, requests.exceptions.InvalidURL):
            raise AbortRun(f"{_named(url)} is no address that can be asked: it must begin with https://.") from None
        except requests.exceptions.SSLError as bad:
            raise AbortRun(
                f"{method} {_named(url)}: the certificate cannot be verified ({_chain(bad)[-1]}). "
                "Name the authority's file in REQUESTS_CA_BUNDLE or correct the address; trying again will not help."
            ) from bad
        except requests.RequestException as away:
            raise AbortRun(
                f"{method} {_named(url)}: {_cause(away)}. "
                "Check the address and that the server is up, then run the same command again."
            ) from away
        self._patience.away_s = self._away_s
        return response

    def _json(self, method: str, path: str, *, json: Any = None, idempotent: bool = True, **kw: Any) -> Any:
        if json is not None:
            kw |= {"data": msgspec.json.encode(json), "headers": {"Content-Type": "application/json"}}
        response = self._request(method, self.base_url + path, idempotent=idempotent, **kw)
        if response.status_code >= 400:
            raise _refused(method, path, response)
        if 300 <= response.status_code < 400:
            there = masked(response.headers.get("Location", "elsewhere"))
            raise AbortRun(f"{method} {_named(response.url)}: sent on to {there}. Use the address that answers itself.")
        try:
            return msgspec.json.decode(response.content) if response.content else None
        except msgspec.DecodeError:
            raise AbortRun(
                f"{method} {_named(response.url)}: {_foreign(response)}. Check the address and what lies in between."
            ) from None


def _refused(method: str, path: str, response: requests.Response, *, whole: bool = True) -> PipelineError:
    """Return the error that an answer >= 400 stands for. Text: what was tried, what came back, whether again helps."""
    status, tried = response.status_code, f"{method} {_named(path)}"
    error_id, message = _said(response) if whole else ("", "")
    said = f"{status} {error_id} ({message})" if error_id else f"{status}: {message or _foreign(response)}"
    action = STATUS_ACTIONS.get(status, ApiError) if whole or status != 401 else ApiError
    if action is Retryable:
        if not whole:
            return Retryable(f"{tried}: {said}. It may work later.")
        return AbortRun(f"{tried}: {said}. The server stayed busy or away; run the same command again later.")
    if action is AbortRun and not _NOT_ABOUT_THE_TOKEN.search(error_id):
        return AbortRun(f"{tried}: {said}. The token is refused: give one that is valid; trying again will not help.")
    text = masked(f"{tried}: {said}. Trying again will not help.")
    return ApiError(text, status=status, error_id=error_id, message=masked(message))


def _said(response: requests.Response) -> tuple[str, str]:
    """Return the server's id and message of an error. Only the id may be branched on: messages are translated."""
    try:
        body = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    return str(body.get("id") or ""), str(body.get("message") or body.get("error") or "").strip().rstrip(".")


def _foreign(response: requests.Response) -> str:
    """Name an answer that is not the API's: a proxy's page, a sign-in page, a limiter's one line."""
    kind = response.headers.get("Content-Type", "").split(";")[0] or "nothing known"
    if "html" in kind:
        return "a web page came back instead of JSON, so something else answers here (a proxy, a sign-in page)"
    return f"{kind} came back instead of JSON"


def _named(url: str) -> str:
    """Return a path or URL as it may be shown: no query, no e-mail address, no secret."""
    return masked(_EMAIL_IN_PATH.sub(lambda hit: hit[0] if "://" in hit[0] else "…", url.split("?")[0]))


def _chain(error: BaseException) -> list[BaseException]:
    """Return what an error was made from, outermost first: requests wraps urllib3's, which gives a `reason`."""
    inner = getattr(error, "reason", None) or next(iter(error.args), None)
    return [error, *(_chain(inner) if isinstance(inner, BaseException) else [])]


def _cause(error: BaseException) -> str:
    for link in reversed(_chain(error)):
        for kind, words in _CAUSES:
            if isinstance(link, kind):
                return words
    return "the connection broke"


def _chunks(url: str, response: requests.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_content(1 << 18)
    except requests.RequestException as broken:
        raise Retryable(
            f"GET {_named(url)}: {_cause(broken)} in the middle of the file. It may work later."
        ) from broken
