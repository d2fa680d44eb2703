"""When channels are archived: behind the last thread, unless something in them is still to be sent or edited."""

from typing import Any

import psycopg
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.export.closing import close_channels, close_later, closed_behind
from mm_pipeline.export.message_exporter import RELINK
from mm_pipeline.export.run import Run
from mm_pipeline.model import EntityType, Status
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.rows import WORKSPACE, add_row

ALL = Partitions.all_of(2)


class Surroundings:
    """As much of a run as closing asks: a journal, the rows, and a server that remembers what it was told to archive."""

    def __init__(self, database: str) -> None:
        self.journal = MemoryJournal()
        self.store = EntityStore(Database(database), WORKSPACE)
        self.api = self
        self.archived: list[str] = []

    pay = Run.pay

    def archive_channel(self, channel_id: str) -> None:
        self.archived.append(channel_id)


@pytest.fixture
def run(database: str) -> Any:
    made: Any = Surroundings(database)
    close_later(made, "shed")
    return made


def test_channels_are_archived_behind_the_last_thread(run: Any) -> None:
    threads = closed_behind(["one", "two"], run, ALL, set())  # type: ignore[list-item]
    assert [next(threads), next(threads)] == ["one", "two"]
    assert run.archived == []
    assert list(threads) == []
    assert run.archived == ["shed"]
    assert close_channels(run) == 0


@pytest.mark.parametrize("why", ["another run has a share", "something waits", "a link is owed", "a text was changed"])
def test_they_stay_open_until_the_end_while(run: Any, database: str, why: str) -> None:
    share = Partitions(workers=2, keys=(0,)) if why == "another run has a share" else ALL
    waiting = {"C0SHED:1.0"} if why == "something waits" else None
    if why == "a link is owed":
        run.journal.owe(RELINK, ["C0SHED:1.0"])
    if why == "a text was changed":
        add_row(database, EntityType.MESSAGE, "C0SHED:1.0", status=Status.SUCCESS, channel="C0SHED")
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE entities SET sent_hash = 'another'")
    assert list(closed_behind([], run, share, waiting)) == []
    assert run.archived == []
    assert close_channels(run) == 1
    assert run.archived == ["shed"]
