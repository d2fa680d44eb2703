"""Messages that were sent without their files, as a setting left these out: their texts say so no longer once files are chosen.

Sends no post and no file (late_files.py does).
"""

from itertools import islice

import msgspec

from mm_pipeline.db.status_writer import CHOSEN
from mm_pipeline.export.exporter_base import Statuses
from mm_pipeline.export.hanging import files_of
from mm_pipeline.export.message_exporter import MessageExporter
from mm_pipeline.export.run import Run
from mm_pipeline.model import Entity, EntityType, Status

#: What is owed to messages (Slack ids) that are on the server, and whose files were left out and are chosen by now.
SAY_ANEW = "say_files_anew"
#: Messages that are looked at together.
_BATCH = 200


def say_files_anew(run: Run, statuses: Statuses) -> None:
    """Give such messages the text that they would have had: of files that nobody has any more it says that."""
    owed = iter(run.journal.owed(SAY_ANEW))
    while batch := list(islice(owed, _BATCH)):
        messages = run.store.rows_by_slack_id(EntityType.MESSAGE, batch)
        files = files_of(messages, run.store)
        for message in messages:
            rows = files.get(message.slack_id, [])
            if not message.mattermost_id or any(row.status == Status.PENDING for row in rows):
                continue
            old, new = (MessageExporter(message, statuses, run, told) for told in ([*map(_left_out, rows)], rows))
            run.api.replace_text(message.mattermost_id, old.text, new.text)
            run.journal.paid(SAY_ANEW, [message.slack_id])


def _left_out(row: Entity) -> Entity:
    return msgspec.structs.replace(row, status=Status.SKIPPED, error_message=CHOSEN, content_sha256=None)
