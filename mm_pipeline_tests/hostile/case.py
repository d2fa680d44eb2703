"""A line of the table: one hostile input, and what comes of it. Runs nothing by itself."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pytest_httpserver import HTTPServer


class Fate(StrEnum):
    """What may come of hostile input. There is no sixth: no traceback, and no row of somebody else's."""

    REFUSED = "refused"  #: the whole run, before anything is sent, in a sentence that says what to do
    FAILED = "failed"  #: its own row alone, with the reason
    SKIPPED = "skipped"  #: likewise, for one reason of the closed list
    TOLD = "told"  #: it is left out or taken otherwise, with a warning; everything else goes on
    KEPT = "harmless"  #: it arrives as what it is: text, a name that the server takes, a post of its author


class Desk(NamedTuple):
    """What a case is tried on."""

    folder: Path  #: empty, this case's alone
    database: str  #: URL of a migrated PostgreSQL database, in which the neighbours lie
    slack: HTTPServer  #: in Slack's place


class Ended(NamedTuple):
    """What came of a case. `said`: the sentences; of what arrived, the thing itself."""

    fate: Fate
    said: tuple[str, ...]


class Case(NamedTuple):
    """One hostile input. `says` is the exact beginning of the one sentence that is said, or of what arrives."""

    what: str
    fate: Fate
    says: str
    run: Callable[[Desk], Ended]


class HostileClass(NamedTuple):
    """A kind of attack or damage, at most twenty of it."""

    title: str
    where: str  #: in a sentence: what the input goes through
    cases: tuple[Case, ...]
