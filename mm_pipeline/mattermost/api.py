"""What exporters may ask of a Mattermost server: operations on batches of domain objects, one outcome per object.

It is not a set of URL paths: the stock API and a server plugin differ in who is the author, when a file can be
uploaded and what is atomic. Every object carries the `key` of the row it was made from; every outcome brings that key
back. Holds no code that talks to a server. Times are ms since the epoch, sizes bytes, lengths runes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import msgspec

from mm_pipeline.errors import PipelineError
from mm_pipeline.finding import Finding
from mm_pipeline.model import JobRecord as JobRecord


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
    keeps_replies: bool = False  #: what is sent does not go by the import job of an old server

    @property
    def replies_keep_everything(self) -> bool:
        """Whether a reply keeps reactions, props and pins (by import job >= 10.5; facts: 9.9 drops them silently)."""
        return self.keeps_replies or self.version >= (10, 5)


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


class ExistingChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that the server has."""

    id: str
    name: str
    kind: ChannelKind
    display_name: str = ""
    delete_at: int = 0
    total_msg_count: int = 0  #: posts that were ever in it, joins and leaves not counted
    total_msg_count_root: int = 0  #: of these, those that are no replies


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
    slack_id: str = ""  #: what it is called in Slack
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
    slack_id: str = ""  #: what it is called in Slack
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
    """Bytes that hang on a post. `path` is where they lie now; `name` is what people see."""

    key: int
    name: str
    path: Path
    size: int


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


class Answer(StrEnum):
    """What the server said to one object."""

    CREATED = "created"
    EXISTED = "existed"  #: it was there and could be taken as it is
    EMAIL_EXISTS = "email_exists"
    USERNAME_EXISTS = "username_exists"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The object is on the server. `id` is empty for email_exists and username_exists: look the account up."""

    key: int
    answer: Answer
    id: str = ""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The object is not on the server: `error` is a RowFailed or RowSkipped that says why."""

    key: int
    error: PipelineError


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What the server's settings and version let an administrator remove for good."""

    posts: bool
    channels: bool  #: public and private ones; direct and group channels are never removed
    accounts: bool


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """How a server mails and signs people in, as far as its settings tell: whether a mail arrives they do not."""

    objection: str  #: why a link to choose a password is of no use to anybody, in a sentence; "" = it is
    doubts: tuple[str, ...] = ()  #: why mails may not arrive, or not help: sentences
    host: str  #: host:port that it hands its mails to
    sender: str  #: the address that they come from
    site_url: str  #: the address that people open; "" where the server does not know it, or says one that is its machine's own
    by_email: bool  #: whether people sign in with their e-mail address
    by_username: bool  #: whether they do with their username


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that was to be taken back; `error` says why it is still there, "" that it is not."""

    id: str
    error: str = ""


class Journal(Protocol):
    """What a transport must remember over a crash: jobs, settings to put back, finishing touches still owed."""

    def server_lock(self) -> AbstractContextManager[None]:
        """Hold the one lock that covers the server: jobs and changed settings are one run's business at a time."""

    def require_going(self) -> None:
        """Raise Paused where people want the work to rest: asked before a job is sent."""

    def job_uploaded(self, import_file: str, lines: int, size: int) -> int:
        """Remember an archive that the server holds, before its job is asked for. Returns the record's id."""

    def job_sent(self, record: int, job_id: str) -> None:
        """Remember the job's id."""

    def job_began(self, record: int) -> None:
        """Remember that the server works on it now."""

    def job_ended(self, record: int, status: str, error: str = "") -> None:
        """Remember how it ended: success, error or lost."""

    def open_jobs(self) -> list[JobRecord]:
        """Return the jobs whose end nobody saw."""

    def last_job(self) -> str | None:
        """Return the id of the newest job that went well, None where there is none."""

    def setting_changed(self, name: str, old_value: Any) -> None:
        """Remember a setting (Section.Key) before it is changed; an older remembered value wins."""

    def settings_to_put_back(self) -> dict[str, Any]:
        """Return Section.Key -> value for everything that is still changed."""

    def setting_put_back(self, name: str) -> None:
        """Forget a setting that has its old value again."""

    def owe(self, task: str, object_ids: Iterable[str]) -> None:
        """Remember finishing touches (task: mark_read, remove_post) before what makes them necessary is done."""

    def owed(self, task: str) -> list[str]:
        """Return the object ids for which the task is still to be done."""

    def paid(self, task: str, object_ids: Iterable[str]) -> None:
        """Forget finishing touches that are done."""


class Audit(Protocol):
    """What a server says that it has, asked anew: counts and ids, for checks. May raise AbortRun."""

    def accounts(self, user_ids: Iterable[str]) -> set[str]:
        """Return those of some people, by id, who have an account; deactivated ones have."""

    def emoji(self) -> set[str]:
        """Return the names of the custom emoji."""

    def channels(self, channel_ids: Iterable[str]) -> dict[str, ExistingChannel]:
        """Return those of some channels, by id, that are there, with the totals that the server keeps of them."""

    def files(self, channel_ids: Iterable[str]) -> dict[str, int]:
        """Return how many files the server counts in each of some channels; a channel that it lacks is not in it."""

    def members(self, channel_ids: Iterable[str]) -> dict[str, int]:
        """Return how many members the server counts in each of some channels; a channel that it lacks is not in it."""

    def posts(self, post_ids: Sequence[str]) -> set[str]:
        """Return those of some posts (at most 1000) that are there."""

    def reactions(self, post_ids: Iterable[str]) -> dict[str, set[tuple[str, str]]]:
        """Return (user id, emoji name) of the reactions to some posts, by post."""


class MattermostAPI(Protocol):
    """A Mattermost server, as exporters see it. All methods may raise AbortRun; none raises for a single object."""

    # --- reading

    def server(self) -> Server:
        """Ask the server who it is and what it allows. Raises AbortRun with a sentence: URL, token, rights, team, version."""

    def look(self, largest_file: int | None = 0) -> Asked:
        """Ask all that can be asked before anything is sent. `largest_file`: bytes of the largest that is to come; None: no
        request of its size is tried."""

    def me(self) -> Account:
        """Return the token's owner."""

    def accounts(self) -> Iterator[Account]:
        """Every account of the server, bots and deactivated ones too."""

    def account_named(self, username: str) -> Account | None:
        """Look up one account by its exact lower-case username."""

    def account_with_email(self, email: str) -> Account | None:
        """Look up one account by its e-mail address."""

    def channel_named(self, name: str) -> ExistingChannel | None:
        """Look up a channel of the team by name, archived ones too."""

    def channel_of(self, member_ids: Sequence[str]) -> ExistingChannel | None:
        """Look up the direct (1-2 ids) or group (3-8 ids) channel of exactly these people."""

    def emoji_names(self) -> set[str]:
        """The names of the server's custom emoji."""

    def members_of_team(self, user_ids: Sequence[str]) -> set[str]:
        """Those of some people (ids) who are in the team."""

    def find_posts(self, channel: PostChannel, wanted: Iterable[WantedPost]) -> Iterator[PostArrived]:
        """Read the channel back and yield those of the wanted posts that are there."""

    def was_set_back(self, sent_last: Callable[[], Sequence[str]]) -> bool:
        """Whether the server forgot what was sent to it last, as one does that was set back to a snapshot.

        sent_last: looks up the ids of posts that were settled last (at most 1000), where they are needed to tell.
        """

    def posts_there(self, post_ids: Sequence[str]) -> set[str]:
        """Return those of some posts (at most 1000) that the server has."""

    def audit(self) -> Audit:
        """Return what asks the server anew for what it has, to compare it with the rows."""

    def has_channel(self, channel_id: str) -> bool:
        """Whether the server has a channel, be it archived."""

    def posts_of(self, channel_id: str) -> Iterator[CountedPost]:
        """Yield each post that a channel shows, newest first; none where it is gone."""

    def thread(self, post_id: str) -> list[SeenPost]:
        """Return a root and its replies, oldest first; [] where it is gone."""

    # --- writing

    def rest(self) -> None:
        """Leave the server as it is found by people who use it while the work is paused: settings have their own values."""

    def resume(self) -> None:
        """Take up what an earlier run left: wait for jobs whose end nobody saw, so that reading back is the truth."""

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create accounts with their memberships. `channels` are the public and private ones that they name; those that
        the server lacks come into being on the way (their rows are marked by open_channels)."""

    def create_emoji(self, emoji: Iterable[NewEmoji]) -> Iterator[Done | Refused]:
        """Create custom emoji; one whose name the server has already is left as it is (EXISTED)."""

    def open_channels(self, channels: Sequence[NewChannel]) -> Iterator[Done | Refused]:
        """Have each channel be there, with header, purpose and all its members, and nobody disturbed. Idempotent."""

    def send_threads(self, threads: Iterable[Thread]) -> Iterator[PostArrived | Refused]:
        """Send posts with authors, times, files and reactions; yield what was read back, and what was refused.
        Roots that the server has (`root.id`) are not reported."""

    def add_reactions(self, posts: Iterable[tuple[PostChannel, Post]]) -> Iterator[PostArrived | Refused]:
        """Add reactions and files to posts that the server has (`post.id` set; `post.reactions` only the missing ones,
        `post.files` all of its files and the missing ones)."""

    def replace_text(
        self, post_id: str, old: str, new: str, edit_at: int | None = None, edited_at: int | None = None
    ) -> str:
        """Give a post another text, if it still has the old one: what people have changed since is theirs.

        It has it still, too, if it was last edited at `edit_at`, as it was sent. `edited_at` is when the new text was written
        in Slack, kept where the transport can. Returns why it stays as it is, or "".
        """

    def archive_channel(self, channel_id: str) -> None:
        """Archive a channel silently, at the latest in `finish`; one that is archived is left.

        Threads may still be sent into it, texts be replaced no more.
        """

    def deactivate_bot(self, user_id: str) -> None:
        """Disable a bot account; one that is disabled is left."""

    def activate_account(self, user_id: str) -> None:
        """Let a deactivated person in; nothing happens to one who is active."""

    def finish(self) -> None:
        """Pay what is owed: everything imported is read, notices of ours are gone, settings are put back, caches are clean."""

    # --- inviting

    def mailing(self) -> Mailing:
        """Return how the server mails, as far as its settings tell."""

    def send_test_mail(self) -> None:
        """Have the server mail the token's owner. Raises ApiError where it could not."""

    def send_password_reset(self, email: str) -> None:
        """Have the server mail a link to choose a password. Raises ApiError where it could not."""

    def password_resets(self) -> set[str]:
        """Return the addresses to which the token's owner had such links mailed."""

    # --- taking back: nothing of it is anybody's but rollback's

    def allowed(self) -> Allowed:
        """Return what may be removed for good."""

    def read_posts(self, channel_id: str) -> Iterator[SeenPost]:
        """Yield everything that lies in a channel, newest first; nothing for one that is not there."""

    def channels_of(self, user_id: str) -> set[str]:
        """Return the ids of the team's channels that somebody is in."""

    def default_channels(self) -> list[str]:
        """Return the ids of the channels that everybody who joins the team is put into."""

    def has_signed_in(self, user_id: str) -> bool:
        """Whether anybody has ever used the account: a session, a token, a password of its own."""

    def own_tables(self) -> str:
        """Return what the transport keeps in the server's database for itself, and what removes it; "" for nothing."""

    def own_emoji(self, names: Iterable[str]) -> dict[str, str]:
        """Return name -> id of those custom emoji that the token's owner made."""

    def take_back_posts(self, channel_id: str, post_ids: Sequence[str], *, for_good: bool) -> Iterator[Taken]:
        """Delete posts of a channel, for good or as people do. What is gone already counts as taken."""

    def hide_direct(self, channel_id: str) -> None:
        """Take a direct or group channel out of the side bars of its people; it comes back when somebody writes in it."""

    def take_back_channel(self, channel_id: str, *, for_good: bool) -> Taken:
        """Remove a public or private channel with all that is in it; or rename and archive it, so that its name is free."""

    def take_back_accounts(self, accounts: Sequence[Account], *, for_good: bool) -> Iterator[Taken]:
        """Remove accounts with all that they wrote; or rename and deactivate them, so that names and addresses are free."""

    def take_back_emoji(self, emoji_id: str) -> Taken:
        """Delete a custom emoji, and the reactions with it."""

    def take_back_memberships(
        self, channels: Mapping[str, Sequence[str]], team: Sequence[str]
    ) -> Iterator[tuple[str, Taken]]:
        """Take people (ids) out of channels (ids), and out of the team with all its channels; nobody is told.

        Yields (channel id, or "" for the team; the person)."""

    def put_back(self) -> None:
        """Give the server its settings back where they are still changed."""
