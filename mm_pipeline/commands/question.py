"""What is asked of whoever sits at the terminal. Where nobody does, says how it goes on without asking."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from mm_pipeline.errors import PipelineError


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
