"""Messages that were sent with Slack's links, as what they link to was not there: they get links to posts. Sends no post."""

from itertools import islice

from mm_pipeline.export.exporter_base import Statuses
from mm_pipeline.export.hanging import files_of
from mm_pipeline.export.message_exporter import RELINK, MessageExporter
from mm_pipeline.export.run import Run
from mm_pipeline.model import EntityType

#: Messages that are looked at together.
_BATCH = 200


def relink(run: Run, statuses: Statuses) -> None:
    """Edit those whose targets are all there by now; the others stay owed.

    An edit shows as edited today. Only edited messages link to later ones, so hardly any other is concerned.
    """
    owed = iter(run.journal.owed(RELINK))
    while batch := list(islice(owed, _BATCH)):
        messages = run.store.rows_by_slack_id(EntityType.MESSAGE, batch)
        files = files_of(messages, run.store)
        for message in messages:
            exporter = MessageExporter(message, statuses, run, files.get(message.slack_id, ()))
            if not message.mattermost_id or exporter.links.are_open:
                continue
            if texts := exporter.relinked():
                run.api.replace_text(message.mattermost_id, *texts)
            run.journal.paid(RELINK, [message.slack_id])
