"""The plan in lines, as it stands now: people called as their accounts are, and what became of each line. Decides nothing."""

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import EntityType
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.outline import Line, Staying, outline
from mm_pipeline.plan.planner import PLANNED
from mm_pipeline.report.plan_as_it_came import plan_as_it_came
from mm_pipeline.report.rows import Rows


def plan_lines(store: EntityStore, plan: Plan) -> list[Line]:
    """Return a line for each decision; of each type first what changes."""
    rows = Rows(store)
    return outline(plan_as_it_came(plan, rows), left_out(store), staying_with(store, plan), rows.became())


def left_out(store: EntityStore) -> dict[EntityType, dict[str, str]]:
    """Return what is chosen to be left out of what the plan decides on: per type Slack id -> the setting."""
    return {entity_type: store.left_out(entity_type) for entity_type in PLANNED}


def staying_with(store: EntityStore, plan: Plan) -> dict[str, Staying]:
    """Return what stays behind with each of those whom the plan's table leaves out (by Slack id)."""
    found = store.messages_of_people([one.slack_id for one in plan.people if one.skip])
    return {slack_id: Staying(own=own, replies=replies) for slack_id, (own, replies) in found.items()}
