"""The message step: heal what an earlier run left, send what is missing, settle what was read back. Builds no post."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.db.status_writer import StatusChange, StatusWriter
from mm_pipeline.errors import PipelineError, RowFailed
from mm_pipeline.export.attachment_exporter import FILE_DROPPED, AttachmentExporter
from mm_pipeline.export.claims import others_send
from mm_pipeline.export.closing import closed_behind
from mm_pipeline.export.exporter_base import ExporterBase
from mm_pipeline.export.found_roots import place_found_roots
from mm_pipeline.export.hanging import files_and_reactions_of
from mm_pipeline.export.late_files import late_files, send_late_files
from mm_pipeline.export.left_out_files import say_files_anew
from mm_pipeline.export.message_exporter import MessageExporter
from mm_pipeline.export.reaction_exporter import ReactionExporter
from mm_pipeline.export.reasons import parent_missing
from mm_pipeline.export.relinking import relink
from mm_pipeline.export.run import Run
from mm_pipeline.export.threads import Waiting, threads_of
from mm_pipeline.mattermost.on_server import PostArrived, SeenFile, WantedPost
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import Thread
from mm_pipeline.model import Entity, EntityType, Origin, Status
from mm_pipeline.side_by_side import dealt

#: Outcomes that are settled together: one look-up for what hangs on them.
_BATCH = 500

#: Rounds in which messages wait for what they link to. Each but the first costs a job, and chains of links may be long:
#: what still waits then is sent with Slack's link, and edited when all is there.
_ROUNDS = 8

#: Partitions are dealt to so many threads that build posts: Python has one of them work, while the other waits for PostgreSQL.
#: Four of them brought nothing, and held 18 MiB more (100,000 messages, two cores).
_BUILDERS = 2

#: Channels looked into at the same time.
_READERS = 3

Item = TypeVar("Item")


def export_messages(run: Run, share: Partitions, statuses: StatusWriter) -> None:
    """Export the pending messages of a share of the work, with their files and reactions."""
    place_found_roots(run, share, statuses)
    statuses.flush()
    if channels := run.store.pending_channels(EntityType.MESSAGE, share):
        _settle_all(_already_there(run, channels), run, statuses)
        statuses.flush()
        _send_all(run, share, statuses)
        for row_id in run.store.completed_messages(share):
            statuses.put(StatusChange(id=row_id, status=Status.SUCCESS, origin=Origin.CREATED))
        statuses.flush()
    # After the messages: a server that died in the middle of a job leaves some without their files.
    if late := late_files(run, share):
        send_late_files(late, run, statuses)
        statuses.flush()
    if channels or late:
        _settle_left_over(run, share, statuses)
    say_files_anew(run, statuses)
    relink(run, statuses)


def _send_all(run: Run, share: Partitions, statuses: StatusWriter) -> None:
    """Send all threads. What links to a message that is still to be sent waits a round: then its address is known."""
    waited: Waiting = {}
    for _ in range(_ROUNDS):
        waiting: Waiting = {}
        _send_round(run, share, statuses, waiting)
        if not waiting:
            return
        if waiting == waited and not others_send(run.store, share, set().union(*waiting.values())):
            break
        waited = waiting
    _send_round(run, share, statuses, None)


def _send_round(run: Run, share: Partitions, statuses: StatusWriter, waiting: Waiting | None) -> None:
    def built(key: int) -> Iterator[Thread]:
        return threads_of(run, Partitions(workers=share.workers, keys=(key,)), statuses, waiting)

    threads = dealt(share.keys, built, hands=min(_BUILDERS, len(share.keys)), at_once=50)
    _settle_all(run.api.send_threads(closed_behind(threads, run, share, waiting)), run, statuses)
    statuses.flush()


def _already_there(run: Run, channels: Iterable[str]) -> Iterator[PostArrived]:
    """Read back what a run that was killed between sending and marking has brought there."""
    there = [(slack_id, channel) for slack_id in channels if (channel := run.directory.channels.get(slack_id))]
    return dealt(there, lambda one: run.api.find_posts(one[1], _wanted(run, one[0])), hands=_READERS)


def _wanted(run: Run, channel: str) -> Iterator[WantedPost]:
    for key, create_at, user_id in run.store.pending_posts(channel):
        yield WantedPost(key=key, create_at=create_at, user_id=user_id)


def _settle_all(outcomes: Iterable[PostArrived | Refused], run: Run, statuses: StatusWriter) -> None:
    """Settle outcomes by batches, each while the next one is read back."""

    def settle(batch: Sequence[PostArrived | Refused]) -> None:
        _settle_arrived([one for one in batch if isinstance(one, PostArrived) and one.key], run, statuses)
        _settle_refused([one for one in batch if isinstance(one, Refused)], run, statuses)

    with ThreadPoolExecutor(1, "settling") as settler:
        last = settler.submit(settle, ())
        for batch in _batches(outcomes, _BATCH):
            last.result()
            last = settler.submit(settle, batch)
        last.result()


def _settle_arrived(all_arrived: Sequence[PostArrived], run: Run, statuses: StatusWriter) -> None:
    known = run.on_their_way.take(one.key for one in all_arrived)
    for one in (one for one in all_arrived if one.key in known):
        statuses.put(StatusChange(id=one.key, status=Status.SUCCESS, mattermost_id=one.id, origin=Origin.CREATED))
        _settle_hanging(known[one.key], one, (), run, statuses)
    if not (arrived := [one for one in all_arrived if one.key not in known]):
        return
    parts = [one for one in arrived if one.key < 0]
    message_of = run.store.messages_of_parts([-one.key for one in parts]) if parts else {}
    if parts:
        run.store.derived_arrived([(-one.key, one.id) for one in parts])
    own = {one.key: one for one in arrived if one.key > 0}
    incomplete = run.store.with_missing_parts(list(own)) if own else set()
    files: dict[int, list[SeenFile]] = {}
    for one in arrived:
        files.setdefault(one.key if one.key > 0 else message_of[-one.key], []).extend(one.files)
    heads = run.store.heads_by_id(list(files))
    hanging = files_and_reactions_of(heads, run.store)
    for head in heads:
        mine = own.get(head.id)
        if mine:
            done = head.id not in incomplete
            exporter = MessageExporter(head, statuses, run)
            exporter.set_status(
                Status.SUCCESS if done else Status.PENDING, mattermost_id=mine.id, origin=Origin.CREATED
            )
        _settle_hanging(hanging.get(head.slack_id, ()), mine, files[head.id], run, statuses)


def _settle_hanging(
    rows: Sequence[Entity], mine: PostArrived | None, files: Sequence[SeenFile], run: Run, statuses: StatusWriter
) -> None:
    pending = [row for row in rows if row.status == Status.PENDING]
    prepared = [row for row in pending if row.entity_type == EntityType.ATTACHMENT and row.content_sha256]
    AttachmentExporter.settle_seen([AttachmentExporter(row, statuses) for row in prepared], files, run.content)
    if mine:
        seen = set(mine.reactions)
        reactions = [row for row in pending if row.entity_type == EntityType.REACTION]
        for reaction in (ReactionExporter.from_entity(row, statuses, run) for row in reactions):
            if reaction.is_seen(seen):
                reaction.arrived()


def _settle_refused(refused: Sequence[Refused], run: Run, statuses: StatusWriter) -> None:
    """The culprit fails with its reason; a part that is refused fails the message that it is a part of."""
    parts = [-one.key for one in refused if one.key < 0]
    message_of = run.store.messages_of_parts(parts) if parts else {}
    errors = {one.key if one.key > 0 else message_of[-one.key]: one.error for one in refused if one.key}
    for head in run.store.heads_by_id(list(errors)) if errors else ():
        MessageExporter(head, statuses, run).refuse(errors[head.id])


def _settle_left_over(run: Run, share: Partitions, statuses: StatusWriter) -> None:
    """What hangs on a settled message cannot stay pending: a file that did not come, anything under a refused one."""
    for child, parent_status, why in run.store.pending_children(share):
        if parent_status == Status.SUCCESS:
            AttachmentExporter(child, statuses).refuse(RowFailed(FILE_DROPPED))
        else:
            settle = _CHILD_EXPORTERS[EntityType(child.entity_type)]
            settle(child, statuses, run).refuse(parent_missing("its message", why))


_CHILD_EXPORTERS: dict[EntityType, Callable[[Entity, StatusWriter, Run], ExporterBase]] = {
    EntityType.ATTACHMENT: AttachmentExporter.from_entity,
    EntityType.REACTION: ReactionExporter.from_entity,
    EntityType.MESSAGE: MessageExporter.from_entity,
}


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield items by batches; also those that came before an error, which is raised after them."""
    batch: list[Item] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == size:
                full, batch = batch, []
                yield full
    except PipelineError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
