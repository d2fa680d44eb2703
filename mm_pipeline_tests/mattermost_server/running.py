"""A running throw-away server as tests see it. Starts and stops nothing."""

from pathlib import Path
from typing import Any, Self

import msgspec

from mm_pipeline_tests.mattermost_server.rest import call, create_team


class RunningServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is and who one is there: `token` is a system admin's, `database_url` the server's own PostgreSQL."""

    version: str
    url: str
    token: str
    team: str
    database_url: str
    files: Path  #: its file store

    @classmethod
    def from_lines(cls, version: str, lines: dict[str, str], state: Path) -> Self:
        """Return the server that MattermostServer.start described."""
        return cls(
            version=version,
            url=lines["MM_URL"],
            token=lines["MM_TOKEN"],
            team=lines["MM_TEAM"],
            database_url=lines["MM_DATABASE"],
            files=state / "files",
        )

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """Send one REST request below /api/v4, as the admin if no token is given. Raises Refused from 400 on."""
        return call(self.url, method, path, body, self.token if token is None else token)

    def create_team(self, name: str = "") -> str:
        """Create an open team, with a name of its own if none is given, and return its name."""
        return create_team(self.url, self.token, name)
