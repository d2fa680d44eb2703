"""Runs one entity type for a share of the work: barrier, claim, export, flush. Knows no type's rules."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.advisory_lock import advisory_lock, is_held
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.status_writer import StatusWriter
from mm_pipeline.errors import AbortRun
from mm_pipeline.export.attachment_exporter import AttachmentExporter
from mm_pipeline.export.channel_exporter import ChannelExporter
from mm_pipeline.export.custom_emoji_exporter import CustomEmojiExporter
from mm_pipeline.export.edits import edit_messages
from mm_pipeline.export.messages import export_messages
from mm_pipeline.export.reaction_exporter import ReactionExporter
from mm_pipeline.export.run import Run
from mm_pipeline.export.user_exporter import UserExporter
from mm_pipeline.model import EntityType, Status

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


def export_entities(entity_type: EntityType, run: Run, share: Partitions) -> dict[Status, int]:
    """Export the pending rows of a type for a share of the work. Returns how many statuses of each kind were written.

    Raises AbortRun where nothing further can succeed now; what was settled until then is written.
    """
    require_done_before(entity_type, run)
    with claimed(entity_type, run, share), StatusWriter(run.store.database) as statuses:
        if run.store.has_work():
            run.api.resume()  # else what a killed run's job still brings would be sent a second time
        EXPORTS[entity_type](run, share, statuses)
        statuses.flush()
        CHANGES[entity_type](run, share, statuses)
        statuses.flush()
    settled = (Status.SUCCESS, Status.FAILED, Status.SKIPPED)
    written: dict[Status, int] = {status: statuses.written[status] for status in settled if statuses.written[status]}
    summary = ", ".join(f"{count} {status.value}" for status, count in written.items()) or "nothing to do"
    backend_logger.info("%s (partitions %s of %s): %s", entity_type.value, list(share.keys), share.workers, summary)
    return written


def require_done_before(entity_type: EntityType, run: Run) -> None:
    """Raise AbortRun unless every row of the types before this one is settled. Failed and skipped rows count as settled."""
    order = list(EntityType)
    for before in order[: order.index(entity_type)]:
        if undone := run.store.undone(before):
            raise AbortRun(
                f"{undone} {before.value} rows are still to be exported before {entity_type.value} can begin: "
                f"materialize {before.value} first, or launch the whole job slack_to_mattermost."
            )


def require_settled(store: EntityStore) -> None:
    """Raise AbortRun unless every row of all types is settled."""
    for entity_type, counts in store.counts().items():
        if counts[Status.PENDING]:
            raise AbortRun(
                f"{counts[Status.PENDING]} {entity_type.value} rows are still pending, so it is too early to finish: "
                f"materialize {entity_type.value} first, or launch the whole job slack_to_mattermost."
            )


def is_at_work(store: EntityStore) -> bool:
    """Whether some run, whoever started it, holds a share of the work."""
    with store.database.session() as connection:
        return is_held(connection, _workers_lock(store.workspace))


def _workers_lock(workspace: str) -> str:
    return f"workers of {workspace}"


@contextmanager
def claimed(entity_type: EntityType, run: Run, share: Partitions) -> Iterator[None]:
    """Hold a share of the work, so that no other run exports the same rows; wait for one that does.

    All runs at work deal the rows to the same number of workers; one with another number waits for their end.
    """
    workspace = run.store.workspace
    with ExitStack() as held:
        connection = held.enter_context(run.store.database.session())
        workers_lock = _workers_lock(workspace)
        while run.store.export_workers() != share.workers:
            with advisory_lock(connection, workers_lock):
                run.store.set_export_workers(share.workers)
        held.enter_context(advisory_lock(connection, workers_lock, shared=True))
        if run.store.export_workers() != share.workers:
            raise AbortRun(
                f"Another run has begun to share this work among {run.store.export_workers()} workers, this one among "
                f"{share.workers}: give both the same EXPORT_WORKERS, or start this one again when the other has ended."
            )
        for key in sorted(share.keys):
            name = f"{entity_type.value} of {workspace}, partition {key} of {share.workers}"
            held.enter_context(advisory_lock(connection, name))
        yield
