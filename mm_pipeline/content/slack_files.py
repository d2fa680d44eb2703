"""Fetches bytes from Slack: streamed, resumed after a break, from Slack's hosts alone. Stores nothing."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.content.hosts import Hosts
from mm_pipeline.errors import AbortRun, Retryable, RowFailed, RowSkipped, SkipReason
from mm_pipeline.http import ApiError, Download, Http

SLACK_API = "https://slack.com/api"
_REDIRECTS = 5
#: How often a download may break without a single new byte between two breaks.
_BREAKS = 4
_TOKEN_PARAMETERS = ("t", "token")
#: Bytes that are looked at before the first one is believed.
_HEAD = 512


@dataclass(frozen=True)
class TokenSays:
    """What Slack says of a token: its workspace, and what it opens (empty where Slack does not tell)."""

    team: str
    team_id: str
    scopes: frozenset[str]


class SlackFiles:
    """Slack as a source of bytes. `token` is SLACK_TOKEN; `export_tokens` are those that the export's links carried."""

    def __init__(
        self,
        token: str = "",
        *,
        export_tokens: tuple[str, ...] = (),
        further_hosts: tuple[str, ...] = (),
        api_url: str = "",
        http: Http | None = None,
    ) -> None:
        self.token = token
        self._export_tokens = export_tokens
        self._hosts = Hosts(further_hosts)
        self._http = http or Http(api_url or SLACK_API, token or None)
        self._lock = Lock()
        self._emoji: dict[str, str] | RowFailed | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def chunks(self, url: str, *, size: int = 0, is_page: bool = False) -> Generator[bytes, None, None]:
        """Yield what a URL holds, piece by piece. `size`: bytes that Slack promises, 0 = unknown. `is_page`: the file
        itself is HTML; any other page that comes is Slack's way of asking to sign in.

        Raises RowSkipped (no bytes) where Slack no longer has it or it lies elsewhere; RowFailed where it could be
        had but was not: refused, sent on to a foreign host, a sign-in page, broken off too often.
        """
        if objection := self._hosts.objection(url):
            raise RowSkipped(SkipReason.NO_BYTES, objection)
        ways = self._ways(url)
        for number, (address, authorized) in enumerate(ways, 1):
            try:
                yield from self._resumed(_Fetch(address, authorized, size, is_page))
            except _Refused as refused:
                if number < len(ways):
                    continue
                raise self._no_access(refused) from refused
            return

    def emoji_url(self, name: str) -> str:
        """Return an emoji's picture as Slack's emoji.list names it, aliases followed; "" if it has none.

        Raises RowFailed where Slack does not answer the question.
        """
        listed = self.emoji_list()
        seen: set[str] = set()
        url = listed.get(name, "")
        while url.startswith("alias:") and url not in seen:
            seen.add(url)
            url = listed.get(url.removeprefix("alias:"), "")
        return "" if url.startswith("alias:") else url

    def file_url(self, file_id: str) -> str:
        """Ask Slack (files.info) for the URL of a file of which the export has only the id; "" if it has none."""
        if not self.token:
            return ""
        try:
            answer = self._http.get("/files.info", {"file": file_id})
        except (AbortRun, RowFailed) as fault:
            raise RowFailed(f"Slack's files.info: {fault}") from fault
        file = answer.get("file") if isinstance(answer, dict) else None
        return url_of(file) if isinstance(file, dict) else ""

    def opens(self) -> TokenSays:
        """Ask Slack (auth.test) whose SLACK_TOKEN is and what it opens. Raises RowFailed where Slack does not take it."""
        try:
            answer = self._http.get("/auth.test")
            headers = self._http.headers("/auth.test")
        except (AbortRun, RowFailed) as fault:
            raise RowFailed(f"Slack's auth.test: {fault}") from fault
        if not isinstance(answer, dict) or not answer.get("ok"):
            said = str(answer.get("error") if isinstance(answer, dict) else "no JSON object")
            raise RowFailed(f"Slack's auth.test says {masked(said)}. Give SLACK_TOKEN a token that is valid.")
        scopes = frozenset(scope.strip() for scope in headers.get("X-OAuth-Scopes", "").split(",") if scope.strip())
        return TokenSays(team=str(answer.get("team") or ""), team_id=str(answer.get("team_id") or ""), scopes=scopes)

    # --- how

    def _ways(self, url: str) -> list[tuple[str, bool]]:
        """Return (URL, whether the token goes along) in the order in which they are tried."""
        bare, own_token = _without_token(url)
        is_private = self._hosts.may_see_token(url)
        ways = [(bare, True)] if self.token and is_private else []
        further = self._export_tokens if is_private else ()
        ways += [(_with_token(bare, one), False) for one in dict.fromkeys((own_token, *further)) if one]
        return ways or [(bare, False)]

    def _resumed(self, fetch: "_Fetch") -> Iterator[bytes]:
        breaks = 0
        while True:
            before, fetch.answered = fetch.offset, False
            try:
                for chunk in self._followed(fetch):
                    fetch.offset += len(chunk)
                    yield chunk
            except Retryable as broken:
                breaks = 1 if fetch.offset > before else breaks + 1
                if breaks > _BREAKS or not fetch.answered:  # without an answer, http.py has waited long enough
                    raise RowFailed(f"{broken} `mm-pipeline retry` tries again") from broken
                backend_logger.debug("download broke off at %d bytes, going on from there", fetch.offset)
            except _Refused as refused:
                if fetch.offset:  # another way would begin anew, behind bytes that are written
                    raise RowFailed(
                        f"Slack broke the download off ({refused}). `mm-pipeline retry` tries again"
                    ) from refused
                raise
            else:
                return

    def _followed(self, fetch: "_Fetch") -> Iterator[bytes]:
        """Yield the bytes from fetch.offset on. Follows redirects by hand, each one checked like the first address."""
        url = fetch.url
        for hop in range(_REDIRECTS + 1):
            if hop and (objection := self._hosts.objection(url)):
                raise RowFailed(
                    f"Slack sent the download on to another place, and {objection}. Retrying will not help."
                )
            authorized = fetch.authorized and self._hosts.may_see_token(url)
            try:
                with self._http.stream(url, headers=fetch.headers(), authorized=authorized) as download:
                    if not 300 <= download.status < 400:
                        yield from fetch.body(download)
                        return
                    url = _onward(url, download.headers.get("Location", ""))
            except ApiError as refused:
                if refused.status == 416 and fetch.offset:
                    return  # it broke off behind the last byte
                raise _meaning(refused) from refused
        raise RowFailed("Slack sent the download on and on. `mm-pipeline retry` tries again")

    def _no_access(self, refused: "_Refused") -> RowFailed | RowSkipped:
        if self.token:
            return RowFailed(
                f"Slack does not give it out ({refused}): SLACK_TOKEN must be valid, have the scope files:read and see "
                "the conversation. Then `mm-pipeline retry`"
            )
        return RowSkipped(
            SkipReason.NO_BYTES,
            f"the export's link is not valid any more ({refused}). Set SLACK_TOKEN and run `mm-pipeline retry`",
        )

    def emoji_list(self) -> dict[str, str]:
        """Return name -> URL or "alias:name" of the workspace's emoji; empty without SLACK_TOKEN. Raises RowFailed."""
        with self._lock:  # asked once, whatever came of it
            if self._emoji is None:
                self._emoji = self._asked_emoji() if self.token else {}
            if isinstance(self._emoji, RowFailed):
                raise self._emoji
            return self._emoji

    def _asked_emoji(self) -> dict[str, str] | RowFailed:
        try:
            answer: Any = self._http.get("/emoji.list")
        except (AbortRun, RowFailed) as fault:
            return RowFailed(f"Slack's emoji.list: {fault}")
        if not isinstance(answer, dict) or not answer.get("ok"):
            said = str(answer.get("error") if isinstance(answer, dict) else "no JSON object")
            return RowFailed(
                f"Slack's emoji.list says {masked(said)}: SLACK_TOKEN must be valid and have the scope emoji:read. "
                "Then `mm-pipeline retry`"
            )
        emoji = answer.get("emoji")
        return {str(k): v for k, v in emoji.items() if isinstance(v, str)} if isinstance(emoji, dict) else {}


class _Refused(Exception):
    """Slack did not let us in by this way; another token may."""


def url_of(raw_file: Mapping[str, Any]) -> str:
    """Return the URL of a Slack file object's bytes, or ""."""
    found = (raw_file.get(key) for key in ("url_private_download", "url_private"))
    return next((url for url in found if isinstance(url, str) and url.startswith(("https://", "http://"))), "")


def _meaning(refused: ApiError) -> Exception:
    if refused.status in (401, 403):
        return _Refused(f"status {refused.status}")
    if refused.status in (404, 410):
        return RowSkipped(SkipReason.NO_BYTES, "Slack has it no more")
    return RowFailed(str(refused))


@dataclass
class _Fetch:
    """One file on its way: how far it has come, and which version of it that is."""

    url: str
    authorized: bool
    size: int
    is_page: bool
    offset: int = 0
    etag: str = ""
    answered: bool = False

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest."""
        if not self.offset:
            return {}
        return {"Range": f"bytes={self.offset}-"} | ({"If-Range": self.etag} if self.etag else {})

    def body(self, download: Download) -> Iterator[bytes]:
        """Yield an answer's bytes from offset on. Raises _Refused where it is a sign-in page instead of the file."""
        self.answered = True
        if self.offset:
            yield from self._rest(download)
            return
        etag = download.headers.get("ETag", "")
        self.etag = "" if etag.startswith("W/") else etag
        head, chunks = b"", download.chunks
        while len(head) < _HEAD and (chunk := next(chunks, b"")):
            head += chunk
        promised = bool(self.size) and download.headers.get("Content-Length") == str(self.size)
        if _is_html(download, head) and not self.is_page and not promised:
            raise _Refused("a sign-in page came instead of the file")
        if head:
            yield head
        yield from chunks

    def _rest(self, download: Download) -> Iterator[bytes]:
        if download.status == 206:
            begins = download.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
            if begins.strip() != str(self.offset):
                raise RowFailed("Slack went on with another part of the file than was asked for. Retry it later")
            yield from download.chunks
        elif self.etag and download.headers.get("ETag") != self.etag:
            raise RowFailed("the file changed in Slack while it was fetched: `mm-pipeline retry` fetches it anew")
        else:
            yield from _from(download.chunks, self.offset)  # it cannot resume: what we have is read over


def _onward(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location  # no address at all: it is refused as such


def _is_html(download: Download, head: bytes) -> bool:
    said = download.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return said == "text/html" or head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))


def _from(chunks: Iterator[bytes], offset: int) -> Iterator[bytes]:
    for chunk in chunks:
        if offset >= len(chunk):
            offset -= len(chunk)
        else:
            yield chunk[offset:]
            offset = 0


def _without_token(url: str) -> tuple[str, str]:
    """Return the URL without its token, and the token."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    token = next((value for key, value in pairs if key in _TOKEN_PARAMETERS), "")
    query = urlencode([(key, value) for key, value in pairs if key not in _TOKEN_PARAMETERS])
    return urlunsplit(parts._replace(query=query)), token


def _with_token(url: str, token: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode({"t": token}))))))
