"""Brings the server plugin to the server, takes it away, says how it is. Sends nothing through it."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say


@click.group()
def plugin() -> None:
    """The server plugin behind MM_TRANSPORT=plugin: faster than the import job, and removed afterwards."""


@plugin.command()
@click.option("--bundle", type=click.Path(path_type=Path), help="The bundle; by default what `make plugin` built.")
def install(bundle: Path | None) -> None:
    """Upload the plugin and switch it on."""
    from mm_pipeline.mattermost.server_plugin import BUNDLE

    with opened_migration() as migration:
        hello = migration.server_plugin.install(bundle or BUNDLE)
        say(migration.server_plugin.status())
        if hello.objections:
            raise click.exceptions.Exit(1)


@plugin.command()
def remove() -> None:
    """Take the plugin away, with all that it stored for itself. What it brought stays."""
    with opened_migration() as migration:
        say(migration.server_plugin.remove())


@plugin.command()
def status() -> None:
    """Say whether the plugin is there and may write."""
    with opened_migration() as migration:
        say(migration.server_plugin.status())
