"""Says what came of the rows, and what goes on. Changes none."""

import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import columns, say

if TYPE_CHECKING:  # heavy: `mm-pipeline --help` answers without it
    from mm_pipeline.report.at_work import AtWork

_LOOK_S = 2.0
#: Between two steps that have processes of their own a run holds nothing.
_ENDED_S = 8.0
_WAITS = (
    "Waiting for a run to begin: `mm-pipeline export` in another terminal, or in Dagster's UI. Ctrl-C ends the waiting."
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--follow",
    "following",
    is_flag=True,
    help="What goes on, until nobody is at work; then what came of it. Waits for a run where rows are pending.",
)
def status(as_json: bool, following: bool) -> None:
    """Say who is at work, what came of every row and why, and what to do next."""
    from mm_pipeline.db.entity_store import EntityStore
    from mm_pipeline.report.at_work import AtWork
    from mm_pipeline.report.next_step import next_step
    from mm_pipeline.report.result import Result
    from mm_pipeline.report.staged_exports import staged_exports_text

    with opened_migration() as migration:
        if not migration.has_rows and not as_json:
            begun = AtWork.of(EntityStore(migration.database, migration.workspace), migration.journal)
            say("\n".join(begun.sentences()) if begun.programs else migration.exports.first_step)
            if not following:
                return
            say("Waiting for that. Ctrl-C ends the waiting.")
            while not migration.has_rows:
                time.sleep(_LOOK_S)
        if as_json:
            click.echo(json.dumps(Result.of(migration.store).as_json(), indent=2, ensure_ascii=False))
            return
        say(f"{migration.store.workspace}, of {staged_exports_text(migration.store.staged_exports())}")
        if following:
            follow(lambda: AtWork.of(migration.store, migration.journal), is_awaited=migration.store.has_work())
        else:
            say("\n".join(AtWork.of(migration.store, migration.journal).sentences()))
            click.echo()
        told = migration.report()
        say(told.as_text(columns()))
        work = AtWork.of(migration.store, migration.journal)
        if not work.programs:
            step = next_step(told.result, migration.store.begun_steps(), is_paused=work.pause is not None)
            say(f"\n{step}")


def follow(look: "Callable[[], AtWork]", *, is_awaited: bool = False) -> None:
    """Show what goes on: in a terminal in its place, else a line whenever the work has moved on.

    is_awaited: a run is still to come; it is waited for, however long that takes.
    """
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    idle_since, said = 0.0, set[tuple[object, ...]]()
    with Live(console=Console(), auto_refresh=False, transient=True) as live:
        while True:
            work = look()
            is_awaited = is_awaited and not work.programs
            told = work.told() | ({("waits",): _WAITS} if is_awaited else {})
            if sys.stdout.isatty():
                live.update(Text("\n".join(told.values())), refresh=True)
            elif work.programs or is_awaited:
                for sentence in (told[key] for key in told if key not in said):
                    click.echo(sentence)
                said = set(told)
            if work.programs or is_awaited:
                idle_since = 0.0
            elif not idle_since:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= _ENDED_S:
                return
            time.sleep(_LOOK_S)
