"""The real parts that tests stand on: PostgreSQL, Mattermost servers, and sinks for what they would send to people.

Each pytest session has a folder of its own under `.state/tests` (or MM_PIPELINE_TEST_STATE): sessions may run side by side,
and what a killed one left running is ended by the next.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.db.migrations import migrate
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.push_sink import PushSink
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS, MattermostServer
from mm_pipeline_tests.thorough import THOROUGH
from plugin.build import build, of_this_machine

_TESTS_STATE = Path(__file__).parent.parent / ".state" / "tests"
_TEMPLATE = "migrated"
_numbers = count(1)

# Hundreds of programs are started: where a machine forbids Python to keep compiled modules, each would compile ours anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_report_header() -> str:
    """Say which real exports are tested: they hold people's words, so a clone alone has none."""
    from mm_pipeline_tests.end_to_end.conftest import real_exports

    names = (
        ", ".join(export.name for export in real_exports()) or "none (name their folder in MM_PIPELINE_TEST_EXPORTS)"
    )
    return f"real exports: {names}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole migrations first: they take minutes, most of them waiting for the server, and would be waited for at the end."""
    items.sort(key=lambda item: "/end_to_end/" not in item.nodeid)
    for item in items:
        if THOROUGH.search(item.nodeid):
            item.add_marker(pytest.mark.thorough)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where pytest-xdist cannot keep the tests of a group in one worker: each would start its own servers for them."""
    if session.config.getoption("loadgroup", False):
        lost = [one.nodeid for one in session.items if one.get_closest_marker("xdist_group") and "@" not in one.nodeid]
        if lost:
            raise pytest.UsageError(f"This pytest does not keep groups of tests together: {lost[0]}")


class FreshMattermost(Protocol):
    """Starts a new, empty server of a version, with settings (Section.Key -> value) over those that are on by default.

    `forced` are those that its environment fixes.
    """

    def __call__(
        self, version: str = "11.4", settings: dict[str, Any] | None = None, forced: dict[str, Any] | None = None
    ) -> RunningServer: ...


@pytest.fixture(scope="session")
def session_state() -> Iterator[Path]:
    """The folder of this session. Gone at its end."""
    tests = Path(os.environ.get("MM_PIPELINE_TEST_STATE") or _TESTS_STATE)
    tests.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (tests / "lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        for left in tests.glob("session-*"):
            _end_if_killed(left)
        folder = Path(tempfile.mkdtemp(prefix="session-", dir=tests))
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    with lock:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _end_if_killed(folder: Path) -> None:
    """End and remove what a session left whose process is gone: its lock is free."""
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for server in folder.glob("*/server.json"):
                MattermostServer(server.parent).stop(remove=True)
            EmbeddedPostgres(folder / "postgres").stop()
            shutil.rmtree(folder, ignore_errors=True)
    except (BlockingIOError, FileNotFoundError):
        return  # it runs


@pytest.fixture(scope="session")
def postgres(session_state: Path) -> Iterator[EmbeddedPostgres]:
    """The tests' own running PostgreSQL. Forgetful: it need not outlive a power cut."""
    server = EmbeddedPostgres(session_state / "postgres", conf={"fsync": "off", "full_page_writes": "off"})
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _template(postgres: EmbeddedPostgres) -> str:
    postgres.create_database(_TEMPLATE)
    with psycopg.connect(postgres.url(_TEMPLATE), autocommit=True) as connection:
        migrate(connection)
    return _TEMPLATE


@pytest.fixture
def database(postgres: EmbeddedPostgres, _template: str) -> Iterator[str]:
    """The URL of an empty database with the newest schema, this test's alone."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {_template}")
    yield postgres.url(name)
    with psycopg.connect(postgres.start(), autocommit=True) as connection:  # a test may have stopped it
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _mail_sink() -> Iterator[MailSink]:
    sink = MailSink()
    yield sink
    sink.close()


@pytest.fixture(scope="session")
def _push_sink() -> Iterator[PushSink]:
    sink = PushSink()
    yield sink
    sink.close()


@pytest.fixture
def mail_sink(_mail_sink: MailSink) -> MailSink:
    """Gets every mail of the session's servers, which would mail. Empty at the start of a test."""
    _mail_sink.clear()
    return _mail_sink


@pytest.fixture
def push_sink(_push_sink: PushSink) -> PushSink:
    """Gets every push of the session's servers, which would push. Empty at the start of a test."""
    _push_sink.clear()
    return _push_sink


@pytest.fixture(scope="session")
def _session_server(
    session_state: Path, _mail_sink: MailSink, _push_sink: PushSink
) -> Iterator[Callable[[str], RunningServer]]:
    """The one server of a version for the whole session, started when it is first asked for."""
    servers: dict[str, MattermostServer] = {}
    notifying = {
        "EmailSettings.SMTPServer": "127.0.0.1",
        "EmailSettings.SMTPPort": str(_mail_sink.port),
        "EmailSettings.SendEmailNotifications": True,
        "EmailSettings.PushNotificationServer": _push_sink.url,
        "EmailSettings.SendPushNotifications": True,
    }

    def running(version: str) -> RunningServer:
        state = session_state / f"server-{version}"
        made = MattermostServer(state, version, settings=notifying, looks_for_jobs_every_ms=OFTEN_MS)
        server = servers.setdefault(version, made)
        return RunningServer.from_lines(version, server.start(), server.state)

    yield running
    for server in servers.values():
        server.stop(remove=True)


@pytest.fixture(scope="session")
def mattermost_11_4(_session_server: Callable[[str], RunningServer]) -> RunningServer:
    """The session's Mattermost 11.4."""
    return _session_server("11.4")


@pytest.fixture(scope="session")
def mattermost_9_9(_session_server: Callable[[str], RunningServer]) -> RunningServer:
    """The session's Mattermost 9.9."""
    return _session_server("9.9")


@pytest.fixture(scope="session", params=["11.4", "9.9"])
def mattermost(request: pytest.FixtureRequest, _session_server: Callable[[str], RunningServer]) -> RunningServer:
    """Each version in turn."""
    return _session_server(request.param)


@pytest.fixture(scope="session")
def plugin_bundle(session_state: Path) -> Path:
    """Our server plugin for this machine, as `make plugin` builds it."""
    return build(session_state / "plugin", of_this_machine())


@pytest.fixture(scope="session")
def mattermost_with_plugin(mattermost: RunningServer, plugin_bundle: Path) -> RunningServer:
    """Each version in turn, with our server plugin on it."""
    ServerPlugin(mattermost.url, mattermost.token).install(plugin_bundle)
    return mattermost


@pytest.fixture
def team(mattermost: RunningServer) -> str:
    """The name of a new team on `mattermost`, this test's alone."""
    return mattermost.create_team()


@pytest.fixture
def fresh_mattermost(session_state: Path) -> Iterator[FreshMattermost]:
    """Start servers that nobody has touched; they end with the test."""
    with ExitStack() as servers:

        def start(
            version: str = "11.4", settings: dict[str, Any] | None = None, forced: dict[str, Any] | None = None
        ) -> RunningServer:
            state = Path(tempfile.mkdtemp(prefix="fresh-", dir=session_state))
            server = MattermostServer(
                state, version, settings=settings, forced=forced, looks_for_jobs_every_ms=OFTEN_MS
            )
            servers.callback(server.stop, remove=True)
            return RunningServer.from_lines(version, server.start(), server.state)

        yield start
