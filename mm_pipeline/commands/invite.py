"""Invites the people whose accounts were made to choose a password. Decides nothing, and never does it by itself."""

from typing import TYPE_CHECKING

import click

from mm_pipeline.commands.opened import opened_migration
from mm_pipeline.commands.question import confirmed
from mm_pipeline.commands.terminal import say
from mm_pipeline.errors import AbortRun
from mm_pipeline.nouns import counted, verb

if TYPE_CHECKING:
    from mm_pipeline.mattermost.api import MattermostAPI
    from mm_pipeline.mattermost.on_server import Mailing
    from mm_pipeline.welcome.invitations import Invitations


@click.command()
@click.option("--preview", is_flag=True, help="Say who would be invited, and how the server mails; send nothing.")
@click.option("--test-mail", is_flag=True, help="Have the server mail you, the token's owner, and nobody else.")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
@click.option("--per-minute", type=click.IntRange(1, 6000), default=60, show_default=True, help="Mails in a minute.")
def invite(preview: bool, test_mail: bool, yes: bool, per_minute: int) -> None:
    """Mail a password reset to the people whose accounts were made here: each once, however often it is run."""
    from mm_pipeline.welcome.audience import require_exported
    from mm_pipeline.welcome.invitations import invitations, invite, settle_unsure

    with opened_migration() as migration:
        server = migration.require_its_server()
        api, journal, store = migration.api, migration.journal, migration.store
        if test_mail:
            _try_mail(api)
            return
        require_exported(server, store)
        settle_unsure(api, journal)
        found = invitations(api, journal, store, migration.settings.email_domain)
        mailing = api.mailing()
        _tell(found, mailing, with_names=preview)
        if mailing.objection:
            raise AbortRun(mailing.objection)
        if preview or not found.due:
            return
        if not yes:
            confirmed(f"Mail {'all ' if len(found.due) > 1 else ''}{len(found.due):,} now, {per_minute:,} in a minute?")
        sent = 0
        for sent, account in enumerate(invite(api, journal, found.due, per_minute), 1):
            click.echo(f"{sent:>6,}/{len(found.due):,}  {account.username}")
    say(
        f"{counted(sent, 'person was', 'people were')} invited: {verb(sent, 'the link is', 'their links are')} good for 24 hours."
    )


def _tell(found: "Invitations", mailing: "Mailing", *, with_names: bool) -> None:
    who = counted(len(found.due), "person is", "people are")
    click.echo(f"{who} to be invited{':' if with_names and found.due else ''}")
    for account in found.due if with_names else ():
        click.echo(f"  {account.username:<32} {account.email}")
    if found.left_out:
        click.echo("Not invited:")
    for why, count in found.left_out.items():
        say(f"  {why.told(count)}")
    if not found.due:
        return
    say(f"The server mails through {mailing.host}, as {mailing.sender or 'nobody'}.")
    for doubt in mailing.doubts:
        say(f"  {doubt}")
    if with_names:
        say(
            "Whether mails arrive its settings do not tell: `mm-pipeline invite --test-mail` has it mail you, and nobody else."
        )


def _try_mail(api: "MattermostAPI") -> None:
    from mm_pipeline.http import ApiError
    from mm_pipeline.welcome.invitations import cannot_mail

    me, mailing = api.me(), api.mailing()
    try:
        api.send_test_mail()
    except ApiError as refused:
        raise AbortRun(
            f"The server could not mail {me.email} through {mailing.host}: {cannot_mail(refused)}"
        ) from refused
    say(f"The server handed a test mail for {me.email} to {mailing.host}: look whether it arrives.")
    for doubt in (mailing.objection, *mailing.doubts):
        if doubt:
            say(f"  {doubt}")
