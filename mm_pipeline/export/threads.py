"""Puts rows together into threads ready to send: root, replies, what hangs on each. Settles only what cannot be built."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.errors import PipelineError, RowFailed, RowSkipped, SkipReason
from mm_pipeline.export.exporter_base import Statuses
from mm_pipeline.export.hanging import files_and_reactions_of, replies_of
from mm_pipeline.export.message_exporter import MessageExporter
from mm_pipeline.export.reasons import parent_missing
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.outgoing import Post, Thread
from mm_pipeline.model import Entity, Status

#: Messages whose files and reactions are read together.
_BATCH = 500

#: Slack id of a message that waits -> those of the earlier messages that it links to.
Waiting = dict[str, set[str]]

ROOT_ABSENT = "*The message that began this thread is not in the Slack export.*"


def threads_of(run: Run, share: Partitions, statuses: Statuses, waiting: Waiting | None = None) -> Iterator[Thread]:
    """Yield every thread of a share that has something pending. Memory holds one batch of messages at a time.

    Messages that link to earlier ones which are still to be sent are left out and put into `waiting`;
    without it nobody waits, and such links stay Slack's until they are relinked.
    """
    groups = groupby(run.store.thread_messages(share), key=lambda row: row.parent_slack_id or row.slack_id)
    batch: list[tuple[str, list[Entity]]] = []
    size = 0
    for root_id, group in groups:
        rows = list(group)
        batch.append((root_id, rows))
        size += len(rows)
        if size >= _BATCH:
            yield from _built(run, batch, statuses, waiting)
            batch, size = [], 0
    yield from _built(run, batch, statuses, waiting)


def _built(
    run: Run, batch: Sequence[tuple[str, list[Entity]]], statuses: Statuses, waiting: Waiting | None
) -> Iterator[Thread]:
    hanging = files_and_reactions_of((row for _, rows in batch for row in rows), run.store)
    threads = [
        (root_id, [MessageExporter(row, statuses, run, hanging.get(row.slack_id, ())) for row in rows])
        for root_id, rows in batch
    ]
    unsure = (root_id for root_id, (first, *_) in threads if first.entity.slack_id != root_id or first.is_deleted)
    in_all = replies_of(unsure, run.store)
    for root_id, exporters in threads:
        yield from _threads(run, root_id, exporters, in_all.get(root_id, ()), waiting)


def _threads(
    run: Run, root_id: str, exporters: list[MessageExporter], in_all: Sequence[Entity], waiting: Waiting | None
) -> Iterator[Thread]:
    """Yield the thread; and each reply that claims to be older than its root, which no server takes, as a root of its own.

    `in_all`: its replies, sent ones too, where the root is absent or was deleted.
    """
    root = exporters[0] if exporters[0].entity.slack_id == root_id else None
    replies = [exporter for exporter in exporters if exporter is not root]
    authors = _authors(run, exporters)
    if waiting is not None and (waits := {one.entity.slack_id: one.links.awaited for one in exporters if one.waits}):
        waiting.update(waits)
        if root_id in waits:
            return
        replies = [reply for reply in replies if reply.entity.slack_id not in waits]
        if not replies and (root is None or root.entity.status != Status.PENDING):
            return
    try:
        channel = run.directory.channel(exporters[0].entity.channel_slack_id)
        root_posts = _root_posts(run, root_id, root, in_all)
    except (RowFailed, RowSkipped) as error:
        _refuse(exporters, root, error)
        return
    posts = root_posts[1:]
    for reply in replies:
        try:
            posts += reply.posts()
        except (RowFailed, RowSkipped) as error:
            reply.refuse(error)
    posts.sort(key=lambda post: post.create_at)
    first = root_posts[0]
    for early in (post for post in posts if post.create_at < first.create_at):
        yield Thread(channel=channel, root=early)
    posts = [post for post in posts if post.create_at >= first.create_at]
    if posts or not first.id:
        is_new_thread = not first.id and (posts or len(exporters) > 1)
        followers = dict.fromkeys((first.username, *authors)) if is_new_thread else ()
        yield Thread(channel=channel, root=first, replies=tuple(posts), followers=tuple(followers))


def _root_posts(run: Run, root_id: str, root: MessageExporter | None, in_all: Sequence[Entity]) -> list[Post]:
    """Return the root's post, and further ones for what one post cannot hold."""
    if root is None:
        return [_absent_root(run, root_id, in_all)]
    if root.entity.status in (Status.FAILED, Status.SKIPPED):
        raise parent_missing("the message that began the thread", root.entity.error_message)
    if root.is_deleted and not in_all:
        raise RowSkipped(SkipReason.DELETED_IN_SLACK)
    return root.posts()


def _refuse(exporters: list[MessageExporter], root: MessageExporter | None, error: PipelineError) -> None:
    """The root takes the reason itself; the replies that are still to be sent are skipped for its sake.

    What somebody who is left out answered to themselves is theirs like the root.
    """
    left_out = isinstance(error, RowSkipped) and error.reason is SkipReason.LEFT_OUT
    for exporter in exporters:
        if exporter.entity.status == Status.PENDING:
            own = exporter is root or root is None or root.entity.status != Status.PENDING
            if root and left_out and exporter.entity.user_slack_id == root.entity.user_slack_id:
                own = True
            exporter.refuse(error if own else parent_missing("the message that began the thread", str(error)))


def _absent_root(run: Run, root_id: str, in_all: Sequence[Entity]) -> Post:
    """A root that says that it is absent, by whoever began the thread if that is known, at the ms of the real one.

    Built from all of its replies, sent or not, so it is the same each time, and the server finds it again by channel,
    ms and text.
    """
    replies = sorted(in_all, key=lambda reply: (reply.create_at or 0, reply.id))
    starter = run.directory.people.get(str(replies[0].raw_data.get("parent_user_id")))
    author = starter or run.directory.person(replies[0].user_slack_id, "author of the first reply")
    seconds, _, fraction = root_id.rsplit(":", 1)[-1].partition(".")
    create_at = int(seconds) * 1000 + int(fraction[:3].ljust(3, "0")) if seconds.isdigit() and fraction.isdigit() else 0
    first = replies[0].create_at or 0
    return Post(
        key=0,
        username=author.username,
        message=ROOT_ABSENT,
        create_at=run.store.stand_in_time(root_id) or min(create_at or first, first) or first,
        slack_id=f"{root_id}/absent",  # its real root is another post, if it is ever found
    )


def _authors(run: Run, exporters: Sequence[MessageExporter]) -> list[str]:
    """Return who wrote in a thread, also what waits: they follow it from its beginning."""
    people = (run.directory.people.get(exporter.entity.user_slack_id or "") for exporter in exporters)
    return [person.username for person in people if person]
