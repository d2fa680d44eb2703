"""The end of the road: what may only happen when everything is in. Decides nothing that the plan did not decide."""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.advisory_lock import advisory_lock
from mm_pipeline.export.emoji_in_use import remember_emoji_without_picture
from mm_pipeline.export.run import Run


def finish(run: Run) -> dict[str, int]:
    """Archive channels, disable bots, mark everything read, put settings back. Returns how many of each were due."""
    database, workspace = run.store.database, run.store.workspace
    with (
        database.session() as connection,
        advisory_lock(connection, f"finishing {workspace}"),
        database.resting_on(connection),
    ):
        return _finish(run)


def _finish(run: Run) -> dict[str, int]:
    run.api.resume()  # a second line for an archived channel would fail (facts: 11.4, section 5)
    due = {task: run.journal.owed(task) for task in ("archive_channel", "deactivate_bot")}
    for channel_id in due["archive_channel"]:
        run.api.archive_channel(channel_id)
        run.journal.paid("archive_channel", [channel_id])
    for user_id in due["deactivate_bot"]:
        run.api.deactivate_bot(user_id)
        run.journal.paid("deactivate_bot", [user_id])
    run.api.finish()
    run.store.forget_export_tokens()
    remember_emoji_without_picture(run)
    counts = {task: len(ids) for task, ids in due.items()}
    backend_logger.info("finish: %s", ", ".join(f"{count} x {task}" for task, count in counts.items()))
    return counts
