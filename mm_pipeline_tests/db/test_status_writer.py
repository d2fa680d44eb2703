"""Statuses are written in batches by UPDATE, without blocking, and never lost when a step ends."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

import psycopg
import pytest

from mm_pipeline.db import status_writer
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.status_writer import StatusChange, StatusWriter, retry
from mm_pipeline.errors import DELETED_BY_RETENTION, AbortRun, SkipReason
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline_tests.rows import WORKSPACE, add_row


def _row(url: str, row_id: int) -> tuple[str, str | None, str | None, str | None, str | None, int]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT status, error_message, mattermost_id, origin, sent_hash, attempts FROM entities WHERE id = %s",
            (row_id,),
        ).fetchone()
    assert found is not None
    return found


def test_a_status_reaches_its_row_with_what_came_of_it(database: str) -> None:
    row = add_row(database, EntityType.USER, "U1")
    with StatusWriter(Database(database)) as statuses:
        statuses.put(StatusChange(id=row, status=Status.SUCCESS, mattermost_id="m1", origin=Origin.CREATED))
    assert _row(database, row) == ("success", None, "m1", "created", "hash", 1)


def test_leaving_the_writer_writes_everything_that_was_handed_over(database: str) -> None:
    rows = [add_row(database, EntityType.USER, f"U{number}") for number in range(50)]
    with StatusWriter(Database(database)) as statuses:
        for row in rows:
            statuses.put(StatusChange(id=row, status=Status.FAILED, error="no"))
    assert EntityStore(Database(database), WORKSPACE).counts()[EntityType.USER][Status.FAILED] == 50
    assert statuses.written == {(EntityType.USER, Status.FAILED): 50}


def test_a_database_that_is_slower_than_the_export_slows_the_export(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_writer, "_WAITING", 5)
    row = add_row(database, EntityType.USER, "U1")
    changes = [StatusChange(id=row, status=Status.FAILED, error=str(number)) for number in range(200)]
    with (
        psycopg.connect(database) as held,
        ThreadPoolExecutor(1) as export,
        StatusWriter(Database(database)) as statuses,
    ):
        held.execute("LOCK TABLE entities IN EXCLUSIVE MODE")
        handed_over = export.submit(lambda: [statuses.put(change) for change in changes])
        with pytest.raises(NotYet):
            handed_over.result(timeout=0.5)
        held.rollback()
        handed_over.result()
    assert _row(database, row)[:2] == ("failed", "199")


def test_the_last_of_several_changes_to_one_row_counts(database: str) -> None:
    row = add_row(database, EntityType.MESSAGE, "C1:1.0")
    with StatusWriter(Database(database)) as statuses:
        statuses.put(StatusChange(id=row, status=Status.FAILED, error="first"))
        statuses.put(StatusChange(id=row, status=Status.SUCCESS))
    assert _row(database, row)[:2] == ("success", None)


def test_an_id_that_is_known_stays_when_a_later_change_does_not_name_it(database: str) -> None:
    row = add_row(database, EntityType.MESSAGE, "C1:1.0", mattermost_id="p1")
    with StatusWriter(Database(database)) as statuses:
        statuses.put(StatusChange(id=row, status=Status.SUCCESS))
    assert _row(database, row)[2] == "p1"


def test_a_database_that_is_not_there_stops_the_export_in_a_sentence() -> None:
    writer = StatusWriter(Database("postgresql://nobody:secretpw@127.0.0.1:1/none"))
    with pytest.raises(AbortRun, match="PostgreSQL is not to be reached") as stopped, writer as statuses:
        statuses.put(StatusChange(id=1, status=Status.SUCCESS))
    assert "secretpw" not in str(stopped.value)


def test_a_token_in_an_error_is_masked_on_the_row(database: str) -> None:
    row = add_row(database, EntityType.ATTACHMENT, "C1:1.0:F1")
    with StatusWriter(Database(database)) as statuses:
        statuses.put(
            StatusChange(id=row, status=Status.FAILED, error="GET https://files.slack.com/f?t=xoxe-123-abc: 403")
        )
    assert _row(database, row)[1] == "GET https://files.slack.com/f?t=***: 403"


def test_retry_brings_back_failed_rows_the_children_they_skipped_and_what_may_be_had_by_now(database: str) -> None:
    failed = add_row(database, EntityType.MESSAGE, "C1:1.0", status=Status.FAILED, create_at=1, error_message="no")
    child = add_row(
        database,
        EntityType.REACTION,
        "C1:1.0:+1:U1",
        status=Status.SKIPPED,
        parent="C1:1.0",
        error_message=f"{SkipReason.PARENT.value}: its message is not on the server",
    )
    hidden = add_row(
        database,
        EntityType.ATTACHMENT,
        "C1:1.0:F1",
        status=Status.SKIPPED,
        error_message=SkipReason.HIDDEN_BY_LIMIT.value,
    )
    absent = add_row(
        database,
        EntityType.ATTACHMENT,
        "C1:1.0:F2",
        status=Status.SKIPPED,
        content_sha256="of bytes that have vanished",
        error_message=f"{SkipReason.NO_BYTES.value}: set SLACK_TOKEN",
    )
    assert retry(Database(database), WORKSPACE, max_attempts=5) == 2
    assert [_row(database, row)[0] for row in (failed, child, hidden, absent)] == ["pending", "pending"] + [
        "skipped"
    ] * 2
    assert retry(Database(database), WORKSPACE) == 1
    assert [_row(database, row)[0] for row in (hidden, absent)] == ["skipped", "pending"]
    assert EntityStore(Database(database), WORKSPACE).undone(EntityType.ATTACHMENT) == 1


def test_what_a_failed_row_skipped_is_not_retried_for_ever_by_itself(database: str) -> None:
    skipped = f"{SkipReason.PARENT.value}: its message is not on the server"
    add_row(database, EntityType.REACTION, "C1:1.0:+1:U1", status=Status.SKIPPED, error_message=skipped, attempts=5)
    assert retry(Database(database), WORKSPACE, max_attempts=5) == 0


def test_what_only_people_can_mend_and_what_has_no_tries_left_is_not_retried_by_itself(database: str) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    gone = add_row(
        database,
        EntityType.MESSAGE,
        "C1:1.0",
        status=Status.FAILED,
        create_at=1,
        error_message=f"{DELETED_BY_RETENTION}: it came and is gone.",
    )
    add_row(database, EntityType.USER, "U1", status=Status.FAILED, attempts=5, error_message="no")
    assert not store.has_tries_left(5)
    assert retry(Database(database), WORKSPACE, max_attempts=5) == 0
    assert store.has_tries_left(6)
    assert retry(Database(database), WORKSPACE) == 2
    assert _row(database, gone)[0] == "pending"


def test_rows_whose_run_was_cut_short_have_tries_left(database: str) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    add_row(database, EntityType.USER, "U1", attempts=0)
    assert not store.has_tries_left(5)
    add_row(database, EntityType.USER, "U2", attempts=1)
    assert store.has_tries_left(5)


def test_retry_leaves_rows_that_failed_too_often_and_messages_without_a_time(database: str) -> None:
    tired = add_row(database, EntityType.USER, "U1", status=Status.FAILED, attempts=5)
    timeless = add_row(database, EntityType.MESSAGE, "C1:f.json#1", status=Status.FAILED)
    assert retry(Database(database), WORKSPACE, max_attempts=5) == 0
    assert [_row(database, row)[0] for row in (tired, timeless)] == ["failed", "failed"]
