"""A push proxy that keeps every notification and forwards none."""

import http.server
import json
import threading
from typing import Any


class PushSink:
    """Listens on a free port of 127.0.0.1 from the start until close(). pushes: the notifications, decoded."""

    def __init__(self) -> None:
        self.pushes: list[dict[str, Any]] = []
        self._server = _Server(("127.0.0.1", 0), _Proxy)
        self._server.pushes = self.pushes
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """What EmailSettings.PushNotificationServer names."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def clear(self) -> None:
        """Forget what came so far."""
        self.pushes.clear()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    pushes: list[dict[str, Any]]


class _Proxy(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/api/v1/send_push":
            self.server.pushes.append(json.loads(body))
        answer = b'{"status": "OK"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard error is the tests'."""
