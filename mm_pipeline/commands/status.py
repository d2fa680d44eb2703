"""Says what came of the rows, and what goes on. Changes none."""

import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mm_pipeline.commands.opened import opened_migration

if TYPE_CHECKING:  # heavy: `mm-pipeline --help` answers without it
    from mm_pipeline.report.at_work import AtWork

_LOOK_S = 2.0
#: Between two steps a run holds nothing.
_ENDED_S = 8.0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--follow", "following", is_flag=True, help="What goes on, until nobody is at work; then what came of it."
)
def status(as_json: bool, following: bool) -> None:
    """Say who is at work, what came of every row, and why rows failed or were skipped."""
    from mm_pipeline.report.at_work import AtWork
    from mm_pipeline.report.result import Result

    with opened_migration() as migration:
        if as_json:
            click.echo(json.dumps(Result.of(migration.store).as_json(), indent=2, ensure_ascii=False))
            return
        if following:
            follow(lambda: AtWork.of(migration.store, migration.journal))
        else:
            click.echo("\n".join(AtWork.of(migration.store, migration.journal).sentences()), nl=True)
            click.echo()
        click.echo(migration.report().as_text())


def follow(look: "Callable[[], AtWork]") -> None:
    """Show what goes on: in a terminal in its place, else a line whenever the work has moved on."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    idle_since, said = 0.0, ""
    with Live(console=Console(), auto_refresh=False, transient=True) as live:
        while True:
            work = look()
            text = "\n".join(work.sentences())
            if sys.stdout.isatty():
                live.update(Text(text), refresh=True)
            elif text != said and work.programs:
                said = text
                click.echo(text)
            if work.programs:
                idle_since = 0.0
            elif not idle_since:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= _ENDED_S:
                return
            time.sleep(_LOOK_S)
