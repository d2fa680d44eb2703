"""What commands say, no wider than the terminal that they say it in. Changes nothing that a program or a file reads."""

import shutil
import sys

import click

from mm_pipeline.lines import wrapped


def columns(*, err: bool = False) -> int | None:
    """Return how wide the terminal is; None where no person reads, but a program or a file."""
    return shutil.get_terminal_size().columns if (sys.stderr if err else sys.stdout).isatty() else None


def say(text: str, *, err: bool = False) -> None:
    """Write a text. In a terminal sentences are wrapped between words; lines of tables, which hold two blanks, are not."""
    click.echo(wrapped(text, columns(err=err)), err=err)
