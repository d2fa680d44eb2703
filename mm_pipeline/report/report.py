"""All that is said of a migration when it has ended, in the order in which it is read. Finds nothing out by itself."""

from collections.abc import Container

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.report.channels import changed_channels, channels_text
from mm_pipeline.report.reactions import Reactions
from mm_pipeline.report.result import Result


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the rows, which conversations are not as Slack had them, what is to be known of the reactions."""

    result: Result
    channels: list[list[str]]  #: in Slack, in Mattermost, why
    reactions: list[str]  #: sentences

    @classmethod
    def of(cls, store: EntityStore, without_picture: Container[str], are_set: tuple[str, ...] = ()) -> "Report":
        """Read it as it stands in the rows now.

        `without_picture`: emoji that the server lacks, as `finish` saw it. `are_set`: which of SLACK_TOKEN and SLACK_FILES are.
        """
        return cls(
            result=Result.of(store, are_set),
            channels=changed_channels(store),
            reactions=Reactions.of(store, without_picture).sentences(),
        )

    def as_text(self, width: int | None = None) -> str:
        """Return it for a terminal, as many columns wide as its longest words allow (None: as it comes)."""
        return "\n\n".join(
            part for part in (self.result.as_text(width), channels_text(self.channels, width), *self.reactions) if part
        )

    @property
    def remarks(self) -> list[str]:
        """What no table tells, one sentence each."""
        return [*self.result.remarks, *self.reactions]
