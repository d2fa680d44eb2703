"""What `mm-pipeline status` tells somebody at each stage: which exports it is about, and what to do next."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from mm_pipeline.commands import diff, pause, preflight, retry, stage, status
from mm_pipeline.db.advisory_lock import advisory_lock, staging_of
from mm_pipeline.db.database import Database, program_name
from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.migration import Migration
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline.staging import export_workspace
from mm_pipeline_tests.end_to_end.small_export import Files, message, person, write

Say = Callable[..., str]


def files(*days: str) -> Files:
    return {
        "users.json": [person("U1", "fern")],
        "channels.json": [{"id": "C1", "name": "seeds", "members": ["U1"]}],
        **{f"seeds/{day}.json": [message(number, f"said {day}", "U1")] for number, day in enumerate(days)},
    }


@pytest.fixture
def say(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Type a command, with SLACK_EXPORT set or not; return what it says, errors too."""

    def typed(command: Any, *arguments: str, export: Path | None = None) -> str:
        @contextmanager
        def opened() -> Iterator[Migration]:
            slack = SlackResource(export=str(export or ""))
            yield Migration(MMResource(), PostgresResource(url=database, state=str(tmp_path)), slack, PlanResource())

        for module in (diff, pause, preflight, retry, stage, status):
            monkeypatch.setattr(module, "opened_migration", opened)
        ended = CliRunner().invoke(command, [*arguments])
        return f"{ended.output}{ended.exception or ''}"

    return typed


def test_before_anything_ran_it_says_what_to_do_first(say: Say, tmp_path: Path) -> None:
    assert "Nothing is staged yet: name a Slack export in SLACK_EXPORT" in say(status.status)
    export = write(files("2024-05-01"), tmp_path / "garden.zip")
    assert "`mm-pipeline preflight` stages garden.zip and says what stands in the way" in say(
        status.status, export=export
    )


def test_while_the_first_export_is_staged_it_says_who_does_it(say: Say, tmp_path: Path, database: str) -> None:
    export = write(files("2024-05-01"), tmp_path / "garden.zip")
    rows = Database(database)
    with rows.session() as connection, advisory_lock(connection, staging_of(export_workspace(export))):
        said = say(status.status, export=export)
    assert f"staging: {program_name()}" in said
    assert "Nothing is staged yet" not in said


def test_it_names_the_exports_that_are_staged_and_what_to_do_next(say: Say, tmp_path: Path, database: str) -> None:
    say(stage.stage, str(write(files("2024-05-01"), tmp_path / "garden.zip")))
    said = say(status.status)
    assert re.search(r"^\S+, of garden\.zip \(\d{4}-\d\d-\d\d \d\d:\d\d\)$", said, re.MULTILINE)
    assert "Nothing was sent yet. Next: `mm-pipeline preflight`" in said
    staged = say(stage.stage, str(write(files("2024-05-01", "2024-05-02"), tmp_path / "newer.zip")))
    assert re.search(
        r"Staged by now: newer\.zip \([^)]*\) and garden\.zip \([^)]*\)\. `mm-pipeline stage --take-back`", staged
    )
    assert re.search(r", of newer\.zip \([^)]*\) and garden\.zip ", say(status.status))

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE entities SET status = 'success', sent_hash = raw_hash WHERE entity_type <> 'message'"
        )
        assert "2 rows are pending. Next: `mm-pipeline export` goes on." in say(status.status)
        connection.execute("UPDATE entities SET status = 'failed', error_message = 'no' WHERE entity_type = 'message'")
        assert "2 rows failed. Next: mend what the reasons say, then `mm-pipeline retry`" in say(status.status)
        connection.execute("UPDATE entities SET status = 'success', sent_hash = raw_hash")
    assert "Next: `mm-pipeline report` holds it against the server" in say(status.status)


def test_after_a_rollback_it_says_so_until_something_is_sent_again(say: Say, tmp_path: Path, database: str) -> None:
    say(stage.stage, str(write(files("2024-05-01"), tmp_path / "garden.zip")))
    with psycopg.connect(database, autocommit=True) as connection:
        ((workspace,),) = connection.execute("SELECT min(workspace) FROM entities").fetchall()
        connection.execute("INSERT INTO targets VALUES (%s, 'server', 'team', 'https://chat.example')", (workspace,))
        connection.execute("UPDATE entities SET status = 'success', sent_hash = NULL WHERE entity_type = 'channel'")
        store = RollbackStore(Database(database), workspace)
        store.end()
        assert "taken back" not in say(status.status), "none began"
        assert "rolled_back" not in json.loads(say(status.status, "--json"))
        began = time.time() * 1000
        store.begin()
        cut_off = json.loads(say(status.status, "--json"))["rolled_back"]
        assert abs(cut_off.pop("at") - began) < 60_000
        assert cut_off == {"has_ended": False}
        assert re.search(r"^The rollback of \d{4}-\d\d-\d\d \d\d:\d\d UTC was cut off\.", say(status.status), re.M)
        store.end()
        told = json.loads(say(status.status, "--json"))
        assert told["rolled_back"]["has_ended"]
        assert told["channel"] == {"pending": 0, "success": 1, "failed": 0, "skipped": 0, "reasons": {}}
        said = say(status.status)
        assert re.search(
            r"^It was taken back from the server on \S+ \S+ UTC: 2 rows are pending again, 1 row", said, re.M
        )
        assert "changed in Slack" not in said, "the channel that stays is only to take its people in again"
        connection.execute("INSERT INTO steps (workspace, step, started_at) VALUES (%s, 'plan', now())", (workspace,))
        assert "It was taken back" in say(status.status)
        connection.execute("INSERT INTO steps (workspace, step, started_at) VALUES (%s, 'user', now())", (workspace,))
        assert "2 rows are pending. Next: `mm-pipeline export` goes on." in say(status.status)


def test_while_the_work_is_paused_it_says_so_and_each_next_step_begins_with_resume(
    say: Say, tmp_path: Path, database: str
) -> None:
    say(stage.stage, str(write(files("2024-05-01"), tmp_path / "garden.zip")))
    paused = say(pause.pause)
    assert re.search(r"^\S+ is paused by \S+ on \S+ since \d{4}-\d\d-\d\d", paused, re.MULTILINE)
    assert "Nobody is at work. `mm-pipeline resume`, then `mm-pipeline export`, goes on." in paused
    said = say(status.status)
    assert re.search(r"^paused by .* since .*: `mm-pipeline resume` lets it go on$", said, re.MULTILINE)
    assert "nobody is at work" not in said  # that somebody holds it up is why
    assert "and `mm-pipeline resume`, then `mm-pipeline export` does it." in said
    with psycopg.connect(database, autocommit=True) as connection:

        def after(change: str) -> str:
            connection.execute(change)
            return say(status.status)

        arrived = "UPDATE entities SET status = 'success', sent_hash = raw_hash"
        said = after(f"{arrived} WHERE entity_type <> 'message'")
        assert "1 row is pending. Next: `mm-pipeline resume`, then `mm-pipeline export` goes on." in said
        said = after("UPDATE entities SET status = 'failed', error_message = 'no' WHERE entity_type = 'message'")
        assert "then `mm-pipeline retry` and `mm-pipeline resume`, then `mm-pipeline export`." in said
        assert "pending again: `mm-pipeline resume`, then `mm-pipeline export` tries" in say(retry.retry)
        connection.execute(arrived)
    listed = say(preflight.preflight)
    assert re.search(
        r"^stop +paused .* since .*: no run begins\.\n +-> `mm-pipeline resume` lets it go on\.$", listed, re.M
    )
    said = say(pause.resume)
    assert "may go on: `mm-pipeline export` does the rest" in said
    assert "was not paused" in say(pause.resume)
    assert "paused" not in say(status.status) + say(preflight.preflight)


def test_a_newer_export_is_taken_back_by_the_command_that_staged_it(say: Say, tmp_path: Path) -> None:
    say(stage.stage, str(write(files("2024-05-01"), tmp_path / "garden.zip")))
    say(stage.stage, str(write(files("2024-05-01", "2024-05-02"), tmp_path / "newer.zip")))
    said = say(stage.stage, "--take-back")
    assert "newer.zip is taken back: 1 row that it brought is gone, 0 rows are again as before it." in said
    assert re.search(r"^\S+, of garden\.zip \([^)]*\)$", say(status.status), re.MULTILINE)


@pytest.mark.parametrize("command", [diff.diff, stage.stage])
def test_a_file_that_is_not_there_is_named_and_no_setting_is_blamed_for_it(say: Say, command: Any) -> None:
    said = say(command, "nonsense.zip")
    assert "There is no Slack export at nonsense.zip: name the zip file that Slack gave you" in said
    assert "SLACK_EXPORT" not in said
