"""A Mattermost server that a module of tests has to itself, to stop and start as it likes. Judges nothing."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.mattermost_server.server import MattermostServer


class OwnServer:
    """A server with its state, which outlives its being stopped."""

    def __init__(self, server: MattermostServer, running: RunningServer) -> None:
        self._server = server
        self.running = running

    def start(self) -> None:
        """Start it again, where it was."""
        assert self._server.start()["MM_URL"] == self.running.url

    def stop(self, *, gently: bool = True) -> None:
        """Stop it and its database; not gently is as a power cut does it."""
        self._server.stop(gently=gently)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the server's own database."""
        with psycopg.connect(self.running.database_url) as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def import_jobs(self) -> int:
        """Return how many import jobs it has ever been given."""
        return int(self.rows("SELECT count(*) FROM jobs WHERE type = 'import_process'")[0][0])


@contextmanager
def own_server(
    session_state: Path,
    version: str = "11.4",
    settings: dict[str, Any] | None = None,
    *,
    looks_for_jobs_every_ms: int = 0,
) -> Iterator[OwnServer]:
    """Start a server that nobody has touched, at Mattermost's own pace unless told otherwise; it is gone at the end."""
    state = Path(tempfile.mkdtemp(prefix="own-", dir=session_state))
    server = MattermostServer(state, version, settings=settings, looks_for_jobs_every_ms=looks_for_jobs_every_ms)
    try:
        yield OwnServer(server, RunningServer.from_lines(version, server.start(), state))
    finally:
        server.stop(remove=True)
