"""Reactions: they ride on their message's post. Here those that did not arrive are sent, and all are settled."""

from collections.abc import Sequence
from itertools import groupby, islice
from typing import Self, TypeVar

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.errors import RowFailed, RowSkipped
from mm_pipeline.export.arrivals import posts_of
from mm_pipeline.export.attachment_exporter import AttachmentExporter
from mm_pipeline.export.exporter_base import ExporterBase, Statuses
from mm_pipeline.export.reasons import parent_missing
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.limits import FILES_PER_POST
from mm_pipeline.mattermost.on_server import PostArrived
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import Post, PostReaction
from mm_pipeline.model import Entity, EntityType, Origin, Status
from mm_pipeline.render.emoji import emoji_name

#: Messages whose missing reactions are looked at together.
_BATCH = 200

Exporter = TypeVar("Exporter", bound="ReactionExporter")


class ReactionExporter(ExporterBase):
    """One person's reaction with one emoji to one message."""

    entity_type = EntityType.REACTION

    def __init__(self, entity: Entity, statuses: Statuses, run: Run) -> None:
        super().__init__(entity, statuses)
        self._run = run

    @classmethod
    def from_entity(cls, entity: Entity, statuses: Statuses, run: Run) -> Self:
        """Make the exporter of one reaction."""
        return cls(entity, statuses, run)

    @property
    def emoji_name(self) -> str:
        """Mattermost's name of the emoji, skin tone included."""
        return emoji_name(str(self.entity.raw_data.get("name") or ""), self._run.directory.lookups.emoji)

    def reaction(self, username: str, create_at: int) -> PostReaction:
        """Return the reaction as its post carries it. Slack gives no time of its own: 1 ms after the post."""
        return PostReaction(key=self.entity.id, username=username, emoji_name=self.emoji_name, create_at=create_at)

    def is_seen(self, seen: set[tuple[str, str]]) -> bool:
        """Whether it is among what the server has: (Mattermost user id, emoji name)."""
        return (self._run.directory.user_ids.get(self.entity.user_slack_id or "", ""), self.emoji_name) in seen

    def arrived(self) -> None:
        """Settle: the server has it."""
        self.set_status(Status.SUCCESS, origin=Origin.CREATED)

    @classmethod
    def export(cls, run: Run, share: Partitions, statuses: Statuses) -> None:
        """Mark the reactions that are there, send those that are missing, read back again."""
        if not run.store.pending_channels(cls.entity_type, share):
            return
        pending = run.store.rows(cls.entity_type, [Status.PENDING], share)
        by_message = groupby(pending, key=lambda row: row.parent_slack_id or "")
        groups = ((parent, [cls(row, statuses, run) for row in rows]) for parent, rows in by_message)
        while batch := list(islice(groups, _BATCH)):
            run.require_going()
            cls._export_batch(dict(batch), run, statuses)

    @classmethod
    def _export_batch(cls, groups: dict[str, list[Self]], run: Run, statuses: Statuses) -> None:
        messages = {row.slack_id: row for row in run.store.rows_by_slack_id(EntityType.MESSAGE, list(groups))}
        sendable: dict[int, list[Self]] = {}
        for parent, exporters in groups.items():
            message = messages.get(parent)
            for exporter in exporters:
                try:
                    exporter._require(message)
                except (RowFailed, RowSkipped) as error:
                    exporter.refuse(error)
                else:
                    sendable.setdefault(message.id if message else 0, []).append(exporter)
        found = {row.id: row for row in messages.values() if row.id in sendable}
        for seen in posts_of(found.values(), run):
            sendable[seen.key] = _settle_seen(sendable[seen.key], seen)
        missing = {key: exporters for key, exporters in sendable.items() if exporters}
        posts = [
            (run.directory.channel(found[key].channel_slack_id), cls._post(found[key], missing[key], run, statuses))
            for key in missing
        ]
        for outcome in run.api.add_reactions(posts) if posts else ():
            exporters = missing[outcome.key]
            if isinstance(outcome, PostArrived):
                exporters = _settle_seen(exporters, outcome)
            reason = outcome.error if isinstance(outcome, Refused) else RowFailed(_NOT_KEPT)
            for exporter in exporters:
                exporter.refuse(reason)

    def _require(self, message: Entity | None) -> None:
        """Raise RowSkipped or RowFailed where there is nothing that the reaction could hang on."""
        if message is None:
            raise RowFailed("the message that it belongs to was never staged: stage the export again")
        if message.status != Status.SUCCESS or not message.mattermost_id:
            raise parent_missing("the message", message.error_message)
        self._run.directory.channel(message.channel_slack_id)
        self._run.directory.person(self.entity.user_slack_id, "person who reacted")

    @classmethod
    def _post(cls, message: Entity, exporters: Sequence[Self], run: Run, statuses: Statuses) -> Post:
        """The post as the server has it, with those of its files that are at hand, and the missing reactions."""
        files = run.store.children([message.slack_id], EntityType.ATTACHMENT)
        create_at = message.create_at or 0
        return Post(
            key=message.id,
            id=message.mattermost_id or "",
            username=run.directory.person(message.user_slack_id, "author").username,
            message="",
            create_at=create_at,
            files=tuple(
                AttachmentExporter(file, statuses).file(run, file.content_sha256 or "")
                for file in files
                if file.status == Status.SUCCESS and run.has(file.content_sha256)
            )[:FILES_PER_POST],
            reactions=tuple(
                one.reaction(run.directory.person(one.entity.user_slack_id, "person").username, create_at + 1)
                for one in exporters
            ),
        )


def _settle_seen(exporters: list[Exporter], seen: PostArrived) -> list[Exporter]:
    """Settle the reactions that the post has; return those that it lacks."""
    reactions = set(seen.reactions)
    for exporter in exporters:
        if exporter.is_seen(reactions):
            exporter.arrived()
    return [exporter for exporter in exporters if not exporter.is_seen(reactions)]


_NOT_KEPT = "the server took the post again but does not have this reaction. Retrying may help once its log is clean."
