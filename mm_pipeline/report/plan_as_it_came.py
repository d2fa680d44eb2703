"""The plan with people called as their accounts are: an account that turned up after it was made keeps its own name. Decides nothing."""

import msgspec

from mm_pipeline.model import EntityType
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.note import joined
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.report.rows import Rows


def plan_as_it_came(plan: Plan, rows: Rows) -> Plan:
    """Return it with the usernames that were found when people came, also among the members of conversations."""
    there = came(rows)
    others = {one.username: there[one.slack_id] for one in plan.people if one.slack_id in there}
    channels = [
        msgspec.structs.replace(one, members=tuple(sorted(others.get(name, name) for name in one.members)))
        for one in plan.channels
    ]
    return msgspec.structs.replace(plan, people=[_called(one, there) for one in plan.people], channels=channels)


def came(rows: Rows) -> dict[str, str]:
    """Return the Slack ids of people who are there, and the usernames of their accounts."""
    return {slack_id: username for slack_id, _, username in rows.objects(EntityType.USER) if username}


def _called(person: PersonDecision, there: dict[str, str]) -> PersonDecision:
    own = there.get(person.slack_id, person.username)
    if own == person.username:
        return person
    planned, now = f"is {person.username} on the server", f"is {own} on the server"
    parts = person.note.split("; ")
    note = person.note.replace(planned, now) if planned in parts else joined(person.note, now)
    return msgspec.structs.replace(person, username=own, note=note)
