"""A line of the list that is read before anything is sent: what was looked at, how it stands, how to mend it. Looks at nothing."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from mm_pipeline.errors import AbortRun


class Level(StrEnum):
    """How it stands."""

    OK = "ok"  #: nothing to mend
    WARNING = "warning"  #: the migration goes on, and something becomes otherwise than people may wish
    STOP = "stop"  #: the migration must not begin


class Finding(msgspec.Struct, frozen=True):
    """One line. `subject` is what was looked at, in the words of README and of Mattermost's settings."""

    level: Level
    subject: str
    sentence: str
    mend: str = ""

    @property
    def text(self) -> str:
        """All that it says."""
        return f"{self.sentence} {self.mend}".rstrip()


def ok(subject: str, sentence: str, mend: str = "") -> Finding:
    """Return a line about something that is as it should be."""
    return Finding(Level.OK, subject, sentence, mend)


def warning(subject: str, sentence: str, mend: str) -> Finding:
    """Return a line about something that becomes otherwise than people may wish."""
    return Finding(Level.WARNING, subject, sentence, mend)


def stop(subject: str, sentence: str, mend: str) -> Finding:
    """Return a line about something that must be mended first."""
    return Finding(Level.STOP, subject, sentence, mend)


def told(subject: str, text: str, level: Level = Level.STOP) -> Finding:
    """Return the line of what an error or objection says. Its text says what is wrong, then what to do (errors.py)."""
    for border, end in ((". ", "."), (": ", ".")):
        sentence, found, mend = text.partition(border)
        if found:
            return Finding(level, subject, sentence + end, mend[0].upper() + mend[1:])
    return Finding(level, subject, text)


def stops(findings: Iterable[Finding]) -> list[Finding]:
    """Return the lines that stop a migration."""
    return [finding for finding in findings if finding.level is Level.STOP]


def warnings(findings: Iterable[Finding]) -> list[Finding]:
    """Return the lines that warn."""
    return [finding for finding in findings if finding.level is Level.WARNING]


def require_no_stop(findings: Iterable[Finding]) -> None:
    """Raise AbortRun with everything that stops a migration, a line each."""
    if found := stops(findings):
        raise AbortRun("\n".join(finding.text for finding in found))
