"""The few REST calls that make a new server usable, and that tests look at it with. Shares nothing with the pipeline's client."""

import http.client
import json
import secrets
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    """What came back: the status, the decoded JSON (None without one), and the session token of a sign-in."""

    status: int
    said: Any
    session: str


class Refused(RuntimeError):
    """The server answered with an error."""


def ask(url: str, method: str, path: str, body: Any = None, token: str = "") -> Answer:
    """Send one request to /api/v4 of the server at url (no proxy). Raises OSError or HTTPException where nobody answers."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        connection.request(method, f"/api/v4{path}", None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    is_json = text[:1] in (b"{", b"[")  # Content-Type does not tell: /config/environment says text/plain
    return Answer(response.status, json.loads(text) if is_json else None, response.headers.get("Token", ""))


def call(url: str, method: str, path: str, body: Any = None, token: str = "") -> Any:
    """Send one request and return what it said. Raises Refused on every answer of 400 and above."""
    answer = ask(url, method, path, body, token)
    if answer.status >= 400:
        message = answer.said.get("message", "") if isinstance(answer.said, dict) else ""
        raise Refused(f"{method} {path}: {answer.status} {message}")
    return answer.said


def create_admin(url: str, username: str, password: str) -> str:
    """Sign up the first account, which Mattermost makes a system admin, and return a token for it. Safe to repeat."""
    person = {"username": username, "email": f"{username}@example.com", "password": password}
    ask(url, "POST", "/users", person)  # an error only where an earlier try came this far; the sign-in tells
    signed_in = ask(url, "POST", "/users/login", {"login_id": username, "password": password})
    if signed_in.status != 200:
        raise Refused(f"the first account, {username}, could not sign in: {signed_in.status}")
    token = call(url, "POST", "/users/me/tokens", {"description": "throw-away server"}, signed_in.session)
    return str(token["token"])


def create_team(url: str, token: str, name: str = "") -> str:
    """Create an open team (with a name of its own if none is given), if it is missing, and return its name."""
    name = name or f"team-{secrets.token_hex(6)}"
    if ask(url, "GET", f"/teams/name/{name}", token=token).status == 404:
        call(url, "POST", "/teams", {"name": name, "display_name": name.capitalize(), "type": "O"}, token)
    return name
