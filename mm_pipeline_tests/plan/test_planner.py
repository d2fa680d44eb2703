"""When a stored plan is made anew, and when it stays."""

import msgspec
import psycopg

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType
from mm_pipeline.plan.planner import make_plan
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline_tests.rows import WORKSPACE, add_row

SETTINGS = PlanSettings(staged_at=1)
OTHER = msgspec.structs.replace(SETTINGS, email_domain="nobody.example")


def _emails(database: str, settings: PlanSettings) -> list[str]:
    plan = make_plan(EntityStore(Database(database), WORKSPACE), FreshServer("team"), settings)
    return [person.email for person in plan.people]


def test_other_choices_make_another_plan_before_anything_is_exported(database: str) -> None:
    add_row(database, EntityType.USER, "U1", {"id": "U1", "name": "moss"})
    assert _emails(database, SETTINGS) == ["u1@slack.invalid"]
    assert _emails(database, OTHER) == ["u1@nobody.example"]


def test_a_plan_that_has_begun_to_come_true_stays_whatever_is_chosen_later(database: str) -> None:
    add_row(database, EntityType.USER, "U1", {"id": "U1", "name": "moss"})
    assert _emails(database, SETTINGS) == ["u1@slack.invalid"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE entities SET status = 'success', mattermost_id = 'm1'")
    assert _emails(database, OTHER) == ["u1@slack.invalid"]


def test_asking_again_with_the_same_choices_at_another_time_changes_nothing(database: str) -> None:
    add_row(database, EntityType.USER, "U1", {"id": "U1", "name": "moss"})
    first = _emails(database, SETTINGS)
    assert _emails(database, msgspec.structs.replace(SETTINGS, staged_at=2, allow_over_limit=True)) == first
