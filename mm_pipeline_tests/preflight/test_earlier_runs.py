"""What earlier runs left behind is told before the next: what failed, what is missing, and what `mm-pipeline retry` brings by now."""

import secrets
from pathlib import Path

import msgspec
import psycopg
import pytest

from mm_pipeline.errors import RowSkipped, SkipReason
from mm_pipeline.finding import Finding, Level, warnings
from mm_pipeline.model import EntityType, Status
from mm_pipeline.preflight.earlier_runs import failed_lines, missing_lines
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.preflight.look import Look, orchard

FILES = (EntityType.ATTACHMENT, SkipReason.NO_BYTES)
RETRY = "`mm-pipeline retry`, then `mm-pipeline export` brings"


def only(findings: list[Finding]) -> Finding:
    (found,) = findings
    assert found.level is Level.WARNING
    return found


def test_what_can_be_had_by_now_comes_with_retry_and_what_cannot_has_its_remedy() -> None:
    all_there = only(missing_lines({FILES: 1}, {FILES: 1}))
    assert all_there.sentence == "1 file was missing when an earlier run looked, and can be had now."
    assert all_there.mend == f"{RETRY} it."
    some = only(missing_lines({FILES: 12}, {FILES: 10}))
    assert some.sentence == "12 files were missing when an earlier run looked, and 10 of them can be had now."
    assert some.mend.startswith(f"{RETRY} them. For the others, nobody had the bytes. Set SLACK_TOKEN")
    none = only(missing_lines({FILES: 2}, {}))
    assert none.sentence == "2 files are missing: nobody had the bytes."
    assert none.mend.startswith("Set SLACK_TOKEN")
    assert none.mend.endswith("then `mm-pipeline retry` and `mm-pipeline export`.")
    assert missing_lines({}, {}) == []


def test_of_a_place_that_is_set_and_has_nothing_it_says_so() -> None:
    folder = only(missing_lines({FILES: 2}, {}, ["SLACK_FILES"]))
    assert folder.mend.startswith(
        "SLACK_FILES does not have them. Set SLACK_TOKEN (scope files:read), then `mm-pipeline retry`"
    )
    both = only(missing_lines({FILES: 2}, {FILES: 1}, ["SLACK_TOKEN", "SLACK_FILES"]))
    assert "SLACK_TOKEN and SLACK_FILES do not have it. Put it where SLACK_FILES points to, then" in both.mend


def test_rows_that_failed_are_told_with_what_tries_them_again() -> None:
    counts = {EntityType.MESSAGE: {Status.FAILED: 2}, EntityType.REACTION: {Status.FAILED: 1}}
    found = only(failed_lines(counts))
    assert found.sentence == "3 rows failed in an earlier run, and this one leaves them as they are."
    assert "`mm-pipeline retry`" in found.mend
    assert failed_lines({EntityType.MESSAGE: {Status.FAILED: 0}}) == []


@pytest.mark.server
def test_files_that_were_downloaded_since_are_said_to_come_with_retry(
    mattermost: RunningServer, team: str, database: str, tmp_path: Path
) -> None:
    """Though no file is to come: those that nobody had were skipped, and stay so until `retry`."""
    look = Look(msgspec.structs.replace(mattermost, team=team), database, tmp_path, orchard(secrets.token_hex(3)))
    look.findings()
    with psycopg.connect(database, autocommit=True) as connection:
        for where, reason in (
            ("attachment' AND raw_data ->> 'id' = 'F0MAP", SkipReason.NO_BYTES),
            ("attachment' AND raw_data ->> 'id' = 'F0BIG", SkipReason.TOO_LARGE),
            ("attachment' AND raw_data ->> 'id' = 'F0GONE", SkipReason.DELETED_IN_SLACK),
            ("custom_emoji' AND slack_id = 'heron", SkipReason.NO_PICTURE),
        ):
            connection.execute(
                f"UPDATE entities SET status = 'skipped', error_message = %s WHERE entity_type = '{where}'",  # type: ignore[arg-type]
                (str(RowSkipped(reason, "as an earlier run saw it")),),
            )
    downloads = tmp_path / "downloads"
    (downloads / "F0MAP").mkdir(parents=True)
    (downloads / "F0MAP" / "map.txt").write_text("a map")

    def missing(findings: list[Finding]) -> list[str]:
        return [found.text for found in warnings(findings) if found.subject == "missing"]

    files, emoji, large = missing(look.findings(slack={"downloads": str(downloads)}))
    assert files == f"2 files were missing when an earlier run looked, and can be had now. {RETRY} them."
    assert emoji.startswith(
        "1 custom emoji is missing: nobody had the picture. SLACK_FILES does not have it. Set SLACK_TOKEN ("
    )
    assert large == f"1 file was missing when an earlier run looked, and can be had now. {RETRY} it."
    still, _, _ = missing(look.findings())
    assert still.startswith("2 files are missing: nobody had the bytes.")
