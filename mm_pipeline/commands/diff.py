"""Says what a newer export would bring, before anything of it is staged. Changes nothing."""

import json
from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say
from mm_pipeline.errors import PipelineError


@click.command()
@click.argument("exports", nargs=-1, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Every line of long lists.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def diff(exports: tuple[Path, ...], everything: bool, as_json: bool) -> None:
    """Say what newer EXPORTS would bring; stages nothing.

    EXPORTS are zips or folders, older ones first; without any, what SLACK_EXPORT names. They are compared with what is staged and
    sent.
    """
    import msgspec

    from mm_pipeline.report.difference_text import difference_text

    with opened_migration() as migration:
        if not exports and migration.exports.at_hand is None:
            raise PipelineError("Name the export: `mm-pipeline diff FILE`, or set SLACK_EXPORT.")
        found = migration.exports.compare(exports or (migration.exports.at_hand,))  # type: ignore[arg-type]  # not None: asked above
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found), indent=2, ensure_ascii=False))
    else:
        say(difference_text(found, everything=everything))
        if not found.is_nothing:
            name = "each in turn" if len(exports) > 1 else "it"
            first = f"set SLACK_EXPORT to {name}, then " if exports else ""
            say(f"\nNext: {first}`mm-pipeline export` brings that.")
