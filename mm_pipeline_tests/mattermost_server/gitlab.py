"""A GitLab, as far as Mattermost's GitLab login goes: OAuth2's authorization code flow. Signs in whoever is chosen."""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID, CLIENT_SECRET = "mattermost", "a-secret-of-the-tests"


class GitLab:
    """A sign-in service on 127.0.0.1. `signs_in` is the account at whose keyboard the browser stands."""

    def __init__(self) -> None:
        self.signs_in: dict[str, Any] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"gitlab": self}))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, Any]:
        """What a Mattermost server must be told of it (Section.Key -> value)."""
        return {
            "GitLabSettings.Enable": True,
            "GitLabSettings.Id": CLIENT_ID,
            "GitLabSettings.Secret": CLIENT_SECRET,
            "GitLabSettings.Scope": "",
            "GitLabSettings.AuthEndpoint": f"{self.url}/oauth/authorize",
            "GitLabSettings.TokenEndpoint": f"{self.url}/oauth/token",
            "GitLabSettings.UserAPIEndpoint": f"{self.url}/api/v4/user",
            "ServiceSettings.AllowedUntrustedInternalConnections": "127.0.0.1",
        }

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    gitlab: GitLab

    def do_GET(self) -> None:
        """Answer the browser's request to sign in, and Mattermost's question who it is."""
        where = urlsplit(self.path)
        if where.path == "/oauth/authorize":
            self._authorize({name: values[0] for name, values in parse_qs(where.query).items()})
        elif where.path == "/api/v4/user":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._say(200, self.gitlab.tokens[token]) if token in self.gitlab.tokens else self._say(401, {})
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        """Give Mattermost a token for a code: once, and only to who knows the secret."""
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        asked = {name: values[0] for name, values in parse_qs(form).items()}
        knows = (asked.get("client_id"), asked.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        person = self.gitlab.codes.pop(asked.get("code", ""), None) if knows else None
        if person is None or asked.get("grant_type") != "authorization_code":
            self._say(400, {"error": "invalid_grant"})
            return
        token = secrets.token_hex(16)
        self.gitlab.tokens[token] = person
        self._say(200, {"access_token": token, "token_type": "bearer"})

    def _authorize(self, asked: dict[str, str]) -> None:
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            self._say(400, {"error": "invalid_client"})
            return
        code = secrets.token_hex(16)
        self.gitlab.codes[code] = self.gitlab.signs_in
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _say(self, status: int, what: dict[str, Any]) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
