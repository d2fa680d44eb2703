"""The progress of a run as a narrow terminal shows it: every number can be read, and what the server's job does stands below."""

import io
import threading
import time
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from mm_pipeline import progress
from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.db import pauses
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.pauses import require_uninterrupted
from mm_pipeline.errors import AbortRun
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import WORKSPACE, add_row

_PATIENCE_S = 30


@pytest.mark.parametrize("is_read", [True, False])
def test_the_sentence_at_the_end_is_wrapped_between_words_where_somebody_reads_it(is_read: bool) -> None:
    sentence = (
        "1 row failed and 0 are pending: `mm-pipeline status` says why; when the cause is mended, `mm-pipeline retry`, then "
        "the same command again."
    )
    screen = io.StringIO()
    progress._say(Console(file=screen, width=80, force_terminal=is_read, color_system=None), sentence, style="red")
    lines = screen.getvalue().splitlines()
    assert " ".join(lines) == sentence
    assert (len(lines) == 1) is not is_read
    assert not is_read or max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("is_ended", "status"), [(True, dg.DagsterRunStatus.CANCELED), (False, dg.DagsterRunStatus.FAILURE)]
)
def test_a_run_that_somebody_ended_is_cancelled_in_dagsters_history_and_one_that_stopped_by_itself_failed(
    is_ended: bool, status: dg.DagsterRunStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dg.asset
    def garden() -> None:
        with told_to_dagster():
            require_uninterrupted()
            raise AbortRun("The server is away.")

    wish = threading.Event()
    monkeypatch.setattr(pauses, "_interrupted", wish)
    job = dg.define_asset_job(progress.JOB, selection=[garden])
    monkeypatch.setattr(progress, "defs", dg.Definitions(assets=[garden], jobs=[job]))
    if is_ended:
        wish.set()
    with dg.instance_for_test() as instance:
        (said,) = progress._run_job()
        (run,) = instance.get_runs()
        assert run.status == status
    assert said == (pauses.ENDED_AS_ASKED if is_ended else "The server is away.")


def test_in_eighty_columns_counts_and_the_job_are_shown_whole(database: str, tmp_path: Path) -> None:
    for number in range(3):
        status = Status.FAILED if number else Status.PENDING
        add_row(database, EntityType.MESSAGE, f"C1:{number}", channel="C1", status=status)
    EntityStore(Database(database), WORKSPACE).bind_target("server", "team", "https://chat.example.org")
    postgres = PostgresResource(url=database, state=str(tmp_path))
    migration = Migration(MMResource(), postgres, SlackResource(), PlanResource())
    migration.journal.job_sent(migration.journal.job_uploaded("x_mm_pipeline.zip", 5000, 12_300_000), "job1")
    screen, ended = io.StringIO(), threading.Event()
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    shown = threading.Thread(target=progress._show, args=(migration, console, ended))
    shown.start()
    until = time.monotonic() + _PATIENCE_S
    while "import job job1" not in screen.getvalue():
        assert time.monotonic() < until
        time.sleep(0.05)
    ended.set()
    shown.join()
    lines = screen.getvalue().splitlines()
    assert any(line.startswith("message") and "2/3" in line and "2 failed" in line for line in lines)
    assert "import job" not in screen.getvalue()[screen.getvalue().rindex("reaction") :]  # over is over
