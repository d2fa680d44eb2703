"""Who is in a conversation: those of the plan who got an account, and nobody who merely has the name of one."""

import msgspec
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.export.directory import Directory
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline_tests.rows import WORKSPACE, add_row


def _store(database: str) -> EntityStore:
    """Ada and Ben have accounts, Ben under the name that he had there before; Cleo's name was taken by somebody else."""
    for slack_id, name, status in (("U1", "ada", "success"), ("U2", "ben-of-old", "success"), ("U3", "cleo", "failed")):
        there = f"id of {name}" if status == "success" else None
        add_row(database, EntityType.USER, slack_id, status=Status(status), target_name=name, mattermost_id=there)
    store = EntityStore(Database(database), WORKSPACE)
    plan = [
        PersonDecision(slack_id=slack_id, key=1, slack_name=name, username=name)
        for slack_id, name in (("U1", "ada"), ("U2", "ben"), ("U3", "cleo"))
    ]
    store.decide(EntityType.USER, [(one.slack_id, one.username, msgspec.json.encode(one)) for one in plan])
    return store


@pytest.mark.parametrize("kind", [ChannelKind.PUBLIC, ChannelKind.PRIVATE])
def test_whose_name_was_taken_by_somebody_else_is_in_no_channel(database: str, kind: ChannelKind) -> None:
    decision = ChannelDecision(
        slack_id="C1", key=1, slack_name="salaries", name="salaries", kind=kind, members=("ada", "ben", "cleo")
    )
    assert Directory(_store(database)).members_of(decision) == ("ada", "ben-of-old")


def test_a_direct_conversation_lacks_whoever_has_no_account(database: str) -> None:
    decision = ChannelDecision(slack_id="D1", key=1, slack_name="", kind=ChannelKind.DIRECT, members=("ada", "cleo"))
    assert Directory(_store(database)).without_account(decision) == ["cleo"]


def test_planning_anew_leaves_people_the_names_that_they_have_on_the_server(database: str) -> None:
    assert Directory(_store(database)).people["U2"].username == "ben-of-old"
