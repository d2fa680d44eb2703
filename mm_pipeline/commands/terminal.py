"""What commands say, no wider than the terminal that they say it in. Changes nothing that a program or a file reads."""

import shutil
import sys
import textwrap

import click


def columns(*, err: bool = False) -> int | None:
    """Return how wide the terminal is; None where no person reads, but a program or a file."""
    return shutil.get_terminal_size().columns if (sys.stderr if err else sys.stdout).isatty() else None


def say(text: str, *, err: bool = False) -> None:
    """Write a text. In a terminal sentences are wrapped between words; lines of tables, which hold two blanks, are not."""
    width = columns(err=err)
    click.echo("\n".join(_wrapped(line, width) for line in text.splitlines()) if width else text, err=err)


def _wrapped(line: str, width: int) -> str:
    is_sentence = len(line) > width and "  " not in line
    return textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) if is_sentence else line
