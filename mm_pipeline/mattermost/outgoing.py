"""What is sent to a Mattermost server: people, channels, emoji, threads of posts. Knows no row and no way to send it.

Every object carries the `key` of the row it was made from; every outcome brings that key back. Times are ms since the epoch,
sizes bytes, lengths runes.
"""

from pathlib import Path
from typing import Any

import msgspec

from mm_pipeline.mattermost.on_server import ChannelKind

#: The role that makes an account a guest, in all its teams and channels.
GUEST = "system_guest"


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account to be made, once, with its memberships. A bot has no e-mail, no time zone and no memberships."""

    key: int
    username: str
    email: str = ""
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    nickname: str = ""  #: a bot's display name
    position: str = ""  #: a bot's description
    locale: str = ""
    roles: str = "system_user"
    delete_at: int = 0
    auth_service: str = ""
    auth_data: str = ""
    channels: tuple[str, ...] = ()  #: names of the public and private channels it is a member of
    time_zone: str = ""  #: its name in the tz database
    slack_id: str = ""  #: what it is called in Slack, in which workspace: two may have the same id
    picture: Path | None = None  #: a PNG that the server takes

    @property
    def is_guest(self) -> bool:
        """Whether it is to be a guest."""
        return GUEST in self.roles.split()


class NewChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel to be there, with its people. `id` is known when it was matched or made before."""

    key: int
    kind: ChannelKind
    name: str = ""  #: public and private channels
    display_name: str = ""
    header: str = ""
    purpose: str = ""
    members: tuple[str, ...] = ()  #: usernames; of a direct or group channel these are its identity
    id: str = ""
    matched: bool = False  #: was there before us, or before this run: is only ever added to
    texts_before: tuple[str, str] | None = None  #: header and purpose that a channel of ours was given before
    slack_id: str = ""  #: what it is called in Slack, in which workspace: two may have the same id
    creator: str = ""  #: username of who made it in Slack, and when (ms; 0 = not known): kept where the transport can
    create_at: int = 0


class NewEmoji(msgspec.Struct, frozen=True, kw_only=True):
    """A custom emoji: a name of 1-64 of a-z 0-9 _ + - and a PNG, JPEG or GIF."""

    key: int
    name: str
    creator_id: str  #: must be the token's own user: anything else is refused
    image: Path
    filename: str  #: must end in .gif for a GIF to stay animated


class FileAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that hang on a post. `path` is where they lie now; `name` is what people see; `sha256` is theirs."""

    key: int
    name: str
    path: Path
    size: int
    sha256: str


class PostReaction(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's reaction, under Mattermost's name of the emoji."""

    key: int
    username: str
    emoji_name: str
    create_at: int


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A post, ready to send: author, ms, Markdown, and what hangs on it.

    `id` is set where the server has it already. Such a root is sent again only to carry new replies: as the server has
    it, with all its files, because files absent from a re-sent line are deleted for good.
    """

    key: int
    username: str
    message: str
    create_at: int
    edit_at: int = 0
    type: str = ""
    is_pinned: bool = False
    props: dict[str, Any] = {}
    files: tuple[FileAttachment, ...] = ()
    reactions: tuple[PostReaction, ...] = ()
    id: str = ""
    slack_id: str = ""  #: what it came of in Slack, and which part of that it is: what it is known by, whatever it says


class PostChannel(msgspec.Struct, frozen=True, kw_only=True):
    """Where a thread goes. `members` (usernames) address direct and group channels."""

    id: str
    kind: ChannelKind
    name: str = ""
    members: tuple[str, ...] = ()


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A root with those of its replies that are to be sent, oldest first."""

    channel: PostChannel
    root: Post
    replies: tuple[Post, ...] = ()
    followers: tuple[str, ...] = ()
