"""Whom the announcement speaks to: those who can read it, by how they sign in and what they are called. Names nobody else."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account, Server
from mm_pipeline.mattermost.ours import MADE_ACCOUNT
from mm_pipeline.model import Entity, EntityType, Status
from mm_pipeline.plan.addresses import reaches_somebody
from mm_pipeline.plan.people import PersonDecision


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """How many people there are of each kind. Everybody is of one kind; bots are of none."""

    there_before: int = 0  #: they sign in as ever
    new: int = 0  #: they choose a password, by a link that is mailed to them
    unreachable: int = 0  #: new as well, but no mail reaches them
    signed_on: Mapping[str, int] = {}  #: new, by the service that signs them in
    left: int = 0  #: deactivated: they have left, or were left out and wrote something that came
    names: tuple[
        tuple[str, str], ...
    ] = ()  #: (name in Slack, username) of those who are called otherwise and can read it

    @property
    def kinds(self) -> int:
        """How many ways there are to sign in."""
        return sum(map(bool, (self.there_before, self.new, self.unreachable, *self.signed_on.values())))


def require_exported(server: Server, store: EntityStore) -> None:
    """Raise AbortRun where nobody of the rows is on the server: there is nobody to speak to, and nothing to speak of."""
    if not store.counts(EntityType.USER)[EntityType.USER][Status.SUCCESS]:
        raise AbortRun(f"Nothing of {store.workspace} is on {server.url} yet: run `mm-pipeline export` first.")


def made_here(journal: Journal, store: EntityStore) -> set[str]:
    """Return the ids of the accounts on the server that this pipeline made: the others were there before."""
    made = set(journal.owed(MADE_ACCOUNT))
    rows = store.rows(EntityType.USER, [Status.SUCCESS])
    return {row.mattermost_id for row in rows if row.mattermost_id and row.target_name in made}


def audience(
    api: MattermostAPI,
    journal: Journal,
    store: EntityStore,
    people: Mapping[str, PersonDecision],
    placeholder_domain: str,
) -> Audience:
    """Return who can read an announcement, as the server has them now. people: the plan's decisions by Slack id."""
    made = made_here(journal, store)
    rows = {row.mattermost_id: row for row in store.rows(EntityType.USER, [Status.SUCCESS]) if row.mattermost_id}
    kinds: Counter[str] = Counter()
    signed_on: Counter[str] = Counter()
    names = []
    for account in api.accounts():
        row = rows.get(account.id)
        decision = people.get(row.slack_id) if row else None
        if row is None or account.is_bot:
            continue
        if account.delete_at or (decision and decision.names_only):
            kinds["left"] += bool(account.delete_at)
            continue
        if account.auth_service and account.id in made:
            signed_on[account.auth_service] += 1
        else:
            kinds[_kind(account, account.id in made, placeholder_domain)] += 1
        if (name := _name_in_slack(row, decision)).lower() != account.username:
            names.append((name, account.username))
    return Audience(**kinds, signed_on=dict(signed_on), names=tuple(sorted(names)))


def _kind(account: Account, is_made: bool, placeholder_domain: str) -> str:
    if not is_made:
        return "there_before"
    return "new" if reaches_somebody(account.email, placeholder_domain) else "unreachable"


def _name_in_slack(row: Entity, decision: PersonDecision | None) -> str:
    return (decision.slack_name if decision else "") or row.slack_id
