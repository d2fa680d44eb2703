"""Whether a workspace's work is to go on: people pause it from any terminal, or end their own run with Ctrl-C. Ends nothing itself.

A run asks at its safe points: between steps, before an import job, between files. What was sent by then is read back and
marked; the rest stays pending.
"""

import getpass
import socket
import threading
import time
from datetime import datetime

import msgspec

from mm_pipeline.db.database import Database
from mm_pipeline.db.queries import QUERIES
from mm_pipeline.errors import Paused

#: Seconds between two questions to PostgreSQL.
_ASKED_EVERY_S = 1.0
#: What a run says that was ended by whoever started it.
ENDED_AS_ASKED = "Ended at a safe point, as asked: what was sent is confirmed, the rest stays pending. Run the same command again to go on."
#: Set when whoever started this process wants it to end.
_interrupted = threading.Event()


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """A pause that nobody has lifted."""

    by: str  #: "name on host"
    since: datetime

    def __str__(self) -> str:
        return f"paused by {self.by} since {self.since.astimezone():%Y-%m-%d %H:%M:%S %Z}"


def pause(database: Database, workspace: str) -> Pause:
    """Pause a workspace. Returns the pause: one that is there already stays as it is."""
    parameters = {"workspace": workspace, "by": f"{_who()} on {socket.gethostname()}"}
    with database.session() as connection:
        connection.execute(QUERIES["pause"], parameters)
    return paused(database, workspace) or Pause(by=parameters["by"], since=datetime.now().astimezone())


def lift(database: Database, workspace: str) -> bool:
    """Let a workspace go on. Returns whether it was paused."""
    with database.session() as connection:
        return bool(connection.execute(QUERIES["lift_pause"], {"workspace": workspace}).rowcount)


def paused(database: Database, workspace: str) -> Pause | None:
    """Return the pause of a workspace, or None where it may go on."""
    with database.session() as connection:
        found = connection.execute(QUERIES["paused"], {"workspace": workspace}).fetchone()
    return Pause(by=found[0], since=found[1]) if found else None


def before_export(is_paused: bool) -> str:
    """Return what is to be said before `mm-pipeline export`: of work that is paused nothing begins before it is resumed."""
    return "`mm-pipeline resume`, then " if is_paused else ""


def interrupt() -> None:
    """Have the runs of this process end at their next safe point."""
    _interrupted.set()


def require_uninterrupted() -> None:
    """Raise Paused where whoever started this process wants it to end."""
    if _interrupted.is_set():
        raise Paused(ENDED_AS_ASKED)


class Going:
    """Asks whether a workspace's work may go on; often asked, it asks PostgreSQL once a second. Safe for threads."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database, self._workspace = database, workspace
        self._ask_at = 0.0

    def require(self) -> None:
        """Raise Paused where the work is paused, or is to end here."""
        require_uninterrupted()
        if not self._workspace or time.monotonic() < self._ask_at:
            return
        if found := paused(self._database, self._workspace):
            raise Paused(
                f"The work on {self._workspace} is {found}: what was sent is confirmed, the rest stays pending. "
                "`mm-pipeline resume`, then `mm-pipeline export`, goes on."
            )
        self._ask_at = time.monotonic() + _ASKED_EVERY_S


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # containers run as people who have no name
        return "somebody"
