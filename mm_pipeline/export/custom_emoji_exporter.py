"""Custom emoji -> the server's custom emoji. Names were decided by the plan; pictures come from content."""

from collections.abc import Iterator
from typing import Self

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.errors import RowFailed, RowSkipped, SkipReason
from mm_pipeline.export.exporter_base import ExporterBase, Statuses, build_all
from mm_pipeline.export.missing_emoji import create_missing_emoji
from mm_pipeline.export.reasons import leave_out
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.outgoing import NewEmoji
from mm_pipeline.model import Entity, EntityType, Origin, Status
from mm_pipeline.plan.emoji import EmojiDecision
from mm_pipeline.render.emoji import MATTERMOST_EMOJI, MISSING_EMOJI, emoji_name
from mm_pipeline.side_by_side import side_by_side

#: How the detail begins of an alias of which nobody can bring the picture: what it is another name of is no emoji any more.
STANDS_FOR = "it stands for "


class CustomEmojiExporter(ExporterBase):
    """An emoji of the workspace's own, or a further name of one."""

    entity_type = EntityType.CUSTOM_EMOJI

    def __init__(self, entity: Entity, statuses: Statuses, *, mm_user_id: str, run: Run) -> None:
        super().__init__(entity, statuses)
        self._mm_user_id = mm_user_id
        self._run = run

    @classmethod
    def from_entity(cls, entity: Entity, statuses: Statuses, run: Run) -> Self:
        """Make the exporter of one emoji. The server takes emoji only from the token's own user: hence his id."""
        return cls(entity, statuses, mm_user_id=run.mm_user_id, run=run)

    @classmethod
    def export(cls, run: Run, share: Partitions, statuses: Statuses) -> None:
        """Fetch pictures side by side, one stream per partition, and create the emoji as they come."""
        exporters: dict[int, Self] = {}

        def pictures(key: int) -> Iterator[NewEmoji]:
            rows = run.store.rows(cls.entity_type, [Status.PENDING], Partitions(workers=share.workers, keys=(key,)))
            mine = (cls.from_entity(row, statuses, run) for row in rows)
            for exporter, emoji in build_all(mine, lambda one: (one, one.emoji())):
                if emoji is not None:
                    exporters[emoji.key] = exporter
                    yield emoji

        for outcome in run.api.create_emoji(side_by_side([pictures(key) for key in share.keys])):
            exporters.pop(outcome.key).settle(outcome)
        if 0 in share.keys:  # no row, so no partition has them: one does them
            create_missing_emoji(run)

    def emoji(self) -> NewEmoji | None:
        """Return the emoji to be made; None for a further name of another one: texts and reactions use that one's."""
        decision = self.decision()
        if decision.alias_of:
            self._require_target(decision.alias_of)
            self.set_status(Status.SUCCESS, origin=Origin.MATCHED)
            return None
        picture = self._run.fetch_picture(self.entity)
        return NewEmoji(
            key=self.entity.id,
            name=decision.name,
            creator_id=self._mm_user_id,
            image=self._run.content.path(picture.sha256),
            filename=picture.filename,
        )

    def _require_target(self, target: str) -> None:
        """Raise RowSkipped where an alias stands for something of which there is no picture anywhere."""
        custom = self._run.directory.emoji_decisions
        if target not in custom and emoji_name(target, {}) not in MATTERMOST_EMOJI and target not in MISSING_EMOJI:
            raise RowSkipped(
                SkipReason.NO_PICTURE, f"{STANDS_FOR}{target}, which neither Slack's list nor Mattermost has"
            )

    def decision(self) -> EmojiDecision:
        """Return what the plan decided. Raises RowSkipped or RowFailed where there is nothing to do."""
        decision = self._run.directory.emoji_decisions.get(self.entity.slack_id)
        if decision is None:
            raise RowFailed("the plan knows nothing of this emoji: run `mm-pipeline plan`, then `mm-pipeline retry`")
        leave_out(decision.skip)
        return decision
