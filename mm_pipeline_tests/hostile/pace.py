"""Class: a server, or what stands before it, that is busy, slow, broken off or somebody else."""

import gzip
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest.mock import patch

from werkzeug import Response

from mm_pipeline.errors import PipelineError
from mm_pipeline.http import Http
from mm_pipeline_tests.hostile.case import Case, Desk, Ended, Fate, HostileClass

_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>"
_HTML = {"Content-Type": "text/html", "Server": "nginx/1.25.3"}
_OK = Response(b'{"id": "u1"}', 200, content_type="application/json")


def _ask(url: str, desk: Desk) -> Ended:
    http = Http(url, "kq3xw8ehzinvented9d1rnyugph", away_s=1, busy_s=2, first_contact_s=1)
    try:
        with patch("mm_pipeline.http.TIMEOUT_S", (1, 0.3)):
            answer = http.get("/users/me")
    except PipelineError as stop:
        return Ended(Fate.REFUSED, (str(stop).replace(f":{desk.slack.port}", ":PORT"),))
    finally:
        http.close()
    return Ended(Fate.KEPT, (str(answer),))


def _answers(*answers: Response) -> Callable[[Desk], Ended]:
    """Return what asks a server that answers so, one after the other, the last one for ever."""

    def run(desk: Desk) -> Ended:
        left = list(answers)
        desk.slack.expect_request("/users/me").respond_with_handler(lambda _: left.pop(0) if len(left) > 1 else left[0])
        return _ask(desk.slack.url_for(""), desk)

    return run


def _sends(*answers: bytes | None) -> Callable[[Desk], Ended]:
    """Return what asks a server that sends these bytes and hangs up, one after the other; None is silence."""

    def run(desk: Desk) -> Ended:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            silent: list[socket.socket] = []

            def serve() -> None:
                number = 0
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    answer = answers[min(number, len(answers) - 1)]
                    number += 1
                    if answer is None:
                        silent.append(connection)
                        continue
                    with suppress(OSError), connection:
                        connection.recv(65536)
                        connection.sendall(answer)

            threading.Thread(target=serve, daemon=True).start()
            port = listener.getsockname()[1]
            outcome = _ask(f"http://127.0.0.1:{port}", desk)
            listener.shutdown(socket.SHUT_RDWR)
            for connection in silent:
                connection.close()
        return Ended(outcome.fate, tuple(one.replace(f":{port}", ":PORT") for one in outcome.said))

    return run


def _busy(retry_after: str) -> Response:
    return Response("limit exceeded", 429, {"Retry-After": retry_after}, content_type="text/plain")


def _page(status: int, **headers: Any) -> Response:
    return Response(_GATEWAY, status, _HTML | headers)


_WHOLE = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{"id": "u1"}'
)

CLASS = HostileClass(
    "Pace",
    "What a server, or a proxy before it, answers to a question. Patience is bounded: here two seconds, else minutes.",
    (
        Case(
            "busy (429) for one second, said twice in one header",
            Fate.KEPT,
            "{'id': 'u1'}",
            _answers(_busy("1, 1"), _OK),
        ),
        Case(
            "busy (429) for a day",
            Fate.REFUSED,
            "GET /users/me: 429: text/plain came back instead of JSON. The server stayed busy or away; run the",
            _answers(_busy("86400")),
        ),
        Case("busy (429) for -5 seconds", Fate.KEPT, "{'id': 'u1'}", _answers(_busy("-5"), _OK)),
        Case("busy (429) for `²` seconds", Fate.KEPT, "{'id': 'u1'}", _answers(_busy("²"), _OK)),
        Case("busy (429) for `soon`", Fate.KEPT, "{'id': 'u1'}", _answers(_busy("soon"), _OK)),
        Case(
            "busy (429) until a day in the year 99999",
            Fate.KEPT,
            "{'id': 'u1'}",
            _answers(_busy("Wed, 01 Jan 99999 00:00:00 GMT"), _OK),
        ),
        Case("a proxy's page (502), then the server", Fate.KEPT, "{'id': 'u1'}", _answers(_page(502), _OK)),
        Case(
            "a proxy's page (504), for ever",
            Fate.REFUSED,
            "GET /users/me: 504: a web page came back instead of JSON, so something else answers here (a proxy,",
            _answers(_page(504)),
        ),
        Case(
            "a proxy's page (500)",
            Fate.REFUSED,
            "GET /users/me: 500: a web page came back instead of JSON, so something else answers here (a proxy,",
            _answers(_page(500)),
        ),
        Case(
            "a proxy's page (200)",
            Fate.REFUSED,
            "GET http://localhost:PORT/users/me: a web page came back instead of JSON, so something else answers",
            _answers(_page(200)),
        ),
        Case(
            "a network that wants one to sign in (511)",
            Fate.REFUSED,
            "GET /users/me: 511: a web page came back instead of JSON, so something else answers here (a proxy,",
            _answers(_page(511)),
        ),
        Case(
            "sent on to a sign-in page",
            Fate.REFUSED,
            "GET http://localhost:PORT/users/me: sent on to https://login.example/?t=***. Use the address that",
            _answers(Response(b"", 302, {"Location": "https://login.example/?t=abc"})),
        ),
        Case(
            "half of an answer",
            Fate.REFUSED,
            "GET http://localhost:PORT/users/me: application/json came back instead of JSON. Check the address",
            _answers(Response(b'{"id": "u', content_type="application/json")),
        ),
        Case(
            "an answer of 100,000 brackets",
            Fate.REFUSED,
            "GET http://localhost:PORT/users/me: application/json came back instead of JSON. Check the address",
            _answers(Response(b"[" * 100_000, content_type="application/json")),
        ),
        Case(
            "an answer that says it is packed and is not",
            Fate.REFUSED,
            "GET http://localhost:PORT/users/me: the connection broke. Check the address and that the server is",
            _answers(Response(b"{}", headers={"Content-Encoding": "gzip"})),
        ),
        Case(
            "an answer packed twice",
            Fate.REFUSED,
            "GET http://localhost:PORT/users/me: text/plain came back instead of JSON. Check the address and",
            _answers(Response(gzip.compress(gzip.compress(b"{}")), headers={"Content-Encoding": "gzip"})),
        ),
        Case("hung up without a word, then an answer", Fate.KEPT, "{'id': 'u1'}", _sends(b"", _WHOLE)),
        Case(
            "hung up without a word, for ever",
            Fate.REFUSED,
            "GET http://127.0.0.1:PORT/users/me: the connection broke. Check the address and that the server is",
            _sends(b""),
        ),
        Case(
            "silence, for ever",
            Fate.REFUSED,
            "GET http://127.0.0.1:PORT/users/me: no answer within the time allowed. Check the address and that",
            _sends(None),
        ),
        Case(
            "no HTTP at all",
            Fate.REFUSED,
            "GET http://127.0.0.1:PORT/users/me: the connection broke. Check the address and that the server is",
            _sends(b"SSH-2.0-OpenSSH_9.6\r\n"),
        ),
    ),
)
