"""What brings accounts and channels into being: an import job, or the server plugin. Nothing else of a transport is in it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from mm_pipeline.mattermost.outcome import Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel


class Creates(Protocol):
    """Makes what the server lacks; one outcome per object."""

    keeps_creators: bool  #: channels keep who made them in Slack, and when
    hides_direct_channels: bool  #: new direct channels do not stand in the side bar of their people

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create people (no bots) with their memberships, and those of the public and private `channels` that are absent.

        One outcome per account, none for channels.
        """

    def open_direct_channels(self, channels: Sequence[NewChannel]) -> Iterable[Done | Refused]:
        """Create direct and group channels. One outcome per channel."""
