"""The progress of a run as a narrow terminal shows it: every number can be read, and what the server's job does stands below."""

import io
import threading
import time
from pathlib import Path

from rich.console import Console

from mm_pipeline import progress
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import WORKSPACE, add_row

_PATIENCE_S = 30


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
