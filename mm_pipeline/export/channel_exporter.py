"""Conversations -> channels with their people. Name, kind and people were decided by the plan; archiving comes last."""

from collections.abc import Iterator
from typing import Self

from mm_pipeline.errors import RowFailed
from mm_pipeline.export.exporter_base import ExporterBase, Statuses, build_all
from mm_pipeline.export.reasons import leave_out
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.api import NAMED_KINDS, Done, NewChannel, Refused
from mm_pipeline.model import Entity, EntityType, Origin, Status


class ChannelExporter(ExporterBase):
    """A public, private, direct or group conversation."""

    entity_type = EntityType.CHANNEL

    def __init__(self, entity: Entity, statuses: Statuses, run: Run) -> None:
        super().__init__(entity, statuses)
        self._run = run

    @classmethod
    def from_entity(cls, entity: Entity, statuses: Statuses, run: Run) -> Self:
        """Make the exporter of one conversation."""
        return cls(entity, statuses, run)

    @classmethod
    def send(cls, exporters: list[Self], run: Run) -> Iterator[Done | Refused]:
        """Have every channel be there with all its people. Conversations of the same people share one channel."""
        channels = list(build_all(exporters, cls.channel))
        if channels:
            yield from run.api.open_channels(channels)

    def channel(self) -> NewChannel:
        """Return the channel to be there. Raises RowSkipped or RowFailed where there is nothing to do."""
        decision = self._run.directory.channel_decisions.get(self.entity.slack_id)
        if decision is None:
            raise RowFailed(
                "the plan knows nothing of this conversation: run `mm-pipeline plan`, then `mm-pipeline retry`"
            )
        leave_out(decision.skip)
        return self._run.directory.new_channel(decision, self.entity.id)

    def settle(self, outcome: Done | Refused) -> None:
        """Take the id; what is to be archived is archived when everything is in."""
        if isinstance(outcome, Refused):
            self.refuse(outcome.error)
            return
        decision = self._run.directory.channel_decisions[self.entity.slack_id]
        # The user step makes public and private channels on the way, so "it exists" does not mean that it was there before.
        origin = Origin.MATCHED if decision.matched_id else Origin.CREATED
        if decision.archived and decision.kind in NAMED_KINDS and origin is Origin.CREATED:
            self._run.journal.owe("archive_channel", [outcome.id])
        self.set_status(Status.SUCCESS, mattermost_id=outcome.id, origin=origin, target_name=decision.name or None)
