"""The one way out over HTTP: a session per thread, timeouts, bounded patience, answers turned into errors by a table.

It must not know what is asked: neither Mattermost's nor Slack's words belong here.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError

from mm_pipeline.backend_logger import backend_logger, keep_secret, masked
from mm_pipeline.errors import AbortRun, Retryable
from mm_pipeline.http_errors import STATUS_ACTIONS as STATUS_ACTIONS
from mm_pipeline.http_errors import TRIED_AGAIN, foreign, named, refusal
from mm_pipeline.http_errors import ApiError as ApiError
from mm_pipeline.http_retry import BoundedRetry, Patience, cause_of, chain_of
from mm_pipeline.http_retry import Outages as Outages

#: What an address raises that is none; a label of 64 letters is noticed by urllib3 alone.
_NO_ADDRESS = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidURL,
    LocationParseError,
)
#: Seconds to connect, and between two bytes of an answer (a batch of 256 team members takes 13 s on two cores).
TIMEOUT_S = (10, 180)
#: How long one request is tried: before the server has ever answered, when it went away, when it says 429.
FIRST_CONTACT_S, AWAY_S, BUSY_S = 4.0, 60.0, 300.0
#: Seconds before a request is repeated that something else answered (a proxy's page) where JSON came before.
_PAGE_PAUSES_S = (0.5, 2.0, 5.0)


class Download(NamedTuple):
    """An answer whose bytes are still to come. A redirect (3xx) is handed on, not followed."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


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
        outages: Outages | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._auth = _Bearer(token)
        self._away_s = away_s
        self._patience = Patience(min(first_contact_s, away_s), busy_s, outages)
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._spoke_json = False
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
                raise refusal("GET", url, response, whole=False)
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
        except _NO_ADDRESS:
            raise AbortRun(
                f"{named(url)} is no address that can be asked: it must begin with https:// or http://, and a host must follow."
            ) from None
        except requests.exceptions.SSLError as bad:
            raise AbortRun(
                f"{method} {named(url)}: the certificate cannot be verified ({chain_of(bad)[-1]}). "
                "Name the authority's file in REQUESTS_CA_BUNDLE or correct the address; trying again will not help."
            ) from bad
        except requests.RequestException as away:
            raise AbortRun(
                f"{method} {named(url)}: {cause_of(away)}. "
                "Check the address and that the server is up, then run the same command again."
            ) from away
        self._patience.away_s = self._away_s
        if response.status_code not in TRIED_AGAIN:
            self._patience.answered(urlsplit(url).hostname or "")
        return response

    def _json(self, method: str, path: str, *, json: Any = None, idempotent: bool = True, **kw: Any) -> Any:
        if json is not None:
            kw |= {"data": msgspec.json.encode(json), "headers": {"Content-Type": "application/json"}}
        pauses_s = iter(_PAGE_PAUSES_S if idempotent and self._spoke_json else ())
        while True:
            response = self._request(method, self.base_url + path, idempotent=idempotent, **kw)
            if response.status_code >= 400:
                raise refusal(method, path, response)
            if 300 <= response.status_code < 400:
                there = masked(response.headers.get("Location", "elsewhere"))
                raise AbortRun(
                    f"{method} {named(response.url)}: sent on to {there}. Use the address that answers itself."
                )
            try:
                said = msgspec.json.decode(response.content) if response.content else None
            except (msgspec.DecodeError, RecursionError):
                told = f"{method} {named(response.url)}: {foreign(response)}"
                if (pause_s := next(pauses_s, None)) is None:
                    raise AbortRun(f"{told}. Check the address and what lies in between.") from None
                backend_logger.debug("%s, trying again", told)
                time.sleep(pause_s)
            else:
                self._spoke_json = True
                return said


def _chunks(url: str, response: requests.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_content(1 << 18)
    except requests.RequestException as broken:
        raise Retryable(
            f"GET {named(url)}: {cause_of(broken)} in the middle of the file. It may work later."
        ) from broken
