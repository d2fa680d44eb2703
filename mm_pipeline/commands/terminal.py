"""Whoever sits at the terminal: how wide it is, and what is asked there. Where nobody does, says how it goes on without asking."""

import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import click

from mm_pipeline.errors import PipelineError

#: Lines longer than this nobody reads, however wide the terminal is.
_WIDEST = 100


def columns() -> int | None:
    """Return how many columns sentences are broken at; None where no terminal shows them: not at all."""
    return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else None


def say(sentence: str, indent: str = "") -> None:
    """Print a sentence, broken into lines that the terminal has room for."""
    width = columns()
    click.echo(
        textwrap.fill(
            sentence,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if width
        else indent + sentence
    )


def confirmed(question: str) -> None:
    """Ask for a yes. Raises click.Abort at a no, PipelineError where nobody can be asked."""
    with _somebody():
        is_wanted = click.confirm(question)
    if not is_wanted:
        raise click.Abort


def answered(question: str) -> str:
    """Ask for a word. Raises PipelineError where nobody can be asked."""
    with _somebody():
        return str(click.prompt(question)).strip()


@contextmanager
def _somebody() -> Iterator[None]:
    try:
        yield
    except click.Abort:
        # click says the same of Ctrl-C and of an end of input.
        if sys.stdin is not None and sys.stdin.isatty():
            raise
        click.echo()  # behind the question
        raise PipelineError(
            "There is no terminal, so nobody can be asked, and nothing was done. With --yes it goes on without asking."
        ) from None
