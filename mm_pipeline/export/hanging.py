"""The rows that hang on messages. Reads them; settles none."""

from collections.abc import Iterable

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import Entity, EntityType


def files_of(messages: Iterable[Entity], store: EntityStore) -> dict[str, list[Entity]]:
    """Return the files of some messages, by the message's Slack id; a message without any is not in it."""
    files: dict[str, list[Entity]] = {}
    for file in store.children([message.slack_id for message in messages], EntityType.ATTACHMENT):
        files.setdefault(file.parent_slack_id or "", []).append(file)
    return files
