"""Says what came of the rows. Changes none."""

import json

import click

from mm_pipeline.commands.opened import opened_migration


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Say what came of every row, and why rows failed or were skipped."""
    from mm_pipeline.report.result import Result

    with opened_migration() as migration:
        if as_json:
            click.echo(json.dumps(Result.of(migration.store).as_json(), indent=2, ensure_ascii=False))
        else:
            click.echo(migration.report().as_text())
