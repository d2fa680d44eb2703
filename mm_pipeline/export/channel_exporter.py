"""Conversations -> channels with their people. Name, kind and people were decided by the plan; archiving comes last."""

from collections.abc import Iterator
from typing import Self

import msgspec

from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.errors import RowFailed
from mm_pipeline.export.closing import close_later
from mm_pipeline.export.exporter_base import ExporterBase, Statuses, build_all
from mm_pipeline.export.reasons import leave_out, parent_missing
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.on_server import NAMED_KINDS
from mm_pipeline.mattermost.outcome import Done, Refused
from mm_pipeline.mattermost.outgoing import NewChannel
from mm_pipeline.model import Entity, EntityType, Origin, Status
from mm_pipeline.plan.note import joined
from mm_pipeline.values import milliseconds, text_at


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

    @classmethod
    def export_changed(cls, run: Run, share: Partitions, statuses: Statuses) -> None:
        """Have channels that changed in Slack since they were sent take in new people and texts; nothing is taken from them."""
        rows = run.store.rows(cls.entity_type, share=share, changed=True)
        exporters = {row.id: cls.from_entity(row, statuses, run) for row in rows}
        channels = {key: channel for key, one in exporters.items() if (channel := one.channel_again())}
        for outcome in run.api.open_channels(list(channels.values())) if channels else ():
            exporters.pop(outcome.key).settle_again(outcome)
        for exporter in exporters.values():
            exporter.keep(exporter.left_to_people)

    def channel_again(self) -> NewChannel | None:
        """Return the channel with what is told of it by now; None for direct and group channels, which cannot change."""
        decision = self._run.directory.channel_decisions.get(self.entity.slack_id)
        if decision is None or decision.skip or decision.kind not in NAMED_KINDS:
            return None
        return self._run.directory.new_channel(decision, self.entity.id, self.entity.mattermost_id or "")

    def settle_again(self, outcome: Done | Refused) -> None:
        """Leave it a success; what was archived in Slack since is archived when everything is in."""
        if isinstance(outcome, Refused):
            self.keep(str(outcome.error).rstrip("."))
            return
        decision, sent = self._run.directory.channel_decisions[self.entity.slack_id], self.entity.sent_data or {}
        if decision.archived and not sent.get("is_archived") and not decision.is_others:
            close_later(self._run, outcome.id)
        self.keep(joined(self.left_to_people, outcome.note))

    @property
    def left_to_people(self) -> str:
        """What changed in Slack since and stays in Mattermost."""
        now, sent = self.entity.raw_data, self.entity.sent_data or self.entity.raw_data
        changes = {
            "renamed": now.get("name") != sent.get("name"),
            "opened again": bool(sent.get("is_archived")) and not now.get("is_archived"),
            "made public": bool(sent.get("is_private")) and not now.get("is_private"),
        }
        words = [word for word, is_so in changes.items() if is_so]
        return f"in Slack {' and '.join(words)} by now; the channel stays as it is" if words else ""

    def channel(self) -> NewChannel:
        """Return the channel to be there. Raises RowSkipped or RowFailed where there is nothing to do."""
        decision = self._run.directory.channel_decisions.get(self.entity.slack_id)
        if decision is None:
            raise RowFailed(
                "the plan knows nothing of this conversation: run `mm-pipeline plan`, then `mm-pipeline retry`"
            )
        leave_out(decision.skip)
        if decision.kind not in NAMED_KINDS and (absent := self._run.directory.without_account(decision)):
            # With others it would be another conversation, whose people read what was not said to them.
            raise parent_missing(f"{' and '.join(absent)}, whose conversation this is,")
        channel, raw = self._run.directory.new_channel(decision, self.entity.id), self.entity.raw_data
        maker = self._run.directory.people.get(text_at(raw, "creator"))
        creator = maker.username if maker else ""
        return msgspec.structs.replace(channel, creator=creator, create_at=milliseconds(raw.get("created")))

    def settle(self, outcome: Done | Refused) -> None:
        """Take the id; what is to be archived is archived when everything is in."""
        if isinstance(outcome, Refused):
            self.refuse(outcome.error)
            return
        decision = self._run.directory.channel_decisions[self.entity.slack_id]
        # The user step makes public and private channels on the way, so "it exists" does not mean that it was there before.
        origin = Origin.MATCHED if decision.is_others else Origin.CREATED
        if decision.archived and decision.kind in NAMED_KINDS and origin is Origin.CREATED:
            close_later(self._run, outcome.id)
        self.set_status(
            Status.SUCCESS,
            outcome.note or None,
            mattermost_id=outcome.id,
            origin=origin,
            target_name=decision.name or None,
        )
