"""Writes an import archive instead of sending. Asks no server."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration


@click.command()
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The archive to write (zip).")
def archive(output: Path) -> None:
    """Write a Mattermost bulk-import archive instead of sending. Needs no server and marks nothing as sent."""
    with opened_migration() as migration:
        if migration.export is not None:
            migration.stage(migration.export)
        counts = migration.write_archive(output)
    click.echo(", ".join(f"{count} {what}" for what, count in counts.items()))
    click.echo(f"{output}: upload it and start an import_process job, or `mmctl import process` it")
