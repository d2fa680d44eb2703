"""What exporters may ask of a Mattermost server: operations on batches of domain objects, one outcome per object.

It is not a set of URL paths: the stock API and a server plugin differ in who is the author, when a file can be
uploaded and what is atomic. Every object carries the `key` of the row it was made from; every outcome brings that key
back. Holds no code that talks to a server. Times are ms since the epoch, sizes bytes, lengths runes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from mm_pipeline.mattermost.on_server import (
    Account,
    Allowed,
    Asked,
    CountedPost,
    ExistingChannel,
    Mailing,
    PostArrived,
    SeenPost,
    Server,
    WantedPost,
)
from mm_pipeline.mattermost.outcome import Done, Refused, Taken
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, NewEmoji, Post, PostChannel, Thread


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
        """Return those of some posts (at most 1000) that are there for people to read: deleted ones are not."""

    def shown(self, channel_ids: Iterable[str], most: int) -> dict[str, int]:
        """Return how many posts of people each of some channels shows, up to `most`; deleted ones and notices are none."""

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

    def channels_there(self, names: Iterable[str]) -> set[str]:
        """Return those of some names that a channel of the team has, archived ones too."""

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
