"""What is ended says so in a sentence, and so does what had nothing to end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from examples import demo
from mm_pipeline.commands import database
from mm_pipeline.migration import Migration
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource


def test_down_says_that_the_database_is_stopped_and_the_second_time_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = Migration(MMResource(), PostgresResource(state=str(tmp_path)), SlackResource(), PlanResource())

    @contextmanager
    def opened() -> Iterator[Migration]:
        yield migration

    monkeypatch.setattr(database, "opened_migration", opened)
    embedded = migration.postgres.embedded
    nothing = f"No database of ours runs in {embedded.folder}: there is nothing to stop.\n"
    assert CliRunner().invoke(database.down).output == nothing
    embedded.start()
    stopped = f"The database in {embedded.folder} is stopped. Its rows stay, and the next command starts it again.\n"
    assert [CliRunner().invoke(database.down).output for _ in range(2)] == [stopped, nothing]


def test_stopping_a_demo_says_what_is_removed_or_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    monkeypatch.setattr(demo, "DEMO", folder)
    assert demo.stop() == 0
    assert capfd.readouterr().out == f"There is no demo in {folder}: nothing was ended or removed.\n"
    (folder / "pipeline-export").mkdir(parents=True)
    assert demo.stop() == 0
    assert not folder.exists()
    removed = f"The demo's server and databases are ended, and {folder} is removed with all that was in it.\n"
    removed += (
        "Where a `dagster dev` that you started on it still runs, it finds nothing any more: end it with Ctrl-C.\n"
    )
    assert capfd.readouterr().out == removed
