"""Invites the people whose accounts were made to choose a password. Decides nothing, and never does it by itself."""

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.errors import AbortRun


@click.command()
@click.option("--preview", is_flag=True, help="Say who would be invited; send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
@click.option("--per-minute", type=click.IntRange(1, 6000), default=60, show_default=True, help="Mails in a minute.")
def invite(preview: bool, yes: bool, per_minute: int) -> None:
    """Mail a password reset to the people whose accounts were made here: each once, however often it is run."""
    from mm_pipeline.welcome.invitations import invitations, invite, settle_unsure

    with opened_migration() as migration:
        migration.require_its_server()
        api, journal, store = migration.api, migration.journal, migration.store
        settle_unsure(api, journal)
        found = invitations(api, journal, store, migration.settings.email_domain)
        click.echo(f"{len(found.due)} people are to be invited")
        for why, count in found.left_out.items():
            click.echo(f"{count} are not: they {why}")
        if objection := api.mail_objection():
            raise AbortRun(objection)
        if preview:
            for account in found.due:
                click.echo(f"  {account.username:<32} {account.email}")
            return
        if not found.due:
            return
        if not yes:
            click.confirm(f"Mail all {len(found.due)} of them now, {per_minute} in a minute?", abort=True)
        sent = 0
        for sent, account in enumerate(invite(api, journal, found.due, per_minute), 1):
            click.echo(f"{sent:>6}/{len(found.due)}  {account.username}")
    click.echo(f"{sent} people were invited: their links are good for as long as the server says, by default 24 hours.")
