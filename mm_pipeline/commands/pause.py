"""Pauses the work and lets it go on, from any terminal. Ends no process."""

import time

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say

_LOOK_S = 1.0


@click.command()
@click.option("--no-wait", is_flag=True, help="Return at once, not when nobody is at work any more.")
def pause(no_wait: bool) -> None:
    """Have the work rest: what is at work ends at its next safe point, nothing begins until `resume`.

    An import job that runs on the server is seen to its end, and what it brought is confirmed; the rest stays pending.
    """
    from mm_pipeline.db.pauses import pause as pause_work
    from mm_pipeline.report.at_work import AtWork, left_changed_sentence

    with opened_migration() as migration:
        say(f"{migration.store.workspace} is {pause_work(migration.database, migration.store.workspace)}.")
        said = ""
        while not no_wait and (work := AtWork.of(migration.store, migration.journal)).programs:
            if ", ".join(work.programs) != said:
                said = ", ".join(work.programs)
                say(f"Waiting for the next safe point of {said}.")
                say("\n".join(work.sentences()))
            time.sleep(_LOOK_S)
        left = () if no_wait else work.left_changed
    if left:
        say(left_changed_sentence(left, is_paused=True))
    if not no_wait:
        say("Nobody is at work. `mm-pipeline resume`, then `mm-pipeline export`, goes on.")


@click.command()
def resume() -> None:
    """Let paused work go on: by `mm-pipeline export`, in Dagster's UI, or by the sensor."""
    from mm_pipeline.db.pauses import lift

    with opened_migration() as migration:
        was_paused = lift(migration.database, migration.store.workspace)
    what = "may go on" if was_paused else "was not paused"
    say(f"{migration.store.workspace} {what}: `mm-pipeline export` does the rest (the sensor, if it is on, by itself).")
