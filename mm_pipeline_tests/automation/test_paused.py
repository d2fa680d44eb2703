"""A workspace that is paused, or at work, is started by nothing: what sensor and schedule ask first."""

from pathlib import Path

import dagster as dg

from mm_pipeline.automation import held_up
from mm_pipeline.db.database import Database
from mm_pipeline.db.pauses import lift, pause
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import WORKSPACE, add_row


def test_neither_the_sensor_nor_the_schedule_starts_what_is_paused(database: str, tmp_path: Path) -> None:
    add_row(database, EntityType.USER, "U1")
    postgres = PostgresResource(url=database, state=str(tmp_path))
    migration = Migration(MMResource(), postgres, SlackResource(), PlanResource())
    with dg.DagsterInstance.ephemeral() as instance:
        assert held_up(instance, migration) == ""
        pause(Database(database), WORKSPACE)
        assert "`mm-pipeline resume` lets it go on" in held_up(instance, migration)
        lift(Database(database), WORKSPACE)
        assert held_up(instance, migration) == ""


def test_neither_of_them_starts_a_run_beside_one_in_a_terminal_that_is_between_two_steps(
    database: str, tmp_path: Path
) -> None:
    add_row(database, EntityType.USER, "U1")
    postgres = PostgresResource(url=database, state=str(tmp_path))
    migration = Migration(MMResource(), postgres, SlackResource(), PlanResource())
    with dg.DagsterInstance.ephemeral() as instance:
        with migration.under_way():
            assert held_up(instance, migration) == "An export is in flight."
        assert held_up(instance, migration) == ""
