"""What is ours on a server, remembered in the journal before it is made or given, so that it can be taken back. Makes nothing.

Rows alone do not tell: after a crash between making and marking, a thing of ours is found and taken for one of before.
"""

from collections.abc import Iterable, Iterator, Mapping

from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.mattermost.outcome import Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount

#: What was made here, and what the entries are; they stay until it is taken back.
MADE_ACCOUNT = "made_account"  #: username
MADE_CHANNEL = "made_channel"  #: "<team id> <name>"
MADE_DIRECT = "made_direct_channel"  #: ids of its people, with blanks between them
MADE_EMOJI = "made_emoji"  #: name
#: What an import job is to make, until somebody has looked at what came of it: what a killed run leaves is looked at by the next.
MAKING_ACCOUNT = "making_account"  #: "<username> <e-mail>"
MAKING_CHANNEL = "making_channel"  #: "<team id> <name> <kind> <display name>"
#: What people made under a name of ours while the job waited or ran, and a line overwrote: never ours, taken for nobody's match.
OVERWRITTEN_ACCOUNT = "overwritten_account"  #: user id
OVERWRITTEN_CHANNEL = "overwritten_channel"  #: "<team id> <name>"
#: What people who were there before were given.
GIVEN_TEAM = "given_team"  #: "<team id> <user id>"
GIVEN_CHANNEL = "given_channel"  #: "<channel id> <user id>"
#: Posts whose text we changed by REST: "<post id> <ms of that edit>". Any other edit is somebody's own.
EDITED = "edited_post"


def remember_accounts(
    journal: Journal, accounts: Iterable[NewAccount], outcomes: Iterable[Done | Refused]
) -> Iterator[Done | Refused]:
    """Yield the outcomes of creating some accounts; those that came into being, or may have, are remembered as ours."""
    names = {account.key: account.username for account in accounts}
    journal.owe(MADE_ACCOUNT, names.values())
    for outcome in outcomes:
        if isinstance(outcome, Refused) or not outcome.id:
            journal.paid(MADE_ACCOUNT, [names[outcome.key]])
        yield outcome


def remember_direct(journal: Journal, members: Iterable[Iterable[str]], people: Mapping[str, Account]) -> None:
    """Remember direct and group channels (their people's usernames) that are about to be made."""
    journal.owe(MADE_DIRECT, [" ".join(sorted({people[name].id for name in names})) for names in members])


def remember_channels(journal: Journal, team_id: str, names: Iterable[str]) -> None:
    """Remember public and private channels that are about to be made."""
    journal.owe(MADE_CHANNEL, [f"{team_id} {name}" for name in names])


def forget_channels(journal: Journal, team_id: str, names: Iterable[str]) -> None:
    """Forget channels that were about to be made, and are somebody else's or nobody's now."""
    journal.paid(MADE_CHANNEL, [f"{team_id} {name}" for name in names])


def channels_made(journal: Journal, team_id: str) -> set[str]:
    """Return the names of the team's public and private channels that were made here, or were about to be."""
    pairs = (entry.split(" ", 1) for entry in journal.owed(MADE_CHANNEL))
    return {name for team, name in pairs if team == team_id}
