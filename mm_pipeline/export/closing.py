"""Channels that are archived in Slack: archived when nothing in them is to be edited any more. Sends nothing itself.

An archived channel takes import lines, but no edit by REST (facts: 11.4, section 5; contract 5).
"""

from collections.abc import Collection, Iterable, Iterator

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.export.late_files import late_files
from mm_pipeline.export.message_exporter import RELINK
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.outgoing import Thread
from mm_pipeline.model import EntityType

#: The finishing touch that is owed to channels (ids) which were archived in Slack.
ARCHIVE_CHANNEL = "archive_channel"


def close_later(run: Run, channel_id: str) -> None:
    """Remember that a channel is to be archived."""
    run.journal.owe(ARCHIVE_CHANNEL, [channel_id])


def close_channels(run: Run) -> int:
    """Have the channels archived that are to be. Returns how many."""
    return run.pay(ARCHIVE_CHANNEL, run.api.archive_channel)


def closed_behind(
    threads: Iterable[Thread], run: Run, share: Partitions, waiting: Collection[str] | None
) -> Iterator[Thread]:
    """Yield the threads. Behind the last one it is known whether any text is to be edited; if none is, channels are closed.

    They are archived by the job of the last threads then, instead of one more that waits up to 15 s for its turn. What
    others still send and edit keeps them open until `finish`: other partitions, what waits, what came late.
    """
    yield from threads
    everything_is_sent = not waiting and len(share.keys) == share.workers
    if everything_is_sent and run.journal.owed(ARCHIVE_CHANNEL) and not _edits_are_left(run, share):
        close_channels(run)


def _edits_are_left(run: Run, share: Partitions) -> bool:
    """Links to put right, texts that were edited in Slack, notes of files that are missing no more."""
    texts_changed = EntityType.MESSAGE in run.store.changed_since_sent()
    return texts_changed or bool(run.journal.owed(RELINK) or late_files(run, share))
