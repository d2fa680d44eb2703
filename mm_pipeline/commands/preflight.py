"""Shows in a terminal the list that is read before anything is sent. Stages the export, sends nothing."""

import json
import sys

import click
import msgspec

from mm_pipeline.backend_logger import masked
from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.terminal import columns, say
from mm_pipeline.finding import stops


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def preflight(as_json: bool) -> None:
    """Say what stands in the way, and how to mend it. Exit code 1 if anything stops."""
    from mm_pipeline.preflight.as_text import coloured, list_text, verdict
    from mm_pipeline.preflight.the_list import preflight as the_list

    with opened_migration() as migration:
        findings = the_list(migration)
        next_step = ""
        if not stops(findings) and migration.has_rows and migration.store.has_work():
            does_it = f"{migration.before_export}`mm-pipeline export` does it."
            next_step = f" Next: `mm-pipeline plan` shows what becomes of it, and {does_it}"
    if as_json:
        click.echo(masked(json.dumps(msgspec.to_builtins(findings), indent=2, ensure_ascii=False)))
    else:
        width = columns()
        text = masked(list_text(findings, width))
        click.echo(coloured(text) if width else text)
        say(f"\n{verdict(findings)}{next_step}")
    if stops(findings):
        sys.exit(1)
