"""What an archive left by a crash still has to bring: replies that an older server took without reactions, props and pins.

Only for servers < 10.5. Finds out which of the replies arrived; sends nothing itself.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec

from mm_pipeline.mattermost.api import ChannelKind, FileAttachment, Post, PostChannel, PostReaction, Thread, WantedPost
from mm_pipeline.mattermost.archive_writer import ArchiveWriter, lines_of
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.import_lines import post_line
from mm_pipeline.mattermost.read_back import read_back
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.shipment import Shipment

_DROPPED = ("reactions", "props", "is_pinned")


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Take over an archive that nobody works on any more, and remove it in the end. Yields False if somebody does."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
        path.unlink(missing_ok=True)


def completing_shipment(left: Path, writer: ArchiveWriter, files: Path, existing: Existing, rest: Rest) -> Shipment:
    """Return a shipment of the poorer replies of an archive that are on the server, each as a post of its own.

    Bytes of files are unpacked into the folder `files`. Raises BadZipFile and KeyError for an archive half written.
    """
    existing.learn_people({name for body in _replies(left) for name in _names(body)})
    wanted: dict[str, list[WantedPost]] = {}
    channels: dict[str, str] = {}
    for number, body in enumerate(_replies(left)):
        channel_id = _channel_id(body, channels, existing, rest)
        user_id = existing.user_ids.get(body["user"])
        if channel_id and user_id:
            post = WantedPost(key=number, create_at=body["create_at"], user_id=user_id)
            wanted.setdefault(channel_id, []).append(post)
    there = {
        seen.key: channel_id for channel_id, posts in wanted.items() for seen in read_back(rest.http, channel_id, posts)
    }
    shipment = Shipment(writer, known=True)
    with ZipFile(left) as archive:
        for number, body in enumerate(_replies(left)):
            if number in there:
                thread = _thread(body, there[number], archive, files)
                shipment.add(thread, post_line(thread, body.get("team", "")), (), existing.user_ids, 0)
    writer.close()
    return shipment


def _replies(left: Path) -> Iterator[dict[str, Any]]:
    """Yield the fields of each reply that carries something an older server drops, with its thread's address."""
    for line in map(msgspec.json.decode, lines_of(left)):
        thread = line.get(line["type"])
        if not isinstance(thread, dict):
            continue
        address = {name: thread[name] for name in ("team", "channel", "channel_members") if name in thread}
        for reply in thread.get("replies") or ():
            if any(reply.get(field) for field in _DROPPED):
                yield address | reply


def _names(body: dict[str, Any]) -> Iterator[str]:
    yield body["user"]
    yield from body.get("channel_members") or ()


def _channel_id(body: dict[str, Any], known: dict[str, str], existing: Existing, rest: Rest) -> str:
    members = body.get("channel_members")
    name = " ".join(members) if members else body["channel"]
    if name not in known:
        if members is None:
            found = rest.channel_named(name)
        elif all(member in existing.user_ids for member in members):
            found = rest.channel_of([existing.user_ids[member] for member in members])
        else:
            found = None
        known[name] = found["id"] if found else ""
    return known[name]


def _thread(body: dict[str, Any], channel_id: str, archive: ZipFile, files: Path) -> Thread:
    members = tuple(body.get("channel_members") or ())
    kind = ChannelKind.GROUP if len(members) > 2 else ChannelKind.DIRECT if members else ChannelKind.PUBLIC
    channel = PostChannel(id=channel_id, kind=kind, name=body.get("channel", ""), members=members)
    reactions = [
        PostReaction(key=0, username=one["user"], emoji_name=one["emoji_name"], create_at=one["create_at"])
        for one in body.get("reactions") or ()
    ]
    root = Post(
        key=0,
        username=body["user"],
        message=body["message"],
        create_at=body["create_at"],
        edit_at=body.get("edit_at", 0),
        type=body.get("type", ""),
        is_pinned=body.get("is_pinned", False),
        props=body.get("props") or {},
        files=tuple(_file(one["path"], archive, files) for one in body.get("attachments") or ()),
        reactions=tuple(reactions),
    )
    return Thread(channel=channel, root=root)


def _file(path: str, archive: ZipFile, files: Path) -> FileAttachment:
    key, _, name = path.partition("/")
    unpacked = Path(archive.extract(f"data/{path}", files))
    return FileAttachment(key=int(key), name=name, path=unpacked, size=unpacked.stat().st_size)
