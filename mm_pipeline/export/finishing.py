"""The end of the road: what may only happen when everything is in. Decides nothing that the plan did not decide."""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.export.channel_exporter import ARCHIVE_CHANNEL
from mm_pipeline.export.emoji_in_use import remember_emoji_without_picture
from mm_pipeline.export.run import Run
from mm_pipeline.export.user_exporter import DEACTIVATE_BOT


def finish(run: Run) -> dict[str, int]:
    """Archive channels, disable bots, mark everything read, put settings back. Returns how many of each were due."""
    run.api.resume()  # a second line for an archived channel would fail (facts: 11.4, section 5)
    touches = {ARCHIVE_CHANNEL: run.api.archive_channel, DEACTIVATE_BOT: run.api.deactivate_bot}
    counts = dict.fromkeys(touches, 0)
    for task, touch in touches.items():
        for object_id in run.journal.owed(task):
            touch(object_id)
            run.journal.paid(task, [object_id])
            counts[task] += 1
    run.api.finish()
    run.store.forget_export_tokens()
    remember_emoji_without_picture(run)
    backend_logger.info("finish: %s", ", ".join(f"{count} x {task}" for task, count in counts.items()))
    return counts
