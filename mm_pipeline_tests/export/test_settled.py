"""A step's counts are of its own type."""

from mm_pipeline.db.database import Database
from mm_pipeline.db.status_writer import StatusChange, StatusWriter
from mm_pipeline.export.settled import Settled
from mm_pipeline.model import EntityType, Status
from mm_pipeline_tests.rows import add_row


def test_the_message_step_counts_messages_and_tells_what_came_with_them_apart(database: str) -> None:
    messages = [add_row(database, EntityType.MESSAGE, f"C1:{number}", channel="C1") for number in range(4)]
    reactions = [add_row(database, EntityType.REACTION, f"C1:{number}:heart:U1", channel="C1") for number in range(7)]
    with StatusWriter(Database(database)) as statuses:
        for row in (*messages[:3], *reactions):
            statuses.put(StatusChange(id=row, status=Status.SUCCESS))
        statuses.put(StatusChange(id=messages[3], status=Status.FAILED, error="no"))
        statuses.flush()
        settled = Settled.of(EntityType.MESSAGE, statuses)
        later = Settled.of(EntityType.CHANNEL, statuses)
    assert settled.own == {Status.SUCCESS: 3, Status.FAILED: 1}
    assert str(settled) == "3 success, 1 failed; with them reaction 7 success"
    assert str(later).startswith("nothing to do; with them ")
    assert str(Settled(own={}, with_them={})) == "nothing to do"
