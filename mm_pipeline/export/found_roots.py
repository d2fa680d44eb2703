"""Roots that an earlier export lacked: they take the place of the post that says so, over their replies. Sends no post."""

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.export.arrivals import posts_of
from mm_pipeline.export.exporter_base import Statuses
from mm_pipeline.export.hanging import files_of
from mm_pipeline.export.message_exporter import MessageExporter
from mm_pipeline.export.run import Run
from mm_pipeline.export.threads import ROOT_ABSENT
from mm_pipeline.model import Origin, Status


def place_found_roots(run: Run, share: Partitions, statuses: Statuses) -> None:
    """Give the posts that stand for them their texts, and the rows these posts; their files and reactions follow as late ones.

    A root whose stand-in is somebody else's (nobody said who began the thread) is sent as any other.
    """
    found = [row for row in run.store.found_roots(share) if row.channel_slack_id in run.directory.channels]
    if not found:
        return
    files = files_of(found, run.store)
    roots = {row.id: MessageExporter(row, statuses, run, files.get(row.slack_id, ())) for row in found}
    for seen in posts_of(found, run):
        root = roots[seen.key]
        texts = root.texts
        if not run.api.replace_text(seen.id, ROOT_ABSENT, texts[0]):
            # What one post cannot hold is sent as further ones; until then it is pending.
            status = Status.SUCCESS if len(texts) == 1 else Status.PENDING
            root.set_status(status, mattermost_id=seen.id, origin=Origin.CREATED)
