"""Shows the plan, writes it as a table and reads it back. Sends nothing."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.own_file import own_file
from mm_pipeline.commands.terminal import columns, say
from mm_pipeline.errors import PipelineError
from mm_pipeline.nouns import counted

#: Lines longer than this nobody reads, however wide the terminal is.
_WIDEST = 120


@click.command()
@click.option("--changes", is_flag=True, help="Only who and what gets another name, stays behind, or has a note.")
@click.option("--all", "everything", is_flag=True, help="Every line of long lists.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the plan as a table to edit.")
@click.option("--read", "edited", type=click.Path(path_type=Path, exists=True), help="Read an edited table back.")
def plan(csv_file: Path | None, edited: Path | None, changes: bool, everything: bool) -> None:
    """Decide, and show, who becomes whom and what is called what. Sends nothing.

    In the table, the column `action (create/match/skip)` says which of these; names and e-mails may be changed.
    """
    from mm_pipeline.plan.decisions_csv import how_to_edit, open_table, read_edits, write_plan
    from mm_pipeline.plan.planner import PlanStops
    from mm_pipeline.preflight.staged import staged_lines
    from mm_pipeline.report.plan_as_it_came import plan_as_it_came
    from mm_pipeline.report.plan_lines import plan_lines
    from mm_pipeline.report.plan_text import plan_text
    from mm_pipeline.report.rows import Rows

    with opened_migration() as migration:
        migration.require_ready()
        if migration.exports.at_hand is not None:
            migration.exports.stage(migration.exports.at_hand)
        if edited:
            objections = migration.planning.edit(read_edits(open_table(edited)))
            for objection in objections:
                say(objection, err=True)
            if objections:
                raise PipelineError(
                    f"{counted(len(objections), 'line')} of {edited} could not be followed; the others were."
                )
        stops: PlanStops | None = None
        try:
            made = migration.planning.make()
        except PlanStops as objections:
            made, stops = objections.plan, objections
        rows = Rows(migration.store)
        if csv_file:
            # With a mark: spreadsheets take a table without one for their own country's letters.
            with own_file(csv_file, "utf-8-sig") as file:
                write_plan(plan_as_it_came(made, rows), file, rows.became())
            say(
                f"{csv_file} is written. Edit it, then `mm-pipeline plan --read {csv_file}`. In each line you may change:"
            )
            click.echo(how_to_edit())
        else:
            lines = plan_lines(migration.store, made)
            width = columns()
            there = sum(not line.is_missing for line in lines if line.became)
            say(f"{migration.store.workspace} -> {migration.planning.destination}; this sends nothing")
            if there:
                done = counted(there, "line of it has", "lines of it have")
                say(f"{done} come true already: each says what became of it.")
            for line in staged_lines(migration.exports.at_hand, migration.store.staged_exports()):
                say(f"{line.subject}: {line.text}")
            click.echo()
            click.echo(
                plan_text(lines, width=width and min(width, _WIDEST), only_changes=changes, everything=everything)
            )
            if not stops and migration.store.has_work():
                click.echo()
                say(
                    "Wrong somewhere? `mm-pipeline plan --csv plan.csv`, edit it, `mm-pipeline plan --read plan.csv`. "
                    f"Next: {migration.before_export}`mm-pipeline export` does it."
                )
        if stops:
            raise stops
