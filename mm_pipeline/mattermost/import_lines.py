"""Domain objects -> lines of Mattermost's bulk import, byte for byte. Reads no file, asks no server, checks no limit.

Facts: contract 7.2-7.6. What an older server does not know in a line it silently ignores.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from mm_pipeline.mattermost.limits import FILE_NAME_BYTES, LINE_BYTES, REPLIES_PER_LINE
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import FileAttachment, NewAccount, NewChannel, NewEmoji, Post, PostChannel, Thread

_encode = msgspec.json.Encoder().encode

#: A slash would make another folder of it, a control character no name at all.
_NOT_IN_A_NAME = re.compile(r"[/\\\x00-\x1f\x7f\ud800-\udfff]")
#: What an imported reply loses on a server < 10.5 (facts: 11.4, section 1).
_DROPPED = ("reactions", "props", "is_pinned")
DIRECT_KINDS = frozenset({ChannelKind.DIRECT, ChannelKind.GROUP})


def version_line() -> bytes:
    """Return the line that every import begins with."""
    return b'{"type":"version","version":1}'


def emoji_line(emoji: NewEmoji) -> bytes:
    """Return the line of a custom emoji. It will have no creator: the job knows none."""
    return line_of("emoji", {"name": emoji.name, "image": emoji_path(emoji)})


def channel_line(channel: NewChannel, team: str) -> bytes:
    """Return the line of a public or private channel. For one that exists it would overwrite name, kind and header."""
    fields = {"team": team, "name": channel.name, "type": channel.kind.value}
    fields["display_name"] = channel.display_name or channel.name
    return line_of("channel", fields | _given(header=channel.header, purpose=channel.purpose))


def user_line(account: NewAccount, team: str) -> bytes:
    """Return the line of a person with all memberships. Only for an account that does not exist: it would be overwritten.

    No read counters (one too high is never repaired) and no password (the server draws one that nobody knows).
    A guest is one everywhere; one without a channel the server refuses (isValidGuestRoles, >= 10), and as a member he
    would see what he was kept from: his account is in no team, until somebody invites him.
    """
    is_outside = account.is_guest and not account.channels
    channel_role, team_role = ("channel_guest", "team_guest") if account.is_guest else ("channel_user", "team_user")
    channels = [{"name": name, "roles": channel_role} for name in dict.fromkeys(account.channels)]
    fields: dict[str, Any] = {"username": account.username, "email": account.email}
    fields["roles"] = "system_user" if is_outside else account.roles
    fields |= _given(
        auth_service=account.auth_service if account.auth_data else "",
        auth_data=account.auth_data if account.auth_service else "",
        first_name=account.first_name,
        last_name=account.last_name,
        nickname=account.nickname,
        position=account.position,
        locale=account.locale,
        delete_at=account.delete_at,
        profile_image=avatar_path(account) if account.picture else "",
    )
    if not is_outside:
        fields["teams"] = [{"name": team, "roles": team_role, "channels": channels}]
    return line_of("user", fields)


def bot_line(account: NewAccount, owner: str) -> bytes:
    """Return the line of a bot, which belongs to the account named `owner`. Servers >= 10.3 know it, older ones stop."""
    fields = {"username": account.username, "owner": owner}
    picture = avatar_path(account) if account.picture else ""
    about = _given(display_name=account.nickname, description=account.position, profile_image=picture)
    return line_of("bot", fields | about)


def direct_channel_line(channel: NewChannel) -> bytes:
    """Return the line of a direct or group channel, shown in the side bar of its members (>= 10.1)."""
    members = members_of(channel)
    fields: dict[str, Any] = {"members": members, "shown_by": sorted(set(members))}
    return line_of("direct_channel", fields | _given(header=channel.header))


def members_of(channel: NewChannel | PostChannel) -> list[str]:
    """Return a direct or group channel's people as lines name them: the one of a note to self stands there twice."""
    members = list(dict.fromkeys(channel.members))
    return members * 2 if len(members) == 1 else members


def line_type(channel: PostChannel) -> str:
    """Return the type of the lines whose threads go there."""
    return "direct_post" if channel.kind in DIRECT_KINDS else "post"


def thread_lines(thread: Thread, team: str, most_bytes: int = 1 << 62) -> Iterator[tuple[bytes, tuple[Post, ...]]]:
    """Yield a thread's line with the replies in it: several where it has more replies than one line takes.

    Each carries the whole root, with its files. They must not meet in one segment: the server would make two roots.
    `most_bytes` bounds a line together with its files, as far as dealing out replies can do that.
    """
    replies: list[msgspec.Raw] = []
    first = size = weight = 0
    root_weight = sum(file.size for file in thread.root.files) + 4 * len(thread.root.message)
    for position, reply in enumerate(thread.replies):
        raw = _encode(reply_fields(reply))
        heavy = len(raw) + sum(file.size for file in reply.files)
        full = len(replies) == REPLIES_PER_LINE or size + len(raw) > LINE_BYTES
        if replies and (full or root_weight + weight + heavy > most_bytes):
            yield _thread_line(thread, team, replies), thread.replies[first:position]
            replies, first, size, weight = [], position, 0, 0
        replies.append(msgspec.Raw(raw))
        size += len(raw)
        weight += heavy
    yield _thread_line(thread, team, replies), thread.replies[first:]


def post_line(thread: Thread, team: str) -> bytes:
    """Return the one line of a thread, in a channel of any kind; its replies must fit (see thread_lines)."""
    return _thread_line(thread, team, [msgspec.Raw(_encode(reply_fields(reply))) for reply in thread.replies])


def reply_fields(post: Post) -> dict[str, Any]:
    """Return a post as the fields of a line. What it has not is absent, so that a post sent again keeps what it has."""
    fields: dict[str, Any] = {"user": post.username, "message": post.message, "create_at": post.create_at}
    if post.type:
        fields["type"] = post.type
    if post.edit_at:
        fields["edit_at"] = post.edit_at
    if post.is_pinned:
        fields["is_pinned"] = True
    if post.props:
        fields["props"] = post.props
    if post.reactions:
        fields["reactions"] = [
            {"user": reaction.username, "emoji_name": reaction.emoji_name, "create_at": reaction.create_at}
            for reaction in post.reactions
        ]
    if post.files:
        fields["attachments"] = [{"path": file_path(file)} for file in post.files]
    return fields


def loses_something(reply: Mapping[str, Any]) -> bool:
    """Whether a reply (its fields) comes poorer than it is on a server < 10.5: a later line of its own completes it."""
    return any(name in reply for name in _DROPPED)


def address_fields(channel: PostChannel, team: str) -> dict[str, Any]:
    """Return the fields that say where a post goes."""
    if channel.kind in DIRECT_KINDS:
        return {"channel_members": members_of(channel)}
    return {"team": team, "channel": channel.name}


def file_path(file: FileAttachment) -> str:
    """Return a file's path below data/: the row's own folder, and the name that people will see."""
    return f"{file.key}/{file_name(file.name)}"


def emoji_path(emoji: NewEmoji) -> str:
    """Return a picture's path below data/."""
    return f"emoji/{emoji.key}/{file_name(emoji.filename)}"


def avatar_path(account: NewAccount) -> str:
    """Return the path below data/ of a person's or bot's own picture."""
    return f"avatars/{account.key}.png"


def file_name(name: str) -> str:
    """Return the name that a file gets on the server: one path segment in NFC, at most 200 bytes, its ending kept."""
    clean = unicodedata.normalize("NFC", _NOT_IN_A_NAME.sub("_", name)).strip()
    if clean in ("", ".", ".."):
        return "file"
    if len(clean.encode()) <= FILE_NAME_BYTES:
        return clean
    stem, dot, ending = clean.rpartition(".")
    tail = (dot + ending).encode()
    if not stem or len(tail) > 20:
        stem, tail = clean, b""
    return (stem.encode()[: FILE_NAME_BYTES - len(tail)] + tail).decode(errors="ignore")


def _thread_line(thread: Thread, team: str, replies: Sequence[msgspec.Raw]) -> bytes:
    fields = address_fields(thread.channel, team) | reply_fields(thread.root)
    if replies:
        fields["replies"] = replies
    if followers := dict.fromkeys(thread.followers):
        # Seen up to the last reply: a thread that one follows and never opened would count as unread.
        seen = max((post.create_at for post in thread.replies), default=thread.root.create_at)
        fields["thread_followers"] = [{"user": name, "last_viewed": seen, "unread_mentions": 0} for name in followers]
    return line_of(line_type(thread.channel), fields)


def line_of(kind: str, fields: Mapping[str, Any]) -> bytes:
    """Return a line of a type with its fields."""
    return _encode({"type": kind, kind: fields})


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def names_in(thread: Thread) -> Iterable[str]:
    """Yield every username that the thread's lines name."""
    yield from thread.channel.members
    yield from thread.followers
    for post in (thread.root, *thread.replies):
        yield post.username
        for reaction in post.reactions:
            yield reaction.username
