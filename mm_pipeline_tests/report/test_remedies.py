"""What is missing and can still come is said with what brings it, by the page and by `mm-pipeline status`; nothing false is promised."""

import msgspec
import pytest

from mm_pipeline.errors import RowSkipped, SkipReason
from mm_pipeline.model import EntityType, RolledBack, Status
from mm_pipeline.report.next_step import next_step
from mm_pipeline.report.page import page
from mm_pipeline.report.remedies import remedies
from mm_pipeline.report.result import Result
from mm_pipeline_tests.report.documents import a_document

FILE = EntityType.ATTACHMENT
GONE = str(RowSkipped(SkipReason.NO_BYTES, "the export does not hold them"))
BRINGS = (
    "2 files are missing: nobody had the bytes. Set SLACK_TOKEN (scope files:read), or SLACK_FILES to where they were downloaded "
    "to, then `mm-pipeline retry` and `mm-pipeline export`."
)


def result(*reasons: tuple[EntityType, Status, str, int], pending: int = 0, success: int = 0) -> Result:
    """What came of messages, so many of them, and why other rows were skipped or failed."""
    counts = {entity_type: dict.fromkeys(Status, 0) for entity_type in EntityType}
    counts[EntityType.MESSAGE] |= {Status.PENDING: pending, Status.SUCCESS: success}
    found = {one: [(status, why, rows) for kind, status, why, rows in reasons if kind is one] for one in EntityType}
    return Result(counts=counts, reasons=found)


def test_files_that_nobody_had_are_said_to_be_missing_with_what_brings_them() -> None:
    assert remedies([(FILE, Status.SKIPPED, GONE, 1), (FILE, Status.SKIPPED, SkipReason.NO_BYTES.value, 1)]) == [BRINGS]


@pytest.mark.parametrize(
    ("are_set", "way"),
    [
        (
            ["SLACK_TOKEN"],
            "SLACK_TOKEN is set: {retry} asks Slack. For what does not come by that, set SLACK_FILES to where ",
        ),
        (
            ["SLACK_FILES"],
            "SLACK_FILES is set: {retry} looks there. For what does not come by that, set SLACK_TOKEN (scope ",
        ),
        (["SLACK_TOKEN", "SLACK_FILES"], "SLACK_TOKEN and SLACK_FILES are set: {retry} asks Slack and looks there."),
    ],
)
def test_where_a_token_or_a_folder_is_set_by_now_retry_comes_first(are_set: list[str], way: str) -> None:
    (said,) = remedies([(FILE, Status.SKIPPED, GONE, 2)], are_set)
    retry = "`mm-pipeline retry`, then `mm-pipeline export`"
    assert said.startswith("2 files are missing: nobody had the bytes. " + way.format(retry=retry))


def test_what_the_server_takes_no_larger_and_emoji_without_a_picture_have_remedies_of_their_own() -> None:
    large = (FILE, Status.SKIPPED, f"{SkipReason.TOO_LARGE.value}: 7 of 5 MiB", 1)
    emoji = (EntityType.CUSTOM_EMOJI, Status.SKIPPED, f"{SkipReason.NO_PICTURE.value}: set SLACK_TOKEN", 1)
    of_emoji, of_large = remedies([large, emoji])
    assert of_emoji.startswith("1 custom emoji is missing: nobody had the picture. Set SLACK_TOKEN (scope emoji:read)")
    assert of_large.startswith("1 file is missing: the server takes nothing so large. Raise FileSettings.MaxFileSize")


@pytest.mark.parametrize(
    ("kind", "status", "why"),
    [
        (FILE, Status.SKIPPED, f"{SkipReason.NO_BYTES.value}: it lies outside Slack: its link stays in the message"),
        (FILE, Status.SKIPPED, SkipReason.DELETED_IN_SLACK.value),
        (FILE, Status.SKIPPED, f"{SkipReason.LEFT_OUT.value}: MM_WITHOUT=files"),
        (FILE, Status.FAILED, GONE),  # is told among the failed
        (
            EntityType.CUSTOM_EMOJI,
            Status.SKIPPED,
            f"{SkipReason.NO_PICTURE.value}: it stands for pig, which nobody has",
        ),
    ],
)
def test_of_what_nobody_can_bring_no_remedy_is_promised(kind: EntityType, status: Status, why: str) -> None:
    assert remedies([(kind, status, why, 1)]) == []


def test_the_page_calls_nothing_complete_while_something_can_still_come_and_names_the_remedy() -> None:
    told = page(a_document(0, is_complete=True, remedies=[BRINGS]))
    assert "Complete" not in told
    assert '<p class="verdict due">\nEverything that could be sent is on the server' in told
    assert "<li>2 files are missing: nobody had the bytes. " in told
    assert "<code>mm-pipeline retry</code> and <code>mm-pipeline export</code>.</li>" in told
    complete = a_document(0, is_complete=True)
    months = [msgspec.structs.replace(one, there=one.staged) for one in complete.months]
    assert "Complete: each of" in page(msgspec.structs.replace(complete, months=months))


def test_while_the_work_is_paused_the_first_thing_to_do_is_resume() -> None:
    told = page(a_document(3, is_complete=False, pause="paused by fern on orchard since 2024-06-01"))
    assert (
        "<ul>\n<li><code>mm-pipeline resume</code> first: the work is paused by fern on orchard since 2024-06-01, and"
        in told
    )
    assert "mm-pipeline resume" not in page(a_document(3, is_complete=False))


def test_of_people_without_a_password_it_says_how_many_a_mail_reaches() -> None:
    told = page(a_document(0))
    assert (
        "30 people must choose a password before they can sign in: <code>mm-pipeline invite</code> mails 29 of them a link. "
        "No mail reaches 1 other: set passwords" in told
    )
    everybody = page(a_document(0, resets=a_document(0).resets[1:]))
    assert "before they can sign in: <code>mm-pipeline invite</code> mails them a link. <a" in everybody
    nobody = page(a_document(0, resets=a_document(0).resets[:1]))
    assert "1 person must choose a password before they can sign in: no mail reaches them, so set passwords" in nobody


def test_nor_while_the_server_shows_less_than_arrived() -> None:
    told = page(a_document(0, is_complete=True))
    assert '<p class="verdict due">\nArrived: each of' in told
    assert "14 messages that had arrived are not shown by the server now." in told
    assert "Complete" not in told


def test_the_verdict_is_red_only_where_rows_failed_or_are_pending() -> None:
    assert '<p class="verdict bad">\nNot complete' in page(a_document(3, is_complete=False))
    for failed, pending, said in (
        (2, 1, "2 rows failed and 1 is pending"),
        (1, 0, "1 row failed"),
        (0, 2, "2 rows are pending"),
    ):
        counts = {one.value: {status.value: 0 for status in Status} for one in EntityType}
        counts[FILE.value] |= {"success": 5, "failed": failed, "pending": pending}
        assert f"Not complete: {said}." in page(a_document(0, is_complete=False, counts=counts))
    assert '<p class="verdict bad">' not in page(a_document(0, is_complete=True, remedies=[BRINGS]))


def test_the_last_words_of_status_name_the_remedy() -> None:
    said = next_step(result((FILE, Status.SKIPPED, GONE, 2), success=5))
    assert said.splitlines()[:2] == ["What could be sent has arrived.", BRINGS]
    assert next_step(result(success=5)).startswith("Every row has arrived, or its reason.")


def test_after_a_kill_in_the_first_step_nobody_says_that_nothing_was_sent() -> None:
    assert next_step(result(pending=5), ()).startswith("Nothing was sent yet.")
    assert next_step(result(pending=5), {"plan": 9.0}).startswith("Nothing was sent yet.")
    said = next_step(result(pending=5), {"plan": 9.0, "user": 3.0})
    assert said.startswith("A run was cut off in the step user, before any row told what came of it")
    assert "`mm-pipeline export` looks there first" in said


@pytest.mark.parametrize("has_ended", [True, False])
def test_after_a_rollback_nobody_is_told_to_go_on(has_ended: bool) -> None:
    back = RolledBack(at=1_717_236_000_000, has_ended=has_ended)
    said = next_step(msgspec.structs.replace(result(pending=5, success=1), rolled_back=back))
    told = page(a_document(0, is_complete=False, rolled_back=back))
    assert "2024-06-01 10:00 UTC" in said
    assert "Taken back from the server on 2024-06-01 10:00 UTC" in told
    if has_ended:
        assert (
            "5 rows are pending again, 1 row tells of what people use and stays there. Nothing has to be done;" in said
        )
        assert "<li>Nothing has to be done; <code>mm-pipeline export</code> brings it anew" in told
    else:
        assert "was cut off. Next: `mm-pipeline rollback` takes back the rest, or `mm-pipeline export`" in said
        assert "<li><code>mm-pipeline rollback</code> takes back the rest; <code>mm-pipeline export</code>" in told
    assert "goes on" not in said
    assert "must choose a password before" not in told
