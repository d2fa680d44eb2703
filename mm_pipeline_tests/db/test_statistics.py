"""What was counted anew is planned for: half of the rows are successes, and PostgreSQL knows."""

from mm_pipeline.db.database import Database
from mm_pipeline.db.statistics import refresh_statistics
from mm_pipeline.model import EntityType, Status
from mm_pipeline_tests.rows import add_row


def test_statuses_that_changed_at_a_stroke_are_known(database: str) -> None:
    for number in range(20):
        status = Status.SUCCESS if number % 2 else Status.PENDING
        add_row(database, EntityType.MESSAGE, f"C1:{number}", status=status)
    with Database(database).session() as connection:
        refresh_statistics(connection)
        told = connection.execute(
            "SELECT most_common_vals::text, most_common_freqs FROM pg_stats WHERE tablename = 'entities' AND attname = 'status'"
        ).fetchall()
    assert [(sorted(values.strip("{}").split(",")), shares) for values, shares in told] == [
        (["pending", "success"], [0.5, 0.5])
    ]
