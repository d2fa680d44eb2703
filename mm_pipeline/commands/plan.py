"""Shows the plan, writes it as a table and reads it back. Sends nothing."""

from pathlib import Path

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.errors import PipelineError


@click.command()
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the plan as a table that people edit.")
@click.option("--read", "edited", type=click.Path(path_type=Path, exists=True), help="Read an edited table back.")
def plan(csv_file: Path | None, edited: Path | None) -> None:
    """Decide, and show, who becomes whom and what is called what. Sends nothing."""
    from mm_pipeline.plan.decisions_csv import plan_rows, read_edits, write_plan
    from mm_pipeline.plan.planner import PlanStops

    with opened_migration() as migration:
        migration.require_ready()
        if migration.export is not None:
            migration.stage(migration.export)
        if edited:
            with edited.open(encoding="utf-8-sig", newline="") as file:
                objections = migration.edit_plan(read_edits(file))
            for objection in objections:
                click.echo(objection, err=True)
            if objections:
                raise PipelineError(f"{len(objections)} lines of {edited} were not followed; the others were.")
        stops: PlanStops | None = None
        try:
            made = migration.make_plan()
        except PlanStops as objections:
            made, stops = objections.plan, objections
        if csv_file:
            try:
                with csv_file.open("w", encoding="utf-8", newline="") as file:
                    write_plan(made, file)
            except OSError as error:
                raise PipelineError(f"{csv_file} cannot be written: {error.strerror}.") from error
            click.echo(f"{csv_file}: edit names, e-mails and actions, then `mm-pipeline plan --read {csv_file}`")
        for row in () if csv_file else plan_rows(made):
            slack = row["slack name"] or row["slack_id"]
            click.echo(
                f"{row['type']:<13} {slack:<28} {row['action']:<7} {row['mattermost name']:<32} {row['note']}".rstrip()
            )
        if stops:
            raise stops
