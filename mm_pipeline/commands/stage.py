"""Stages a Slack export from a terminal. Sends nothing."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.errors import PipelineError


@click.command()
@click.argument("export", required=False, type=click.Path(path_type=Path))
def stage(export: Path | None) -> None:
    """Stage a Slack EXPORT into rows, as preflight, plan and export do by themselves.

    EXPORT is a zip or a folder; without it, what SLACK_EXPORT names. Staging it again changes nothing.
    """
    with opened_migration() as migration:
        export = export or migration.exports.at_hand
        if export is None:
            raise PipelineError("Name the export: `mm-pipeline stage FILE`, or set SLACK_EXPORT.")
        staged = migration.exports.stage(export)
        click.echo(f"workspace {staged.workspace}")
        for entity_type, seen in staged.seen.items():
            added, changed = staged.added.get(entity_type, 0), staged.changed.get(entity_type, 0)
            click.echo(f"{entity_type:<13} {seen:>8} in the export, {added} new, {changed} changed")
