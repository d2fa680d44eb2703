"""Says in a terminal what stands in the way. Changes nothing."""

import click

from mm_pipeline.commands.opened import opened_migration


@click.command()
def preflight() -> None:
    """Say everything that stands in the way, and how to mend it."""
    with opened_migration() as migration:
        migration.require_ready()
        for remark in migration.remarks():
            click.echo(remark)
    click.echo("Nothing stands in the way.")
