"""What two machines must agree on that run the same migration."""

from pathlib import Path

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import WORKSPACE, add_row


def test_one_that_knows_the_server_by_another_address_finds_the_same_jobs(database: str, tmp_path: Path) -> None:
    inside, outside = (
        Migration(
            MMResource(url=url),
            PostgresResource(url=database, state=str(tmp_path / name)),
            SlackResource(),
            PlanResource(),
        )
        for name, url in (("inside", "http://10.0.0.5:8065"), ("outside", "https://chat.example.org/"))
    )
    add_row(database, EntityType.USER, "U1")
    EntityStore(Database(database), WORKSPACE).bind_target("server", "team", "http://10.0.0.5:8065")
    inside.journal.job_uploaded("archive.zip", 1, 1)
    assert [job.import_file for job in outside.journal.open_jobs()] == ["archive.zip"]
