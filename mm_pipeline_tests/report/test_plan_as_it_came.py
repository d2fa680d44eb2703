"""The report calls people as their accounts are, whatever the plan meant them to be called; and the plan says what came of each."""

from typing import Any

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import SkipReason
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.report.changed_names import Changed, changed_names
from mm_pipeline.report.plan_as_it_came import plan_as_it_came
from mm_pipeline.report.rows import Rows
from mm_pipeline_tests.rows import WORKSPACE, add_row


def test_what_came_of_each_row_is_told_by_its_id(database: str) -> None:
    def row(slack_id: str, **columns: Any) -> int:
        return add_row(database, EntityType.USER, slack_id, **columns)

    made = row("U1", status=Status.SUCCESS, origin=Origin.CREATED)
    matched = row("U2", status=Status.SUCCESS, origin=Origin.MATCHED)
    failed = row("U3", status=Status.FAILED, error_message="no")
    row("U4")
    row("U5", status=Status.SKIPPED, error_message=f"{SkipReason.LEFT_OUT}: MM_SKIP_PEOPLE=U5")
    add_row(database, EntityType.MESSAGE, "C1:1", status=Status.SUCCESS)
    became = Rows(EntityStore(Database(database), WORKSPACE)).became()
    assert became == {made: "made", matched: "matched", failed: "failed: no"}


def test_who_was_found_with_an_account_behind_the_plan_has_the_name_of_the_account(database: str) -> None:
    for slack_id, username in (("U1", "augustus"), ("U2", "ada")):
        there = {"status": Status.SUCCESS, "mattermost_id": f"id-{slack_id}", "target_name": username}
        add_row(database, EntityType.USER, slack_id, **there)  # type: ignore[arg-type]
    people = [
        PersonDecision(slack_id=slack_id, key=key, slack_name=name, username=name, note=note)
        for key, (slack_id, name, note) in enumerate(
            (("U1", "gus", "matched by e-mail; is gus on the server"), ("U2", "ada", ""), ("U3", "still to come", ""))
        )
    ]
    pair = ChannelDecision(slack_id="D1", key=4, slack_name="", kind=ChannelKind.DIRECT, members=("ada", "gus"))
    came = plan_as_it_came(Plan(people=people, channels=[pair]), Rows(EntityStore(Database(database), WORKSPACE)))
    assert changed_names(came, set()) == [
        Changed(type="user", old="gus", new="augustus", why="matched by e-mail; is augustus on the server")
    ]
    assert came.channels[0].members == ("ada", "augustus")
