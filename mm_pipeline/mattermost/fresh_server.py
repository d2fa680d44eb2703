"""What a fresh, empty server would answer: the other side of an archive, which is written without one. Takes nothing."""

from collections.abc import Iterable, Iterator, Sequence

from mm_pipeline.mattermost.limits import MESSAGE
from mm_pipeline.mattermost.on_server import Account, ExistingChannel, Server

#: FileSettings.MaxFileSize of a new installation, bytes.
_MAX_FILE_BYTES = 100 * 1024 * 1024


class FreshServer:
    """The reading half of api.MattermostAPI for a server that has nothing yet."""

    def __init__(self, team: str, version: tuple[int, int] = (11, 4)) -> None:
        self._team, self._version = team, version

    def server(self) -> Server:
        """The defaults of a new installation of its version, without limits on people."""
        return Server(
            url="(no server: an archive)",
            server_id="",
            version=self._version,
            team_id="",
            team_name=self._team,
            max_post_runes=MESSAGE,
            max_file_bytes=_MAX_FILE_BYTES,
            max_users_per_team=1_000_000,
            team_members=0,
            hard_user_limit=0,
            active_users=0,
            username_override=True,
            bot_accounts=True,
        )

    def accounts(self) -> Iterator[Account]:
        """Nobody."""
        return iter(())

    def channel_named(self, name: str) -> ExistingChannel | None:
        """No channel."""
        return None

    def channels_there(self, names: Iterable[str]) -> set[str]:
        """None of them."""
        return set()

    def channel_of(self, member_ids: Sequence[str]) -> ExistingChannel | None:
        """No channel."""
        return None

    def emoji_names(self) -> set[str]:
        """No emoji."""
        return set()

    def members_of_team(self, user_ids: Sequence[str]) -> set[str]:
        """Nobody."""
        return set()
