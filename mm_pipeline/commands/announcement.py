"""Prints a text that tells everybody what has happened. Sends it to nobody."""

import click

from mm_pipeline.commands.opened import opened_migration


@click.command()
def announcement() -> None:
    """Print a text for everybody, in Markdown, filled with what is so here: edit it, then post it yourself."""
    from mm_pipeline.welcome.announcement import announcement as text

    with opened_migration() as migration:
        click.echo(text(migration.require_its_server(), migration.store), nl=False)
