"""Takes back what was brought to the server, after it has shown what that is and asked. Decides nothing itself."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.own_file import own_file
from mm_pipeline.commands.question import answered
from mm_pipeline.commands.terminal import columns, say
from mm_pipeline.errors import PipelineError


@click.command()
@click.option("--preview", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write what is left into a table, too.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="The same for programs.")
def rollback(preview: bool, yes: bool, csv_file: Path | None, json_file: Path | None) -> None:
    """Take back from the server what this pipeline put there, and nothing else. What people did since stays."""
    from mm_pipeline.rollback.left_text import left_text
    from mm_pipeline.rollback.preview import as_text as preview_text
    from mm_pipeline.rollback.preview import is_empty
    from mm_pipeline.rollback.residue import as_csv, as_json
    from mm_pipeline.rollback.rollback import Rollback

    with opened_migration() as migration:
        server = migration.require_its_server()
        back = Rollback(migration.api, migration.journal, migration.store)
        with back.alone():
            seen = back.survey()
            say(f"{server.url}, team {server.team_name}: what {migration.store.workspace} brought there")
            click.echo()
            click.echo(preview_text(seen, columns()))
            if preview:
                return
            migration.require_going()
            if not yes and not is_empty(seen):
                question = f"\nThis cannot be undone. Type the name of the team ({server.team_name}) to go on"
                if answered(question) != server.team_name:
                    raise PipelineError("That is not the team's name: nothing was taken back.")
            back.take_back(seen)
        residue = back.residue()
    click.echo("\n" + left_text(residue, columns()))
    if not is_empty(seen):
        say("\nWhat is gone is pending again: `mm-pipeline export` would bring it once more.")
    for file, text in ((csv_file, as_csv), (json_file, as_json)):
        if file:
            with own_file(file) as opened:
                opened.write(text(residue))
            click.echo(f"{file}: each thing that is left, with its id")
