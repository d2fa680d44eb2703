"""Invented people's threads, for tests of what carries them. Talks to no server."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import FileAttachment, Post, PostChannel, PostReaction, Thread

#: A morning in autumn, in ms.
MORNING = 1_700_000_000_000
ROOM = PostChannel(id="room" + "0" * 22, kind=ChannelKind.PUBLIC, name="kitchen")


def post(key: int, username: str = "ada", message: str = "", *, after: int = 0, **more: object) -> Post:
    """A post `after` ms into the morning."""
    fields = {"key": key, "username": username, "message": message or f"post {key}", "create_at": MORNING + after}
    return Post(**{**fields, **more})  # type: ignore[arg-type]


def thread(root: Post, *replies: Post, channel: PostChannel = ROOM, followers: Iterable[str] = ()) -> Thread:
    return Thread(channel=channel, root=root, replies=replies, followers=tuple(followers))


def reactions(to: int, *usernames: str, emoji_name: str = "tada") -> tuple[PostReaction, ...]:
    """Reactions 1 ms after a post that stands `to` ms into the morning."""
    return tuple(
        PostReaction(key=number, username=name, emoji_name=emoji_name, create_at=MORNING + to + 1)
        for number, name in enumerate(usernames)
    )


def file(folder: Path, key: int, name: str = "notes.txt", content: bytes = b"what was said") -> FileAttachment:
    """A file with bytes, as the content store has them: under another name."""
    path = folder / f"content-{key}"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return FileAttachment(key=key, name=name, path=path, size=len(content), sha256=sha256)
