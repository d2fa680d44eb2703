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


def replies_of(roots: Iterable[str], store: EntityStore) -> dict[str, list[Entity]]:
    """Return the replies to some roots (Slack ids, known or not), settled or not; a root without any is not in it."""
    return _children(list(roots), store, EntityType.MESSAGE)


def _hanging_on(messages: Iterable[Entity], store: EntityStore, *types: EntityType) -> dict[str, list[Entity]]:
    return _children([message.slack_id for message in messages], store, *types)


def _children(parents: list[str], store: EntityStore, *types: EntityType) -> dict[str, list[Entity]]:
    hanging: dict[str, list[Entity]] = {}
    for child in store.children(parents, *types) if parents else ():
        hanging.setdefault(child.parent_slack_id or "", []).append(child)
    return hanging
