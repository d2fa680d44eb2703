"""Reads rows' posts back from the server. Sends nothing and settles nothing."""

from collections.abc import Iterable, Iterator

from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.on_server import PostArrived, WantedPost
from mm_pipeline.mattermost.outgoing import PostChannel
from mm_pipeline.model import Entity


def posts_of(messages: Iterable[Entity], run: Run) -> Iterator[PostArrived]:
    """Yield the posts of some messages as the server has them, by row id, with the files and reactions they have.

    Raises RowSkipped where a message's channel is not on the server.
    """
    by_channel: dict[str, tuple[PostChannel, list[WantedPost]]] = {}
    for message in messages:
        author = run.directory.user_ids.get(message.user_slack_id or "", "")
        wanted = WantedPost(key=message.id, create_at=message.create_at or 0, user_id=author)
        channel = run.directory.channel(message.channel_slack_id)
        by_channel.setdefault(channel.id, (channel, []))[1].append(wanted)
    for channel, posts in by_channel.values():
        yield from run.api.find_posts(channel, posts)
