"""Sentences as lines of a terminal, broken between words. Leaves tables as they are, and writes nothing."""

import shutil
import sys
import textwrap

#: Columns of the terminal that this process was started in; None: in none. While a step runs Dagster has a file in its place.
STARTED_IN = shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else None
#: Sentences longer than this nobody reads, however wide the terminal is.
_WIDEST = 100


def wrapped(text: str, width: int | None) -> str:
    """Return a text whose sentences are wrapped at a terminal's columns; None: as it comes, for a program or a file.

    Lines of tables, which hold two blanks, are not wrapped. What a sentence is indented by, its further lines are, too.
    """
    return "\n".join(_wrapped(line, width) for line in text.splitlines()) if width else text


def _wrapped(line: str, width: int) -> str:
    sentence = line.lstrip()
    if len(line) <= width or "  " in sentence:
        return line
    indent = line[: -len(sentence)]
    return textwrap.fill(
        sentence,
        min(width, _WIDEST),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
