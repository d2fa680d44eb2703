"""Sets failed rows pending again. Sends nothing."""

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.nouns import counted


@click.command()
def retry() -> None:
    """Set failed rows, and the children that they skipped, pending again."""
    from mm_pipeline.db.status_writer import retry as retry_rows

    with opened_migration() as migration:
        again = retry_rows(migration.database, migration.store.workspace)
    if again:
        click.echo(f"{counted(again, 'row is', 'rows are')} pending again: `mm-pipeline export` sends them.")
    else:
        click.echo("No row failed, or was skipped for one that did: there is nothing to try again.")
