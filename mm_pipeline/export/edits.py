"""Messages that a newer export tells otherwise than they were sent: their posts get the new text. Sends no post.

Both texts are rendered here, the one that was sent from what was sent (docs/decisions/what-was-sent-is-kept.md).
"""

from collections.abc import Sequence
from itertools import islice

import msgspec

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.export.exporter_base import Statuses
from mm_pipeline.export.hanging import files_of
from mm_pipeline.export.message_exporter import RELINK, MessageExporter
from mm_pipeline.export.run import Run
from mm_pipeline.model import Entity, EntityType
from mm_pipeline.values import objects, objects_at

#: Messages that are looked at together.
_BATCH = 200
_STAYS = "edited in Slack after it was sent, and Mattermost keeps its text: "


def edit_messages(run: Run, share: Partitions, statuses: Statuses) -> None:
    """Bring edited texts; what people have edited or deleted in Mattermost meanwhile stays, and its row says so.

    Most changed messages read as before: a new reply or reaction changes what Slack says of a message, too.
    """
    changed = run.store.rows(EntityType.MESSAGE, share=share, changed=True)
    while batch := list(islice(changed, _BATCH)):
        files_by_message = files_of(batch, run.store)
        for message in batch:
            files = files_by_message.get(message.slack_id, ())
            new = MessageExporter(message, statuses, run, files)
            new.keep(_edit(new, _as_sent(message, files, run, statuses), run))


def _as_sent(message: Entity, files: Sequence[Entity], run: Run, statuses: Statuses) -> MessageExporter | None:
    """Return the message as it was sent, with those of its files that it had then; None where that is not known."""
    if message.sent_data is None:
        return None
    listed = [*objects_at(message.sent_data, "files"), *objects([message.sent_data.get("file")])]
    had = {str(file.get("id")) for file in listed}
    then = [file for file in files if str(file.raw_data.get("id")) in had]
    return MessageExporter(msgspec.structs.replace(message, raw_data=message.sent_data), statuses, run, then)


def _edit(new: MessageExporter, old: MessageExporter | None, run: Run) -> str:
    """Give a message's posts their new texts. Returns what is to be said of those that stay as they are."""
    if old is None:
        return f"{_STAYS}what was sent is not known"
    before, now = old.texts, new.texts
    if before == now:
        return ""
    if len(before) != len(now):
        return f"{_STAYS}it would take {len(now)} posts instead of {len(before)}"
    if new.links.are_open:
        run.journal.owe(RELINK, [new.entity.slack_id])
    posts = [
        new.entity.mattermost_id,
        *(run.store.derive_post(new.entity, n).mattermost_id for n in range(1, len(now))),
    ]
    edited_at = [old.edit_at] + [0] * (len(now) - 1)
    stays = [
        run.api.replace_text(post_id or "", was, text, at, new.edit_at)
        for post_id, was, text, at in zip(posts, before, now, edited_at, strict=True)
    ]
    why = next(filter(None, stays), "")
    return why and _STAYS + why
