"""The result table: what it counts, and what it says that a person must know."""

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.result import Result
from mm_pipeline_tests.rows import WORKSPACE, add_row


def _result(database: str) -> Result:
    return Result.of(EntityStore(Database(database), WORKSPACE))


def test_every_type_has_all_four_counts_and_its_reasons(database: str) -> None:
    add_row(database, EntityType.USER, "U1", status=Status.SUCCESS, sent_hash="hash")
    add_row(database, EntityType.USER, "U2", status=Status.FAILED, error_message="taken")
    add_row(database, EntityType.USER, "U3", status=Status.FAILED, error_message="taken")
    told = _result(database).as_json()
    assert told["user"] == {"pending": 0, "success": 1, "failed": 2, "skipped": 0, "reasons": {"taken": 2}}
    assert told["reaction"] == {"pending": 0, "success": 0, "failed": 0, "skipped": 0, "reasons": {}}


def test_a_failed_or_pending_row_is_not_complete(database: str) -> None:
    add_row(database, EntityType.USER, "U1", status=Status.SUCCESS, sent_hash="hash")
    assert _result(database).is_complete
    add_row(database, EntityType.USER, "U2")
    assert not _result(database).is_complete


def test_rows_that_changed_after_they_were_sent_are_told(database: str) -> None:
    add_row(database, EntityType.MESSAGE, "C1:1.0", status=Status.SUCCESS, sent_hash="as it was")
    assert "1 message rows changed in Slack after they were sent" in _result(database).as_text()
