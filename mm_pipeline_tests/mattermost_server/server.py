"""Starts and stops one Mattermost server with its own PostgreSQL under a state folder. Builds nothing itself, keeps no data for good."""

import fcntl
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import psutil  # type: ignore[import-untyped]

from mm_pipeline.db.embedded import EmbeddedPostgres, free_port, is_free
from mm_pipeline.errors import AbortRun
from mm_pipeline_tests.mattermost_server import settings as values
from mm_pipeline_tests.mattermost_server.binary import built
from mm_pipeline_tests.mattermost_server.plugin_process import kill_plugins_of
from mm_pipeline_tests.mattermost_server.rest import Refused, ask, call, create_admin, create_team

ADMIN, TEAM = "sysadmin", "migration"
_UP_S = 90.0
_DOWN_S = 30.0
#: How often a server of the tests looks for pending jobs: most of their time would go by waiting for it. Mattermost's own
#: pace is 15,000 (and once, at the start, up to as much again); test_kills, `make server` and what measures keep to that.
OFTEN_MS = 500
#: A throw-away database need not outlive a power cut.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class _Remembered(msgspec.Struct, kw_only=True):
    """What a second start must know. Lies in the state folder, its owner's alone."""

    version: str
    port: int
    password: str
    token: str = ""
    pid: int = 0
    pid_since: float = 0.0


class MattermostServer:
    """A server of `version` whose whole state lies under `state`.

    port: where it listens on 127.0.0.1; a free one if None. settings: Section.Key -> value, over what is on by default;
    they can all be changed at run time by REST, but those of `forced`, which its environment fixes. looks_for_jobs_every_ms: 0
    for Mattermost's own pace.
    """

    def __init__(
        self,
        state: Path,
        version: str | None = None,
        port: int | None = None,
        settings: dict[str, Any] | None = None,
        *,
        forced: dict[str, Any] | None = None,
        looks_for_jobs_every_ms: int = 0,
    ) -> None:
        self.state = Path(state).absolute()
        self._version = version
        self._port = port
        self._settings = settings or {}
        self._forced = forced or {}
        self._looks_for_jobs_every_ms = looks_for_jobs_every_ms
        self._process: subprocess.Popen[bytes] | None = None
        self._postgres = EmbeddedPostgres(self.state / "postgres", conf=_FORGETFUL)

    def start(self) -> dict[str, str]:
        """Start what is down and return MM_URL, MM_TOKEN, MM_TEAM, MM_DATABASE: the same ones each time.

        Raises AbortRun where it does not come up.
        """
        with self._locked():
            known = self._recall()
            binary = built(known.version)
            self._remember(known)  # from here on there is something to stop
            self._postgres.start()
            self._postgres.create_database("mattermost")
            if self._config().get("SqlSettings", {}).get("DataSource") != self._data_source:
                self._end(known, gently=False)  # the database had to move to another port
            if not _alive(known):
                self._launch(binary, known)
            if not known.token:
                self._seed(known)
            return {
                "MM_URL": f"http://127.0.0.1:{known.port}",
                "MM_TOKEN": known.token,
                "MM_TEAM": TEAM,
                "MM_DATABASE": self._postgres.url("mattermost"),
            }

    def stop(self, *, remove: bool = False, gently: bool = True) -> bool:
        """Stop server and database; with remove, delete all of it. What is not there is no error. Returns whether one ran.

        Gently lets the server end what it is doing; else it is killed.
        """
        if not self._remembered.exists():
            return False
        with self._locked():
            known = self._recall()
            ran = _alive(known)
            self._end(known, gently=gently and not remove)
            kill_plugins_of(self.state)
            ran = self._postgres.stop() or ran
        if remove:
            shutil.rmtree(self.state)
        return ran

    @property
    def _remembered(self) -> Path:
        return self.state / "server.json"

    @property
    def _data_source(self) -> str:
        return f"{self._postgres.url('mattermost')}?sslmode=disable"

    def _config(self) -> dict[str, Any]:
        file = self.state / "config.json"
        return dict(json.loads(file.read_bytes())) if file.exists() else {}

    def _recall(self) -> _Remembered:
        """Return what an earlier start left, or what a first one begins with."""
        if not self._remembered.exists():
            if self._version is None:
                raise AbortRun(f"There is no server under {self.state} yet: say which version to start.")
            return _Remembered(
                version=self._version, port=self._port or free_port(), password=secrets.token_urlsafe(24)
            )
        known = msgspec.json.decode(self._remembered.read_bytes(), type=_Remembered)
        if self._version not in (None, known.version):
            raise AbortRun(
                f"{self.state} holds a Mattermost {known.version}: name another folder for {self._version}, or remove this one."
            )
        if self._port not in (None, known.port):
            if _alive(known):
                raise AbortRun(
                    f"The server under {self.state} runs on port {known.port}: stop it before it moves to {self._port}."
                )
            known.port = self._port or known.port
        return known

    def _remember(self, known: _Remembered) -> None:
        _write_private(self._remembered, msgspec.json.encode(known))

    def _launch(self, binary: Path, known: _Remembered) -> None:
        """Start the server, on another port where its own was taken meanwhile and nobody asked for just that one."""
        _tell(f"Starting Mattermost {known.version} ...")
        for _ in range(5):
            if is_free(known.port):
                said_before = len(self._log())
                self._write_config(known)
                self._spawn(binary, known)
                if self._answers(known):
                    return
                self._end(known)
                if b"address already in use" not in self._log()[said_before:]:
                    raise AbortRun(
                        f"Mattermost {known.version} does not come up; its log is {self.state / 'logs' / 'mattermost.log'}."
                    )
            if self._port is not None:
                break
            known.port = free_port()
        raise AbortRun(f"Port {known.port} is taken by another program: end that, or choose another port.")

    def _spawn(self, binary: Path, known: _Remembered) -> None:
        """Start the process so that it outlives this one and holds none of its pipes."""
        logs = self.state / "logs"
        logs.mkdir(exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MM_")}
        for name, value in self._forced.items():
            environment["MM_" + name.replace(".", "_").upper()] = str(value).lower()
        environment["LOOK_FOR_JOBS_EVERY_MS"] = str(self._looks_for_jobs_every_ms)
        with (logs / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                [binary, "server", "--config", self.state / "config.json"],
                cwd=binary.parent,  # i18n, templates and fonts are looked for here first
                env=environment,  # MM_* of the caller would force settings
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        known.pid = self._process.pid
        known.pid_since = psutil.Process(known.pid).create_time()
        self._remember(known)

    def _answers(self, known: _Remembered) -> bool:
        until = time.monotonic() + _UP_S
        while time.monotonic() < until and _alive(known):
            with suppress(OSError, http.client.HTTPException):
                if ask(f"http://127.0.0.1:{known.port}", "GET", "/system/ping").status == 200:
                    return True
            time.sleep(0.1)
        return False

    def _end(self, known: _Remembered, *, gently: bool = True) -> None:
        """End the server. Gently takes it up to 15 s just after a start, and nobody needs that of what is deleted next."""
        if not _alive(known):
            return
        process = psutil.Process(known.pid)
        try:
            process.send_signal(signal.SIGTERM if gently else signal.SIGKILL)
            process.wait(_DOWN_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(_DOWN_S)
        if self._process is not None:
            self._process.wait()

    def _write_config(self, known: _Remembered) -> None:
        """Write config.json: what people changed by REST stays, what this machine decides is new."""
        here = values.of_this_machine(self.state, known.port, self._data_source)
        if known.token:
            changes = [here, self._settings]
        else:
            changes = [values.FOR_MIGRATIONS, values.CALLS_NOBODY, here, self._settings, values.WHILE_SEEDING]
        self._change_config(*changes)

    def _seed(self, known: _Remembered) -> None:
        """Make the admin, the token and the team, with nobody told of it; then let the settings be as they are wanted."""
        url = f"http://127.0.0.1:{known.port}"
        try:
            token = create_admin(url, ADMIN, known.password)
            create_team(url, token, TEAM)
            self._change_config(values.FOR_MIGRATIONS, values.CALLS_NOBODY, self._settings)
            call(url, "POST", "/config/reload", token=token)
        except (Refused, OSError, http.client.HTTPException) as error:
            raise AbortRun(f"The new Mattermost {known.version} could not be set up ({error}).") from error
        known.token = token
        self._remember(known)

    def _change_config(self, *changes: dict[str, Any]) -> None:
        changed = values.merged(self._config(), *changes)
        _write_private(self.state / "config.json", json.dumps(changed, indent=1).encode())

    def _log(self) -> bytes:
        logs = [self.state / "logs" / name for name in ("mattermost.log", "console.log")]
        return b"".join(log.read_bytes() for log in logs if log.exists())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time start or stop this server."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.state.chmod(0o700)
        with (self.state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _alive(known: _Remembered) -> bool:
    """Return whether the process that was started lives; another one that got its number since does not count."""
    try:
        process = psutil.Process(known.pid)
        # Seconds apart, not equal: the clock that both are told by may be set in between.
        is_it = abs(process.create_time() - known.pid_since) < 5
        return is_it and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone reads, whole or not at all."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
