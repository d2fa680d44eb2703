"""The list for a terminal: as a table in colours where somebody reads it, a line each where a program does. Finds nothing out."""

import textwrap
from collections.abc import Sequence

import click

from mm_pipeline.finding import Finding, Level, stops, warnings
from mm_pipeline.nouns import counted

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.STOP: "red"}
#: Narrower, sentences become ladders.
_LEAST_WIDTH = 40


def list_text(findings: Sequence[Finding], width: int | None = None) -> str:
    """Return the list. `width`: columns that sentences are broken at; None: each stays in one line."""
    subject_width = max((len(finding.subject) for finding in findings), default=0)
    lines: list[str] = []
    for finding in findings:
        head = f"{finding.level.value:<7}  {finding.subject:<{subject_width}}  "
        told = (
            [finding.sentence, f"-> {finding.mend}"]
            if finding.mend and finding.level is not Level.OK
            else [finding.text]
        )
        room = max(width - len(head), _LEAST_WIDTH) if width else 0
        # Commands have hyphens, and are to be copied.
        broken = (textwrap.wrap(part, room, break_on_hyphens=False) if room else [part] for part in told)
        body = [line for part in broken for line in part]
        lines.append(head + body[0])
        lines += [" " * len(head) + line for line in body[1:]]
    return "\n".join(lines)


def coloured(text: str) -> str:
    """Return the list's text with its levels in colour."""
    words = {level.value: click.style(f"{level.value:<7}", fg=colour, bold=True) for level, colour in _COLOURS.items()}
    return "\n".join(
        words[word] + line[7:] if (word := line[:7].rstrip()) in words else line for line in text.splitlines()
    )


def verdict(findings: Sequence[Finding]) -> str:
    """Return what the list comes to."""
    against, careful = len(stops(findings)), len(warnings(findings))
    aside = (
        f" {counted(careful, 'line warns', 'lines warn')} of what becomes otherwise than people may wish."
        if careful
        else ""
    )
    if against:
        return f"What stands in the way: {against}. Mend it, then run the same command again.{aside}"
    return f"Nothing stands in the way.{aside}"
