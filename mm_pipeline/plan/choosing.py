"""Marks on the rows what a choice leaves out, and takes back what it leaves out no more. Sends nothing.

The plan decides on everybody and everything all the same: names do not depend on what is chosen first.
"""

from collections.abc import Mapping

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.status_writer import leave_out, leave_out_messages
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline.nouns import counted
from mm_pipeline.plan.choice import Choice, left_out
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.plan.settings import PlanSettings


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a choice beside the marks on the rows."""

    names_only: dict[str, str] = {}  #: people (Slack id -> why) who are left out and wrote something that goes
    files_again: list[str] = []  #: messages (Slack ids) on the server whose files were left out and are chosen now


def choose(store: EntityStore, choice: Choice, settings: PlanSettings) -> Chosen:
    """Mark rows that a choice leaves out as skipped, with what chose it; those that it lets go now become pending again.

    Rows that are on the server stay as they are. Raises AbortRun with all objections to the choice.
    """
    if choice.is_everything and not store.has_left_out():
        return Chosen()
    users, channels = store.rows(EntityType.USER), store.rows(EntityType.CHANNEL)
    without = left_out(choice, users, channels, settings)
    database, workspace = store.database, store.workspace
    emoji = choice.leaves_out("emoji")
    names = [row.slack_id for row in store.rows(EntityType.CUSTOM_EMOJI)] if emoji else []
    moved = leave_out(database, workspace, EntityType.CUSTOM_EMOJI, dict.fromkeys(names, emoji or ""))
    hanging, files_of = leave_out_messages(
        database,
        workspace,
        channels=without.conversations,
        since=choice.from_ms,
        since_reason=choice.named("since"),
        until=choice.before_ms,
        until_reason=choice.named("until"),
        messages=choice.leaves_out("messages"),
        files=choice.leaves_out("files"),
        reactions=choice.leaves_out("reactions"),
    )
    # A channel comes without its messages, too: it is a place. A direct conversation is nothing else.
    emptied = {slack_id: why for slack_id, why in store.emptied_conversations().items() if slack_id in without.direct}
    moved += leave_out(database, workspace, EntityType.CHANNEL, without.conversations | emptied)
    in_direct = [members for slack_id, members in without.direct.items() if slack_id not in emptied]
    needed = store.people_of_what_goes().union(*in_direct)
    gone = {who: why for who, why in (without.strangers | without.people).items() if who not in needed}
    people = leave_out(database, workspace, EntityType.USER, gone)
    store.see_channels_again([slack_id for slack_id, status in people if status is Status.PENDING])
    _say(len(moved) + len(people) + hanging)
    sent = (row.slack_id for row in store.rows_by_slack_id(EntityType.MESSAGE, files_of) if row.mattermost_id)
    return Chosen(
        names_only={who: why for who, why in without.people.items() if who in needed}, files_again=sorted(sent)
    )


def called_back(store: EntityStore, plan: Plan, names_only: Mapping[str, str]) -> list[str]:
    """Return the Mattermost ids of accounts that are there for their messages alone and are to be people from now on.

    Their channels are seen to once more: an account that was there before us is in none of them yet.
    """
    ids = [person.slack_id for person in plan.people if person.names_only and person.slack_id not in names_only]
    rows = [row for row in store.rows_by_slack_id(EntityType.USER, ids) if row.status == Status.SUCCESS]
    store.see_channels_again([row.slack_id for row in rows])
    return [row.mattermost_id for row in rows if row.origin == Origin.CREATED and row.mattermost_id]


def with_names_only(plan: Plan, names_only: Mapping[str, str], exported: set[str], at: int) -> Plan:
    """Return a plan in which the accounts of these people (Slack id -> why) are there for their messages alone.

    A new account is deactivated (at: ms), an existing one is put into no channel. Whom the server has already as a person
    (exported: Slack ids) stays one.
    """
    people = [_with_names_only(one, names_only.get(one.slack_id, ""), exported, at) for one in plan.people]
    return msgspec.structs.replace(plan, people=people)


def _with_names_only(person: PersonDecision, why: str, exported: set[str], at: int) -> PersonDecision:
    if why and not person.names_only and not person.is_bot and person.slack_id not in exported:
        if person.matched_id:
            return msgspec.structs.replace(person, names_only=why)
        # Who is deactivated in Slack comes like this anyway.
        return person if person.delete_at else msgspec.structs.replace(person, names_only=why, delete_at=at)
    if person.names_only and not why:
        delete_at = person.delete_at if person.matched_id else 0
        return msgspec.structs.replace(person, names_only="", delete_at=delete_at)
    return person


def _say(rows: int) -> None:
    if rows:
        backend_logger.info("the choice of what goes has changed for %s", counted(rows, "row"))
