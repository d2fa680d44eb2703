"""The end of the road: what may only happen when everything is in. Decides nothing that the plan did not decide."""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.advisory_lock import advisory_lock, end_of
from mm_pipeline.export.closing import ARCHIVE_CHANNEL, close_channels
from mm_pipeline.export.emoji_in_use import remember_emoji_without_picture
from mm_pipeline.export.run import Run
from mm_pipeline.export.user_exporter import DEACTIVATE_BOT
from mm_pipeline.nouns import counted

#: What a finishing touch is done to, and what that is then.
_WHAT = {ARCHIVE_CHANNEL: "channel", DEACTIVATE_BOT: "bot"}
_DONE = {ARCHIVE_CHANNEL: "archived", DEACTIVATE_BOT: "disabled"}


def finish(run: Run) -> dict[str, int]:
    """Archive channels, disable bots, mark everything read, put settings back. Returns how many of each were due."""
    database, workspace = run.store.database, run.store.workspace
    with (
        database.session() as connection,
        advisory_lock(connection, end_of(workspace)),
        database.resting_on(connection),
        run.pausable(),
    ):
        return _finish(run)


def _finish(run: Run) -> dict[str, int]:
    run.api.resume()  # a second line for an archived channel would fail (facts: 11.4, section 5)
    counts = {ARCHIVE_CHANNEL: close_channels(run), DEACTIVATE_BOT: run.pay(DEACTIVATE_BOT, run.api.deactivate_bot)}
    run.api.finish()
    run.store.forget_export_tokens()
    remember_emoji_without_picture(run)
    done = [f"{counted(count, _WHAT[task])} {_DONE[task]}" for task, count in counts.items() if count]
    backend_logger.info("finish: %s", ", ".join(done) or "nothing was left to archive or to switch off")
    return counts
