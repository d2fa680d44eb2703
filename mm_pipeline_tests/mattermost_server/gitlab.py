"""A GitLab, as far as Mattermost's GitLab login goes: OAuth2's authorization code flow. Signs in whoever is chosen."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from mm_pipeline_tests.mattermost_server.local_http import Handler, LocalHttp

CLIENT_ID, CLIENT_SECRET = "mattermost", "a-secret-of-the-tests"


class GitLab(LocalHttp):
    """A sign-in service on 127.0.0.1. `signs_in` is the account at whose keyboard the browser stands."""

    def __init__(self) -> None:
        self.signs_in: dict[str, Any] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        super().__init__(_Handler)

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


class _Handler(Handler):
    server: GitLab

    def do_GET(self) -> None:
        """Answer the browser's request to sign in, and Mattermost's question who it is."""
        where = urlsplit(self.path)
        if where.path == "/oauth/authorize":
            self._authorize({name: values[0] for name, values in parse_qs(where.query).items()})
        elif where.path == "/api/v4/user":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self.say(200, self.server.tokens[token]) if token in self.server.tokens else self.say(401, {})
        else:
            self.say(404, {})

    def do_POST(self) -> None:
        """Give Mattermost a token for a code: once, and only to who knows the secret."""
        asked = {name: values[0] for name, values in parse_qs(self.body().decode()).items()}
        knows = (asked.get("client_id"), asked.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        person = self.server.codes.pop(asked.get("code", ""), None) if knows else None
        if person is None or asked.get("grant_type") != "authorization_code":
            self.say(400, {"error": "invalid_grant"})
            return
        token = secrets.token_hex(16)
        self.server.tokens[token] = person
        self.say(200, {"access_token": token, "token_type": "bearer"})

    def _authorize(self, asked: dict[str, str]) -> None:
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            self.say(400, {"error": "invalid_client"})
            return
        code = secrets.token_hex(16)
        self.server.codes[code] = self.server.signs_in
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        self.send_header("Content-Length", "0")
        self.end_headers()
