"""What an answer means: the table of statuses, and the sentences for a person. Sends nothing."""

import re

import msgspec
import requests

from mm_pipeline.backend_logger import masked
from mm_pipeline.errors import AbortRun, PipelineError, Retryable, RowFailed

#: What an answer means. Every other status >= 400 is ApiError: it concerns one row, and asking again changes nothing.
STATUS_ACTIONS: dict[int, type[PipelineError]] = {
    401: AbortRun,
    429: Retryable,
    502: Retryable,
    503: Retryable,
    504: Retryable,
}
#: What may pass by itself: busy, or away behind a proxy.
TRIED_AGAIN = frozenset(status for status, action in STATUS_ACTIONS.items() if action is Retryable)
#: What a proxy says of a server that it does not reach; Mattermost itself puts no name of its own on them.
_OF_GATEWAYS = frozenset({502, 503, 504})
#: Mattermost says 401 to an administrator when a kind of deletion is switched off; the token is good all the same.
_NOT_ABOUT_THE_TOKEN = re.compile(r"\.not_enabled\.")

_SEGMENT = re.compile(r"[^/\s]+")
#: Characters of an address that are shown: hostile ones have a million.
_SHOWN = 300


class ApiError(RowFailed):
    """The server said no. `status` is HTTP's, `error_id` the server's own name of the error ("" if it gave none)."""

    def __init__(self, text: str, *, status: int, error_id: str = "", message: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.error_id = error_id
        self.message = message


def refusal(method: str, path: str, response: requests.Response, *, whole: bool = True) -> PipelineError:
    """Return the error that an answer >= 400 stands for. Text: what was tried, what came back, whether again helps."""
    status, tried = response.status_code, f"{method} {named(path)}"
    error_id, message = _said(response) if whole else ("", "")
    said = f"{status} {error_id} ({message})" if error_id else f"{status}: {message or foreign(response, of_api=whole)}"
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
    except (msgspec.DecodeError, RecursionError):
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    return str(body.get("id") or ""), str(body.get("message") or body.get("error") or "").strip().rstrip(".")


def foreign(response: requests.Response, *, of_api: bool = True) -> str:
    """Name an answer that is not the API's: a proxy's page, a sign-in page, a limiter's one line."""
    kind = response.headers.get("Content-Type", "").split(";")[0] or "nothing known"
    by = (response.headers.get("Via") or response.headers.get("Server") or "")[:60]
    if "html" in kind:
        who = f"a proxy, a sign-in page; it calls itself {by}" if by else "a proxy, a sign-in page"
        return f"a web page came back instead of JSON, so something else answers here ({who})"
    if of_api and by and response.status_code in _OF_GATEWAYS:
        return f"{kind} came back instead of JSON, from a proxy that calls itself {by}"
    return f"{kind} came back instead of JSON"


def named(url: str) -> str:
    """Return a path or URL as it may be shown: no query, no e-mail address, no secret."""
    path = masked(_SEGMENT.sub(lambda part: "…" if _is_email(part[0]) else part[0], url.split("?")[0]))
    return path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…"


def _is_email(part: str) -> bool:
    return "@" in part[1:-1] or "%40" in part[1:-1]
