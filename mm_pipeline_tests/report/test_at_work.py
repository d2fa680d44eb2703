"""Who is at work and on what, as another terminal sees it; and a pause that holds it up."""

import logging
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from mm_pipeline import http_retry
from mm_pipeline.assets import told_meanwhile as telling
from mm_pipeline.assets.told_meanwhile import told_meanwhile
from mm_pipeline.commands import status
from mm_pipeline.db import pauses
from mm_pipeline.db.advisory_lock import advisory_lock, end_of, plan_of, run_on, staging_of
from mm_pipeline.db.database import Database, program_name
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.journal import PostgresJournal
from mm_pipeline.db.pauses import Going, lift, pause, paused
from mm_pipeline.errors import AbortRun, Paused
from mm_pipeline.export.claims import claimed
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, JobAtWork, Status
from mm_pipeline.report.at_work import AtWork, TypeAtWork, job_sentence, left_changed_sentence
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import WORKSPACE, add_row


@pytest.fixture
def store(database: str) -> EntityStore:
    store = EntityStore(Database(database), WORKSPACE)
    store.bind_target("server", "team", "https://chat.example.org")
    for number in range(4):
        add_row(database, EntityType.MESSAGE, f"C1:{number}", channel="C1", create_at=number)
    return store


@pytest.fixture
def journal(store: EntityStore) -> PostgresJournal:
    return PostgresJournal(store.database, "https://chat.example.org", WORKSPACE)


def test_it_names_program_type_rate_and_what_the_server_makes_of_the_job(
    store: EntityStore, journal: PostgresJournal
) -> None:
    assert AtWork.of(store, journal).sentences() == ["nobody is at work"]
    with claimed(EntityType.MESSAGE, store, Partitions(workers=4, keys=(1, 2))):
        store.begin_step("message")
        with store.database.session() as connection:
            connection.execute(
                "UPDATE entities SET status = 'success', updated_at = now() + interval '1 s' WHERE slack_id = 'C1:0'"
            )
        record = journal.job_uploaded("x_mm_pipeline.zip", 5000, 12_300_000)
        assert "its import job is to follow (5,000 lines, 12.3 MB)" in AtWork.of(store, journal).sentences()[1]
        journal.job_sent(record, "job1")
        waits = "import job job1 waits for the server to begin, for 0 s: usually within 15 s (5,000 lines, 12.3 MB)"
        assert AtWork.of(store, journal).sentences()[1] == waits
        journal.job_began(record)
        said = AtWork.of(store, journal).sentences()
        assert said[0].startswith(f"message (2 of 4 partitions): {program_name()}, for 0 s; 1 of 4 rows settled, ")
        assert said[1] == "import job job1 runs on the server for 0 s (5,000 lines, 12.3 MB)"
        pause(store.database, WORKSPACE)
        assert AtWork.of(store, journal).sentences()[-1].endswith("ends at its next safe point")
        journal.job_ended(record, "success")
    assert AtWork.of(store, journal).sentences()[-1].endswith("`mm-pipeline resume` lets it go on")


def test_a_server_that_does_not_answer_is_told_with_since_when_and_until_when_it_is_tried(
    store: EntityStore, journal: PostgresJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> list[str]:
        return [said for said in AtWork.of(store, journal).sentences() if "the run tries" in said]

    with socket.socket() as nobody_listens, claimed(EntityType.MESSAGE, store, Partitions(workers=4, keys=(1,))):
        nobody_listens.bind(("127.0.0.1", 0))
        stock = Stock(
            f"http://127.0.0.1:{nobody_listens.getsockname()[1]}", "t" * 26, "", journal, work_folder=tmp_path
        )
        assert told() == []
        monkeypatch.setattr(http_retry, "TOLD_AFTER_S", 0.1)

        def ask() -> None:
            with pytest.raises(AbortRun):
                stock.me()

        asking = threading.Thread(target=ask)
        asking.start()
        until = time.monotonic() + 30
        while not (said := told()) and asking.is_alive() and time.monotonic() < until:
            time.sleep(0.05)
        time_of_day = r"\d\d:\d\d:\d\d"
        what = r"127\.0\.0\.1 does not answer \(the connection was refused\)"
        assert re.fullmatch(f"{what}, since {time_of_day}: the run tries again until {time_of_day}", said[0])
        asking.join()
        journal.fell_silent("it is away", since_s=60, left_s=-1)
        assert told() == [], "what a run that was cut off has left says nothing any more"
        journal.fell_silent("it is away", since_s=1, left_s=60)
        first = journal.outage()
        journal.fell_silent("it is away", since_s=0, left_s=90)
        again = journal.outage()
        assert first
        assert again
        assert again.since == first.since < first.until < again.until
        journal.answers_again()
        assert told() == []
    journal.fell_silent("it is away", since_s=1, left_s=60)
    assert told() == [], "nobody tries"


def test_while_a_job_waits_rate_and_time_left_stay_those_of_the_last_rows_counted_down() -> None:
    def told(since_s: float) -> str:
        of_type = {"type": EntityType.MESSAGE, "programs": ("process 1 on fern",), "partitions": 2, "workers": 2}
        return str(TypeAtWork(**of_type, since_s=since_s, settled=100, lasted_s=50, undone=120, total=220))  # type: ignore[arg-type]

    assert told(50).endswith("100 of 220 rows settled, 2/s, about 1 min 0 s left")
    assert told(70).endswith(", 2/s, about 40 s left")
    assert told(200).endswith(", 2/s")  # it should be done by now: nothing is promised


def test_a_job_that_waits_longer_than_is_usual_is_told_with_what_may_be_before_it() -> None:
    late = JobAtWork(job_id="job1", lines=1, bytes=12_300_000, sent_s=45.0, began_s=None)
    assert "unless another import is before it or the server runs no jobs (1 line, 12.3 MB)" in job_sentence(late)
    small = JobAtWork(job_id="job1", lines=7, bytes=4_321, sent_s=1.0, began_s=1.0)
    assert job_sentence(small).endswith("(7 lines, 4 KB)")


def test_settings_that_a_killed_run_left_changed_are_told_with_what_puts_them_back(
    store: EntityStore, journal: PostgresJournal
) -> None:
    journal.setting_changed("EmailSettings.SendEmailNotifications", True)
    with claimed(EntityType.MESSAGE, store, Partitions(workers=4, keys=(1,))):
        assert not any("cut off" in said for said in AtWork.of(store, journal).sentences())
    nobody, left = AtWork.of(store, journal).sentences()
    assert nobody == "nobody is at work"
    assert (
        "no mails and no pushes (EmailSettings.SendEmailNotifications): `mm-pipeline export` goes on and puts them back."
        in left
    )
    pause(store.database, WORKSPACE)
    _, left = AtWork.of(store, journal).sentences()
    assert "`mm-pipeline resume`, then `mm-pipeline export` goes on and puts them back." in left
    lift(store.database, WORKSPACE)
    journal.setting_put_back("EmailSettings.SendEmailNotifications")
    assert AtWork.of(store, journal).sentences() == ["nobody is at work"]


def test_a_setting_that_has_nothing_to_do_with_mail_is_not_told_as_if_it_kept_mails_back() -> None:
    told = left_changed_sentence(["ServiceSettings.EnableLinkPreviews"])
    assert told.startswith(
        "A run that was cut off left settings of the server changed (ServiceSettings.EnableLinkPreviews): "
    )


def test_who_stages_plans_or_is_between_two_steps_is_at_work(store: EntityStore, journal: PostgresJournal) -> None:
    for name, doing in (
        (staging_of(WORKSPACE), "staging"),
        (plan_of(WORKSPACE), "planning"),
        (end_of(WORKSPACE), "finishing"),
        (run_on(WORKSPACE), "at work, between two steps"),
    ):
        with store.database.session() as connection, advisory_lock(connection, name):
            assert AtWork.of(store, journal).sentences() == [f"{doing}: {program_name()}"]
    assert AtWork.of(store, journal).sentences() == ["nobody is at work"]


def test_an_import_job_that_nobody_waits_for_any_more_is_told(store: EntityStore, journal: PostgresJournal) -> None:
    record = journal.job_uploaded("x_mm_pipeline.zip", 5000, 12_300_000)
    _, left = AtWork.of(store, journal).sentences()
    assert "an uploaded archive (5,000 lines, 12.3 MB), maybe with no import job asked for yet: `mm-pipeline" in left
    journal.job_sent(record, "job1")
    _, left = AtWork.of(store, journal).sentences()
    assert "import job job1 (5,000 lines, 12.3 MB), which waited there when it was seen last" in left
    journal.job_began(record)
    pause(store.database, WORKSPACE)
    _, left = AtWork.of(store, journal).sentences()
    assert left.endswith(
        "ran there when it was seen last: `mm-pipeline resume`, then `mm-pipeline export` sees to it first."
    )
    lift(store.database, WORKSPACE)
    with journal.server_lock():  # of another workspace's run
        assert AtWork.of(store, journal).sentences() == ["nobody is at work"]


def test_a_pause_stands_until_it_is_lifted_and_what_it_held_up_is_new_work_then(
    store: EntityStore, journal: PostgresJournal
) -> None:
    came_at = store.newest_work()
    journal.require_going()
    first = pause(store.database, WORKSPACE)
    assert pause(store.database, WORKSPACE) == first == paused(store.database, WORKSPACE)
    with pytest.raises(Paused, match=r"paused by .* the rest stays pending. `mm-pipeline resume`"):
        Going(store.database, WORKSPACE).require()
    Going(store.database, "T0ANOTHER").require()
    assert lift(store.database, WORKSPACE)
    assert not lift(store.database, WORKSPACE)
    Going(store.database, WORKSPACE).require()
    assert came_at is not None
    assert (store.newest_work() or 0) > came_at
    with store.database.session() as connection:
        connection.execute("UPDATE entities SET status = %s, sent_hash = raw_hash", (Status.SUCCESS.value,))
    assert store.newest_work() is None


def test_who_waits_for_another_run_can_be_paused_or_ended(store: EntityStore, monkeypatch: pytest.MonkeyPatch) -> None:
    wish = threading.Event()
    monkeypatch.setattr(pauses, "_interrupted", wish)
    whole = Partitions.all_of(2)
    with claimed(EntityType.MESSAGE, store, whole):
        threading.Timer(0.2, pauses.interrupt).start()
        with pytest.raises(Paused, match="Ended at a safe point, as asked"), claimed(EntityType.MESSAGE, store, whole):
            raise AssertionError("it cannot be claimed")


def test_a_step_says_in_its_log_how_far_it_is(
    store: EntityStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(telling, "EVERY_S", 0.05)
    postgres = PostgresResource(url=store.database.url, state=str(tmp_path))
    migration = Migration(MMResource(), postgres, SlackResource(), PlanResource())
    told = threading.Event()
    monkeypatch.setattr(caplog.handler, "emit", lambda record: (caplog.records.append(record), told.set()))
    with (
        caplog.at_level(logging.INFO, "mm_pipeline"),
        claimed(EntityType.MESSAGE, store, Partitions.all_of(2)),
        told_meanwhile(EntityType.MESSAGE, migration),
    ):
        assert told.wait(30)
    assert f"message: {program_name()}, for 0 s; 0 of 4 rows settled" in caplog.records[0].getMessage()


def _looks(programs: Iterable[tuple[str, ...]]) -> Iterator[AtWork]:
    """Yield what each look sees, and from then on that nobody is at work."""
    return (AtWork(pause=None, programs=one, types=(), jobs=()) for one in chain(programs, repeat(())))


def test_following_tells_what_goes_on_until_nobody_is_at_work_any_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(status, "_LOOK_S", 0.01)
    monkeypatch.setattr(status, "_ENDED_S", 0.05)

    looks = _looks([("process 1 on fern",), ("process 1 on fern",), (), ("process 2 on moss",)])
    status.follow(looks.__next__)
    assert capsys.readouterr().out.splitlines() == ["at work: process 1 on fern", "at work: process 2 on moss"]


def test_following_waits_for_a_run_that_has_not_begun_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(status, "_LOOK_S", 0.01)
    monkeypatch.setattr(status, "_ENDED_S", 0.05)

    looks = _looks([()] * 20 + [("process 1 on fern",)] * 80)
    status.follow(looks.__next__, is_awaited=True)
    nobody, waits, works = capsys.readouterr().out.splitlines()
    assert (nobody, works) == ("nobody is at work", "at work: process 1 on fern")
    assert waits.startswith("Waiting for a run to begin: `mm-pipeline export`")


def test_following_into_a_file_repeats_no_line_of_which_only_the_seconds_are_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(status, "_LOOK_S", 0.0)
    monkeypatch.setattr(status, "_ENDED_S", 0.0)

    def looks() -> Iterator[AtWork]:
        of_type = {"type": EntityType.MESSAGE, "programs": ("process 1 on fern",), "partitions": 2, "workers": 2}
        for second in range(10):
            job = JobAtWork(job_id="job1", lines=1, bytes=1, sent_s=second, began_s=max(second - 4, 0) or None)
            undone = 3 if second < 8 else 2
            message = TypeAtWork(**of_type, since_s=second, settled=0, undone=undone, total=4)  # type: ignore[arg-type]
            yield AtWork(pause=None, programs=message.programs, types=(message,), jobs=(job,))
        yield from _looks(())

    status.follow(looks().__next__)
    told = [line.split(", for")[0].split(" on the")[0] for line in capsys.readouterr().out.splitlines()]
    waits = "import job job1 waits for the server to begin"
    assert told == ["message: process 1 on fern", waits, "import job job1 runs", "message: process 1 on fern"]
