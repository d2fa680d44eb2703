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


def test_a_command_in_a_reason_is_broken_at_no_hyphen_however_narrow_the_terminal_is(database: str) -> None:
    add_row(
        database, EntityType.USER, "U1", status=Status.FAILED, error_message="no: see to it, then `mm-pipeline retry`"
    )
    result = _result(database)
    for width in range(40, 100):
        assert "`mm-pipeline" in result.as_text(width)


def test_a_failed_or_pending_row_is_not_complete(database: str) -> None:
    add_row(database, EntityType.USER, "U1", status=Status.SUCCESS, sent_hash="hash")
    assert _result(database).is_complete
    add_row(database, EntityType.USER, "U2")
    assert not _result(database).is_complete


def test_members_known_by_nothing_but_an_id_are_one_line_and_no_rows(database: str) -> None:
    add_row(database, EntityType.USER, "U0KNOWN", status=Status.SUCCESS, sent_hash="hash")
    ids = [f"U0GHOST{number:04}" for number in range(2800)]
    channel = {"id": "C1", "members": ["U0KNOWN", "USLACKBOT", *ids[:-1]]}
    add_row(database, EntityType.CHANNEL, "C1", channel, status=Status.SUCCESS, sent_hash="hash")
    creator = {"status": Status.SUCCESS, "sent_hash": "hash", "user": ids[-1]}
    add_row(database, EntityType.CHANNEL, "C2", {"id": "C2", "members": None}, **creator)
    result = _result(database)
    assert result.known_by_id_alone == ids
    assert result.is_complete
    (line,) = [line for line in result.as_text().splitlines() if "nothing is known but the id" in line]
    assert "Of 2,800 people" in line
    assert "(U0GHOST0000, U0GHOST0001, U0GHOST0002, U0GHOST0003, U0GHOST0004, ...)" in line


def test_rows_that_changed_after_they_were_sent_are_told(database: str) -> None:
    add_row(database, EntityType.MESSAGE, "C1:1.0", status=Status.SUCCESS, sent_hash="as it was")
    assert "1 message changed in Slack after it was sent: the next export brings that." in _result(database).as_text()


def test_what_stays_as_it_was_is_told_with_the_first_few_names(database: str) -> None:
    for number in range(7):
        said = {"status": Status.SUCCESS, "sent_hash": "hash", "error_message": "in Slack renamed by now"}
        add_row(database, EntityType.USER, f"U{number}", target_name=f"ada{number}", **said)
    result = _result(database)
    assert result.is_complete
    told = "7 people are there with a note (ada0, ada1, ada2, ada3, ada4, ...): in Slack renamed by now."
    assert told in result.as_text().splitlines()
