"""Starts and stops the embedded database from a terminal. Knows nothing of its rows."""

import shlex

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say


@click.command()
def up() -> None:
    """Start the database, write Dagster's instance, print what a shell needs: eval "$(mm-pipeline up)"."""
    from mm_pipeline.instance import write_instance

    with opened_migration() as migration:
        for name, value in write_instance(migration.postgres).items():
            click.echo(f"export {name}={shlex.quote(value)}")


@click.command()
def down() -> None:
    """Stop the database that `up` or a run started. The rows stay."""
    with opened_migration() as migration:
        embedded = migration.postgres.embedded
        ended = embedded.stop()
    say(
        f"The database in {embedded.folder} is stopped. Its rows stay, and the next command starts it again."
        if ended
        else f"No database of ours runs in {embedded.folder}: there is nothing to stop."
    )
