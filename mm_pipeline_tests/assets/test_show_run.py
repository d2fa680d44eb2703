"""A run of Dagster is seen to be at work from its first step to its end: between two steps it holds nothing of the work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mm_pipeline.db.advisory_lock import holders, run_on
from mm_pipeline.db.database import Database, program_name
from mm_pipeline.definitions import defs
from mm_pipeline.errors import AbortRun
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import WORKSPACE, add_row

CHAIN = {one.key.to_python_identifier(): one for one in defs.assets or () if isinstance(one, dg.AssetsDefinition)}


@pytest.fixture
def resources(database: str, tmp_path: Path) -> Iterator[dict[str, Any]]:
    add_row(database, EntityType.USER, "U1")
    yield {
        "mm": MMResource(),
        "postgres": PostgresResource(url=database, state=str(tmp_path)),
        "slack": SlackResource(),
        "plan_choices": PlanResource(),
    }
    assert not seen(database), "when the run has ended, nobody is"


def seen(database: str) -> list[str]:
    with Database(database).session() as connection:
        return holders(connection, run_on(WORKSPACE))


def test_it_is_seen_until_it_ends_though_postgresql_ends_what_it_was_seen_by(
    database: str, resources: dict[str, Any]
) -> None:
    told = list[list[str]]()

    def show(postgres: PostgresResource) -> None:
        Migration(MMResource(), postgres, SlackResource(), PlanResource()).show_run()

    @dg.asset
    def first(postgres: PostgresResource) -> None:
        show(postgres)

    @dg.asset(deps=[first])
    def second(postgres: PostgresResource) -> None:
        told.append(seen(database))
        with Database(database).session() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        show(postgres)

    @dg.asset(deps=[second])
    def third() -> None:
        told.append(seen(database))
        raise dg.Failure("no", allow_retries=False)

    ended = dg.materialize([first, second, third], resources={"postgres": resources["postgres"]}, raise_on_error=False)
    assert [event.step_key for event in ended.get_step_failure_events()] == ["third"]
    assert told == [[program_name()], [program_name()]]


@pytest.mark.parametrize("asset", CHAIN)
def test_each_step_begins_by_being_seen(
    asset: str, database: str, resources: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[list[str]]()

    def look(migration: Migration) -> None:
        told.append(seen(database))
        raise AbortRun("it was seen")

    for asked in ("require_ready", "report"):
        monkeypatch.setattr(Migration, asked, look)
    partition = "0" if CHAIN[asset].partitions_def else None
    ended = dg.materialize([CHAIN[asset]], resources=resources, partition_key=partition, raise_on_error=False)
    assert not ended.success
    assert told == [[program_name()]]
