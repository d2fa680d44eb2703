"""The terminal's front door, mm-pipeline: the same job and the same parts, with progress and plain sentences.

Holds no rule of the migration.
"""

import json
import logging
import shlex
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.errors import AbortRun, PipelineError


class SentenceGroup(click.Group):
    """Prints what went wrong as one sentence, and ends with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own ways to end
        except PipelineError as error:
            sentence = str(error)
        except Exception as bug:
            # Never the traceback itself: it quotes what went wrong, and that may be a header with the token.
            backend_logger.debug("%s", traceback.format_exc())
            sentence = f"mm-pipeline stopped: {type(bug).__name__}: {bug} (--verbose says more)"
        click.echo(masked(sentence), err=True)
        ctx.exit(1)


@click.group(cls=SentenceGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", is_flag=True, help="Say every detail (DEBUG).")
def main(verbose: bool) -> None:
    """Move a Slack workspace into a Mattermost server.

    \b
    The shortest way:
      export SLACK_EXPORT=export.zip MM_URL=https://chat.example.org MM_TOKEN=... MM_TEAM=team
      mm-pipeline preflight     what stands in the way
      mm-pipeline plan          who becomes whom; nothing is sent
      mm-pipeline export        do it; run it again at any time
      mm-pipeline status        what came of it

    All settings are environment variables; README lists them.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    backend_logger.addHandler(handler)
    # Else a library that warns through the root logger makes everything appear twice.
    logging.getLogger().addHandler(logging.NullHandler())
    backend_logger.setLevel(logging.DEBUG if verbose else logging.INFO)


@contextmanager
def _migration() -> Iterator[Any]:
    """The migration that the environment describes, outside of a Dagster run. Raises AbortRun where it describes none."""
    import dagster as dg

    try:
        from mm_pipeline.definitions import resources
    except dg.DagsterInvalidDefinitionError as wrong:
        raise AbortRun(str(wrong)) from wrong
    from mm_pipeline.migration import Migration

    with ExitStack() as live:
        mm, postgres, slack, plan_choices = (
            live.enter_context(resource.process_config_and_initialize_cm()) for resource in resources().values()
        )
        yield Migration(mm, postgres, slack, plan_choices)


@main.command()
def up() -> None:
    """Start the database, write Dagster's instance, print what a shell needs: eval "$(mm-pipeline up)"."""
    from mm_pipeline.instance import write_instance

    with _migration() as migration:
        for name, value in write_instance(migration.postgres).items():
            click.echo(f"export {name}={shlex.quote(value)}")


@main.command()
def down() -> None:
    """Stop the database that `up` or a run started. The rows stay."""
    with _migration() as migration:
        migration.postgres.embedded.stop()


@main.command()
@click.argument("export", required=False, type=click.Path(path_type=Path))
def stage(export: Path | None) -> None:
    """Stage a Slack EXPORT (zip or folder; default SLACK_EXPORT) into rows. Staging it again changes nothing."""
    with _migration() as migration:
        export = export or migration.export
        if export is None:
            raise PipelineError("Name the export: `mm-pipeline stage FILE`, or set SLACK_EXPORT.")
        staged = migration.stage(export)
        click.echo(f"workspace {staged.workspace}")
        for entity_type, seen in staged.seen.items():
            added, changed = staged.added.get(entity_type, 0), staged.changed.get(entity_type, 0)
            click.echo(f"{entity_type:<13} {seen:>8} in the export, {added} new, {changed} changed")


@main.command()
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the plan as a table that people edit.")
@click.option("--read", "edited", type=click.Path(path_type=Path, exists=True), help="Read an edited table back.")
def plan(csv_file: Path | None, edited: Path | None) -> None:
    """Decide, and show, who becomes whom and what is called what. Sends nothing."""
    from mm_pipeline.plan.decisions_csv import plan_rows, read_edits, write_plan
    from mm_pipeline.plan.planner import PlanStops

    with _migration() as migration:
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


@main.command()
def preflight() -> None:
    """Say everything that stands in the way, and how to mend it."""
    with _migration() as migration:
        migration.require_ready()
        for remark in migration.remarks():
            click.echo(remark)
    click.echo("Nothing stands in the way.")


@main.command()
def export() -> None:
    """Do it: the job slack_to_mattermost, here, with progress. Safe to run again at any time."""
    with _migration() as migration:
        from mm_pipeline.progress import run_with_progress

        migration.require_ready()
        ended_well = run_with_progress(migration)
    if not ended_well:
        sys.exit(1)


@main.command()
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The archive to write (zip).")
def archive(output: Path) -> None:
    """Write a Mattermost bulk-import archive instead of sending. Needs no server and marks nothing."""
    with _migration() as migration:
        if migration.export is not None:
            migration.stage(migration.export)
        counts = migration.write_archive(output)
    click.echo(", ".join(f"{count} {what}" for what, count in counts.items()))
    click.echo(f"{output}: upload it and start an import_process job, or `mmctl import process` it")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Say what came of every row, and why rows failed or were skipped."""
    from mm_pipeline.report.result import Result

    with _migration() as migration:
        if as_json:
            click.echo(json.dumps(Result.of(migration.store).as_json(), indent=2, ensure_ascii=False))
        else:
            click.echo(migration.report().as_text())


@main.command()
def retry() -> None:
    """Set failed rows, and the children that they skipped, pending again."""
    from mm_pipeline.db.status_writer import retry as retry_rows

    with _migration() as migration:
        again = retry_rows(migration.database, migration.store.workspace)
    click.echo(f"{again} rows are pending again: `mm-pipeline export` sends them")


if __name__ == "__main__":
    main()
