"""Runs one entity type for a share of the work: barrier, claim, export, flush. Knows no type's rules."""

from collections.abc import Callable

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.statistics import MANY, refresh_statistics
from mm_pipeline.db.status_writer import StatusWriter
from mm_pipeline.errors import AbortRun
from mm_pipeline.export.attachment_exporter import AttachmentExporter
from mm_pipeline.export.channel_exporter import ChannelExporter
from mm_pipeline.export.claims import claimed, left_by_others
from mm_pipeline.export.custom_emoji_exporter import CustomEmojiExporter
from mm_pipeline.export.edits import edit_messages
from mm_pipeline.export.messages import export_messages
from mm_pipeline.export.reaction_exporter import ReactionExporter
from mm_pipeline.export.run import Run
from mm_pipeline.export.settled import Settled
from mm_pipeline.export.user_exporter import UserExporter
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted

#: How each type is exported. Complete: a test holds it to EntityType.
EXPORTS: dict[EntityType, Callable[[Run, Partitions, StatusWriter], None]] = {
    EntityType.USER: UserExporter.export,
    EntityType.CUSTOM_EMOJI: CustomEmojiExporter.export,
    EntityType.ATTACHMENT: AttachmentExporter.export,
    EntityType.CHANNEL: ChannelExporter.export,
    EntityType.MESSAGE: export_messages,
    EntityType.REACTION: ReactionExporter.export,
}

#: What becomes of rows that a newer export told otherwise after they were sent. Complete, too.
CHANGES: dict[EntityType, Callable[[Run, Partitions, StatusWriter], None]] = {
    EntityType.USER: UserExporter.export_changed,
    EntityType.CUSTOM_EMOJI: CustomEmojiExporter.export_changed,
    EntityType.ATTACHMENT: AttachmentExporter.export_changed,
    EntityType.CHANNEL: ChannelExporter.export_changed,
    EntityType.MESSAGE: edit_messages,
    EntityType.REACTION: ReactionExporter.export_changed,
}


def export_entities(entity_type: EntityType, run: Run, share: Partitions) -> Settled:
    """Export the pending rows of a type for a share of the work. Returns how many were settled.

    Raises AbortRun where nothing further can succeed now, Paused where people want the work to rest; what was settled until
    then is written.
    """
    with run.pausable():
        return _export(entity_type, run, share)


def _export(entity_type: EntityType, run: Run, share: Partitions) -> Settled:
    require_done_before(entity_type, run.store, share)
    with claimed(entity_type, run.store, share), StatusWriter(run.store.database) as statuses:
        if run.store.has_work():
            run.api.resume()  # else what a killed run's job still brings would be sent a second time
        EXPORTS[entity_type](run, share, statuses)
        statuses.flush()
        CHANGES[entity_type](run, share, statuses)
        statuses.flush()
        if sum(statuses.written.values()) >= MANY:
            with run.store.database.session() as connection:
                refresh_statistics(connection)
    settled = Settled.of(entity_type, statuses)
    part = "" if len(share.keys) == share.workers else f" ({_partitions(share)})"
    backend_logger.info("%s%s: %s", entity_type.value, part, settled)
    return settled


def _partitions(share: Partitions) -> str:
    return f"partition{'s' * (len(share.keys) > 1)} {', '.join(map(str, share.keys))} of {share.workers}"


def require_done_before(entity_type: EntityType, store: EntityStore, share: Partitions) -> None:
    """Wait until every row of the types before this one is settled. Failed and skipped rows count as settled.

    Raises AbortRun where rows are left and no other run is at work that could settle them.
    """
    order = list(EntityType)
    for before in order[: order.index(entity_type)]:
        if undone := left_by_others(before, store, share):
            raise AbortRun(
                f"{counted(undone, f'{before.value} row is', f'{before.value} rows are')} still to be exported before "
                f"{entity_type.value} can begin: "
                f"materialize {before.value} first, or launch the whole job slack_to_mattermost."
            )


def require_settled(store: EntityStore) -> None:
    """Raise AbortRun unless every row of all types is settled."""
    for entity_type, counts in store.counts().items() if store.has_pending() else ():
        if counts[Status.PENDING]:
            raise AbortRun(
                f"{counted(counts[Status.PENDING], f'{entity_type.value} row is', f'{entity_type.value} rows are')} still "
                "pending, so it is too early to finish: "
                f"materialize {entity_type.value} first, or launch the whole job slack_to_mattermost."
            )
