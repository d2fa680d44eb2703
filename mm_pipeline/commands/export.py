"""Runs the whole road in a terminal. Knows none of its steps."""

import sys

import click

from mm_pipeline.commands.opened import opened_migration


@click.command()
def export() -> None:
    """Do it, here, with progress. Safe to run again at any time.

    It is the job slack_to_mattermost of Dagster's UI.
    """
    with opened_migration() as migration:
        from mm_pipeline.progress import run_with_progress

        migration.require_going()
        migration.require_ready()
        with migration.under_way():
            ended_well = run_with_progress(migration)
    if not ended_well:
        sys.exit(1)
