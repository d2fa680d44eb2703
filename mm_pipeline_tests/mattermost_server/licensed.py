"""A real server that says it has a licence with guest accounts: no real server here can be given one. Passes on all else."""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_ABOUT_THE_CONNECTION = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})


class Licensed:
    """Stands in front of the server at `target` (its URL)."""

    def __init__(self, target: str) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"target": target}))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The server's URL, as somebody sees it who believes in the licence."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    target: str

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if urlsplit(self.path).path == "/api/v4/license/client":
            said = json.dumps({"IsLicensed": "true", "SkuShortName": "professional", "GuestAccounts": "true"}).encode()
            self._say(200, [("Content-Type", "application/json")], said)
            return
        where = urlsplit(self.target)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=120)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            kept = [pair for pair in answer.getheaders() if pair[0].lower() not in _ABOUT_THE_CONNECTION]
            self._say(answer.status, kept, answer.read())
        finally:
            connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on

    def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
