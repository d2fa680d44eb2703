"""What a Mattermost server has and allows, as it says itself. Asks nothing.

Times are ms since the epoch, sizes bytes, lengths runes.
"""

from enum import StrEnum
from typing import Any

import msgspec

from mm_pipeline.finding import Finding
from mm_pipeline.model import ARCHIVE_BYTES


class ChannelKind(StrEnum):
    """Mattermost's letters for its four kinds of channels."""

    PUBLIC = "O"
    PRIVATE = "P"
    DIRECT = "D"
    GROUP = "G"


#: Channels that have a name of their own; direct and group channels are known by their people.
NAMED_KINDS = frozenset({ChannelKind.PUBLIC, ChannelKind.PRIVATE})


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says of itself: identity, version, and the limits that decide what can be sent."""

    url: str
    server_id: str  #: DiagnosticId: tells one server from another, whatever its URL
    version: tuple[int, int]
    team_id: str
    team_name: str
    max_post_runes: int
    max_file_bytes: int
    max_users_per_team: int
    team_members: int  #: active members of the team now
    hard_user_limit: int  #: active accounts that the edition lets in; 0 = no limit
    active_users: int
    username_override: bool  #: EnablePostUsernameOverride: bridges and webhooks may show their own names
    bot_accounts: bool  #: EnableBotAccountCreation
    guests: bool = False  #: the licence has guest accounts, and GuestAccountsSettings.Enable is on
    max_channels_per_team: int = 0  #: MaxChannelsPerTeam; 0 = not known
    team_channels: int = 0  #: public and private channels of the team that are not archived
    history_limit: int = 0  #: how many posts the licence shows, the newest; 0 = all
    hidden_before: int = 0  #: ms before which it hides them just now
    custom_emoji: bool = True  #: EnableCustomEmoji
    retention_hours: int = 0  #: age at which the server deletes posts by itself; 0 = never
    by_plugin: bool = False  #: our plugin on it takes what is sent, whatever its import job drops

    @property
    def largest_file(self) -> int:
        """Bytes of the largest file that can go: it travels in an archive, and the archive in one upload."""
        return self.max_file_bytes - ARCHIVE_BYTES

    @property
    def replies_keep_everything(self) -> bool:
        """Whether a reply keeps reactions, props and pins (by import job >= 10.5; facts: 9.9 drops them silently)."""
        return self.by_plugin or self.version >= (10, 5)

    @property
    def imports_followers(self) -> bool:
        """Whether a thread that an import job brings has followers: before, it has none, and nobody has it unread."""
        return self.version >= (10, 1)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking a server who it is: all of it, or as far as it went; and a line for each thing that was asked."""

    server: Server | None = None
    findings: list[Finding] = []
    #: Section.Key -> the value that a run gives it for moments, of settings that the server's environment fixes at another.
    fixed: dict[str, Any] = {}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account that the server has."""

    id: str
    username: str
    email: str
    is_bot: bool = False
    delete_at: int = 0
    roles: str = ""
    auth_service: str = ""  #: single sign-on; "" = a password
    create_at: int = 0
    update_at: int = 0


class ExistingChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that the server has."""

    id: str
    name: str
    kind: ChannelKind
    display_name: str = ""
    delete_at: int = 0
    total_msg_count: int = 0  #: posts that were ever in it, joins and leaves not counted
    total_msg_count_root: int = 0  #: of these, those that are no replies


class WantedPost(msgspec.Struct, frozen=True, kw_only=True):
    """How a post that was sent is recognised when it is read back: channel, ms and author."""

    key: int
    create_at: int
    user_id: str


class SeenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as the server has it."""

    id: str
    name: str
    size: int


class PostArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A post that was read back from the server: with the reactions (user id, emoji name) and files it really has."""

    key: int
    id: str
    reactions: tuple[tuple[str, str], ...] = ()
    files: tuple[SeenFile, ...] = ()


class SeenPost(msgspec.Struct, frozen=True, kw_only=True):
    """A post as the server has it now, with all that hangs on it: what people see, what lies deleted, the server's own notices."""

    id: str
    user_id: str
    create_at: int
    message: str = ""
    root_id: str = ""
    edit_at: int = 0
    delete_at: int = 0
    type: str = ""
    is_pinned: bool = False
    override_username: str = ""  #: the name that a bridge or webhook shows
    reactions: tuple[tuple[str, str, int], ...] = ()  #: user id, emoji name, ms
    files: tuple[SeenFile, ...] = ()  #: those of a deleted post lie deleted, too, and are not here
    file_ids: tuple[str, ...] = ()  #: of all its files


class CountedPost(msgspec.Struct, frozen=True, array_like=True):
    """A post that the server shows, and how many files and reactions hang on it."""

    id: str
    create_at: int
    files: int = 0
    reactions: int = 0


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What the server's settings and version let an administrator remove for good."""

    posts: bool
    channels: bool  #: public and private ones; direct and group channels are never removed
    accounts: bool
    mails: tuple[
        str, ...
    ] = ()  #: settings that the environment fixes, so that a renamed account's people would be mailed


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """How a server mails and signs people in, as far as its settings tell: whether a mail arrives they do not."""

    objection: str  #: why a link to choose a password is of no use to anybody, in a sentence; "" = it is
    doubts: tuple[str, ...] = ()  #: why mails may not arrive, or not help: sentences
    host: str  #: host:port that it hands its mails to
    sender: str  #: the address that they come from
    site_url: str  #: the address that people open; "" where the server does not know it, or says one that is its machine's own
    by_email: bool  #: whether people sign in with their e-mail address
    by_username: bool  #: whether they do with their username
