"""Writes the report of a migration from a terminal. Sends nothing, changes nothing."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.errors import PipelineError


@click.command()
@click.option(
    "--output", type=click.Path(path_type=Path), help="Folder to write to; by default one in the state folder."
)
def report(output: Path | None) -> None:
    """Write the report: one HTML page, and the same as JSON and CSV. Asks the server what it has now.

    Exit code 1 where the server could not be asked: the report is written all the same, without its side.
    """
    with opened_migration() as migration:
        written = migration.write_report(output.expanduser() if output else None)
    click.echo(f"{written.page}: open it in a browser")
    if written.lacks:
        raise PipelineError(written.lacks)
