"""Prints a text that tells everybody what has happened. Sends it to nobody."""

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say


@click.command()
def announcement() -> None:
    """Print a text for everybody, in Markdown, filled with what is so here: edit it, then post it yourself.

    What you should know before you post it is said beside it, on standard error.
    """
    from mm_pipeline.welcome.announcement import announcement as made

    with opened_migration() as migration:
        migration.require_its_server()
        told = made(migration.api, migration.journal, migration.store, migration.settings.email_domain)
    click.echo(told.text, nl=False)
    for caution in told.cautions:
        say(f"Note: {caution}", err=True)
