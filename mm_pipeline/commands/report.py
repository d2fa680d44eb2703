"""Writes the report of a migration from a terminal. Sends nothing, changes nothing."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration


@click.command()
@click.option(
    "--output", type=click.Path(path_type=Path), help="Folder to write to; by default one in the state folder."
)
def report(output: Path | None) -> None:
    """Write the report: one HTML page, and the same as JSON and CSV. Asks the server what it has now."""
    with opened_migration() as migration:
        page = migration.write_report(output.expanduser() if output else None)
    click.echo(f"{page}: open it in a browser")
