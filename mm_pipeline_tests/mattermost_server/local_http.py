"""An HTTP server of the tests' own on 127.0.0.1, on a free port from its making until close(). Has no answer of its own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Answers requests, and says nothing of them: standard error is the tests'."""

    def body(self) -> bytes:
        """Return what came with the request; less than was promised where the client is gone."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def say(self, status: int, what: Any) -> None:
        """Answer in JSON."""
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class LocalHttp(ThreadingHTTPServer):
    """Gives each request to a handler, which finds this server in its `server`."""

    request_queue_size = 64

    def __init__(self, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """End it."""
        self.shutdown()
        self.server_close()
