"""Writes an import archive instead of sending. Asks no server."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say
from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.preflight import OLDEST, version_of
from mm_pipeline.nouns import counted

#: What an archive holds: one of each, and several.
_NOUNS = {
    "emoji": ("emoji", "emoji"),
    "channels": ("channel", "channels"),
    "people": ("person", "people"),
    "threads": ("thread", "threads"),
}


@click.command()
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The archive to write (zip).")
@click.option("--server-version", "version", default="11.4", show_default=True, help="Of the server that will read it.")
def archive(output: Path, version: str) -> None:
    """Write a Mattermost bulk-import archive instead of sending. Needs no server and marks nothing as sent."""
    numbers = version_of(version)
    if numbers == (0, 0):
        raise PipelineError(f"--server-version {version} is none: give its first two numbers, like 9.9.")
    if numbers < OLDEST:
        raise PipelineError(f"Archives are written for Mattermost {OLDEST[0]}.{OLDEST[1]} and newer.")
    with opened_migration() as migration:
        if migration.exports.at_hand is not None:
            migration.exports.stage(migration.exports.at_hand)
        counts = migration.write_archive(output, numbers)
    click.echo(", ".join(counted(count, *_NOUNS[what]) for what, count in counts.items()))
    say(
        f"{output} is written. Next: `mmctl import upload {output}`, `mmctl import list available`, and `mmctl import process` with "
        "the name that is shown there."
    )
