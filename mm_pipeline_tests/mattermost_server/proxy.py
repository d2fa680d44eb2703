"""A proxy in front of a real server, for what no real one can be made to do. Does what its rule says, and has none of its own."""

import http.client
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mm_pipeline_tests.mattermost_server.local_http import Handler, LocalHttp

_ABOUT_THE_CONNECTION = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})
#: Answers come as they are, so that rules can read them.
_NOT_PASSED_ON = frozenset({"host", "connection", "accept-encoding"})


class Request(NamedTuple):
    """What a client asks."""

    method: str
    path: str  #: with the query
    body: bytes = b""

    @property
    def place(self) -> str:
        """The path without the query."""
        return urlsplit(self.path).path


class Answer(NamedTuple):
    """What the client hears."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Cut(NamedTuple):
    """Both connections break once this share of the request's body has gone to the server; 0: it hears nothing at all."""

    share: float = 0.0


#: Given a request and a way to ask the server, says what becomes of it. May wait; an OSError is a broken connection.
Rule = Callable[[Request, Callable[[], Answer]], Answer | Cut]


class Proxy(LocalHttp):
    """Stands in front of the server at `target` (its URL)."""

    def __init__(self, target: str, rule: Rule) -> None:
        self.target, self.rule = urlsplit(target), rule
        super().__init__(_Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients of these tests are killed in the middle of a request."""


class _Handler(Handler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart
    server: Proxy

    def _pass_on(self) -> None:
        request = Request(self.command, self.path, self.body())
        if len(request.body) < int(self.headers.get("Content-Length") or 0):
            self.close_connection = True  # the client is gone
            return
        try:
            answer = self.server.rule(request, lambda: self._asked(request))
            if isinstance(answer, Answer):
                self._tell(answer)
                return
            if answer.share:
                self._begin(request, answer.share).close()
        except (OSError, http.client.HTTPException):
            pass  # the server is away, or the client
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on

    def _asked(self, request: Request) -> Answer:
        connection = self._begin(request, 1.0)
        try:
            answer = connection.getresponse()
            kept = (pair for pair in answer.getheaders() if pair[0].lower() not in _ABOUT_THE_CONNECTION)
            return Answer(answer.status, answer.read(), tuple(kept))
        finally:
            connection.close()

    def _begin(self, request: Request, share: float) -> http.client.HTTPConnection:
        """Send the head of a request and a share of its body."""
        target = self.server.target
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=300)
        connection.putrequest(request.method, request.path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _NOT_PASSED_ON:
                connection.putheader(name, value)
        connection.endheaders(request.body[: round(len(request.body) * share)])
        return connection

    def _tell(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
