"""Stages a Slack export from a terminal. Sends nothing."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import say
from mm_pipeline.errors import PipelineError
from mm_pipeline.nouns import counted


@click.command()
@click.argument("export", required=False, type=click.Path(path_type=Path))
@click.option(
    "--take-back",
    "back",
    is_flag=True,
    help="Take back the export that was staged last, as long as none of it was sent.",
)
def stage(export: Path | None, back: bool) -> None:
    """Stage a Slack EXPORT into rows, as preflight, plan and export do by themselves.

    EXPORT is a zip or a folder; without it, what SLACK_EXPORT names. Staging it again changes nothing.
    """
    from mm_pipeline.db.entity_store import EntityStore
    from mm_pipeline.report.result import text_table
    from mm_pipeline.report.staged_exports import HOW_TO_TAKE_BACK, staged_exports_text

    with opened_migration() as migration:
        if back:
            taken = migration.exports.take_back(migration.store.workspace)
            gone = sum(taken.removed.values())
            say(
                f"{taken.name} is taken back: {counted(gone, 'row that it brought is', 'rows that it brought are')} gone, "
                f"{counted(taken.restored, 'row is', 'rows are')} again as before it. Nothing was sent. Next: name the export that you "
                "want in SLACK_EXPORT, then `mm-pipeline plan`."
            )
            return
        export = export or migration.exports.at_hand
        if export is None:
            raise PipelineError("Name the export: `mm-pipeline stage FILE`, or set SLACK_EXPORT.")
        staged = migration.exports.stage(export)
        say(f"{export.name} is staged as workspace {staged.workspace}; nothing is sent.")
        click.echo()
        rows = [
            [kind, *(f"{counts.get(kind, 0)}" for counts in (staged.seen, staged.added, staged.changed))]
            for kind in staged.seen
        ]
        click.echo(text_table(["", "in the export", "new", "told otherwise"], rows))
        all_of_them = EntityStore(migration.database, staged.workspace).staged_exports()
        if len(all_of_them) > 1:
            say(f"\nStaged by now: {staged_exports_text(all_of_them)}. {HOW_TO_TAKE_BACK}")
        say("\nNext: `mm-pipeline plan` shows what becomes of it.")
