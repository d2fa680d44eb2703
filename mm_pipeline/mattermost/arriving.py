"""Looks for what a shipment's job brings while it still runs. Takes what is whole, and leaves all else to the reading after its end.

The server writes an archive in about the order of its lines, so a channel grows at its newest end.
"""

from collections.abc import Iterator

from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import PostArrived
from mm_pipeline.mattermost.read_back import Channel, Wanted
from mm_pipeline.mattermost.shipment import Shipment

#: Channels in a row that nothing has come into: beyond them there is nothing either.
_NOT_BEGUN = 2
#: Looks in a row that brought nothing from a channel which had grown: it is through.
_THROUGH = 3


class _Growing:
    def __init__(self, channel_id: str, left: Wanted) -> None:
        self.channel_id = channel_id
        self.left = left
        self.has_grown = False
        self.in_vain = 0


class Arriving:
    """What is still to come of one shipment, by channels in the order of its lines."""

    def __init__(self, http: Http, shipment: Shipment) -> None:
        self._http = http
        self._shipment = shipment
        self._growing = [
            _Growing(channel_id, Wanted(shipment.recognised_by(posts)))
            for channel_id, posts in shipment.wanted(poorer=False).items()
        ]

    def look(self) -> Iterator[list[PostArrived]]:
        """Yield what has come since the last look, by pages; the keys are the posts' numbers in the shipment."""
        not_begun = 0
        for channel in list(self._growing):
            came = False
            for news in self._news(channel):
                came = True
                yield news
            channel.has_grown |= came
            channel.in_vain = 0 if came else channel.in_vain + 1
            if not channel.left or (channel.has_grown and channel.in_vain >= _THROUGH):
                self._growing.remove(channel)
            not_begun = 0 if channel.has_grown else not_begun + 1
            if not_begun == _NOT_BEGUN:
                return

    def _news(self, channel: _Growing) -> Iterator[list[PostArrived]]:
        """Yield pages, newest first, as long as they bring something."""
        for page in Channel(self._http, channel.channel_id).chain():
            news = list(channel.left.found_in(page, self._shipment.is_whole))
            if not news:
                return
            yield news
            if not channel.left:
                return
