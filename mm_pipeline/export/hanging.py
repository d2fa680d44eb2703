"""The rows that hang on messages. Reads them; settles none."""

from collections.abc import Iterable

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import Entity, EntityType


def files_of(messages: Iterable[Entity], store: EntityStore) -> dict[str, list[Entity]]:
    """Return the files of some messages, by the message's Slack id; a message without any is not in it."""
    return _hanging_on(messages, store, EntityType.ATTACHMENT)


def files_and_reactions_of(messages: Iterable[Entity], store: EntityStore) -> dict[str, list[Entity]]:
    """Return the files and reactions of some messages, by the message's Slack id; a message without any is not in it."""
    return _hanging_on(messages, store, EntityType.ATTACHMENT, EntityType.REACTION)


def _hanging_on(messages: Iterable[Entity], store: EntityStore, *types: EntityType) -> dict[str, list[Entity]]:
    hanging: dict[str, list[Entity]] = {}
    ids = [message.slack_id for message in messages]
    for child in store.children(ids, *types) if ids else ():
        hanging.setdefault(child.parent_slack_id or "", []).append(child)
    return hanging
