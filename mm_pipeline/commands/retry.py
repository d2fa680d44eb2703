"""Sets failed rows pending again. Sends nothing."""

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say
from mm_pipeline.nouns import counted, verb


@click.command()
def retry() -> None:
    """Set failed rows, the children that they skipped, and files and pictures that nobody had, pending again."""
    from mm_pipeline.db.status_writer import retry as retry_rows

    with opened_migration() as migration:
        again = retry_rows(migration.database, migration.store.workspace)
        resume = migration.before_export
    if again:
        say(
            f"{counted(again, 'row is', 'rows are')} pending again: {resume}`mm-pipeline export` tries {verb(again, 'it', 'them')} "
            "once more. "
            "Where nothing was mended meanwhile, the same comes of it: `mm-pipeline preflight` says what is within reach by now."
        )
    else:
        say(
            "No row failed, none was skipped for one that did, and no file or picture is missing: there is nothing to try again."
        )
