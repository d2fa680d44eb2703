"""Thin typed calls of our server plugin (plugin/ in this repository). Decides nothing, and knows no rows.

The plugin speaks below /plugins/com.mm-pipeline.importer/api/v1, to system administrators alone. Its answers to posts
come in the order of the request; what it answers is committed.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import AWAY_S, ApiError, Http, Outages
from mm_pipeline.mattermost.on_server import CountedPost

PLUGIN_ID = "com.mm-pipeline.importer"
#: The version of the plugin's API that this code speaks.
API_VERSION = 2
#: Posts of one answer, 60 bytes each.
_COUNTED = 10_000
#: What the server itself says in the place of a plugin that does not run (status -> its name of the error, if it gives one):
#: no such process, one that died, or a server that is just starting or ending. Its health check starts a dead one within 30 s.
_NOT_RUNNING = {404: "", 500: "", 501: "app.plugin.disabled.app_error"}
_ASK_EVERY_S = 0.5
INSTALL = "Run `mm-pipeline plugin install`, or use MM_TRANSPORT=stock, which needs no plugin."


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """What the plugin says of itself and of the server's tables."""

    api: int
    database: str
    fingerprint: str  #: of the columns that it uses
    objections: list[str]  #: why it writes nothing here


class RefusedReaction(msgspec.Struct, frozen=True, kw_only=True):
    """A reaction that did not come, by its place among those that were sent with its post."""

    place: int
    reason: str


class PostAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one post: its id, or the reason why it is not there.

    `reactions` (user id, emoji name) are told of posts that were there before: all that they have by now.
    """

    id: str = ""
    reason: str = ""
    was_there: bool = False  #: it was brought before, and nothing of it but reactions is new
    reactions: list[tuple[str, str]] = []
    refused_reactions: list[RefusedReaction] = []


class ObjectAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an account or a channel: its id, or why it has none.

    `answer` is created, existed, email_exists or username_exists; these two come without an id.
    """

    id: str = ""
    answer: str = ""
    reason: str = ""
    refused_members: dict[str, str] = {}  #: user id -> why, of those who did not come into a channel


class TextAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """When a post was edited last (ms), and why its text stays as it is, if it does."""

    edit_at: int
    reason: str = ""


class UploadState(msgspec.Struct, frozen=True, kw_only=True):
    """How many bytes of a file are there; is_done: it can hang on a post."""

    id: str
    offset: int = 0
    is_done: bool = False


class PostsCounted(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a channel's posts, newest first; as many as `most`: there may be more."""

    posts: list[CountedPost]
    most: int


class Importer:
    """The plugin on one server. `before_writing` is called before people, channels or posts change."""

    def __init__(
        self,
        url: str,
        token: str,
        outages: Outages | None = None,
        before_writing: Callable[[], None] = lambda: None,
    ) -> None:
        address = f"{url.rstrip('/').removesuffix('/api/v4')}/plugins/{PLUGIN_ID}/api/v1"
        self._http = Http(address, token, outages=outages)
        self._before_writing = before_writing

    def hello(self) -> Hello | None:
        """Ask the plugin who it is; None where the server has none that runs."""
        try:
            said = self._once_there(lambda: self._http.get("/hello"), passing=(500, 501))
        except ApiError as refused:
            if refused.status == 404:  # the server's own: it knows no such plugin, or has switched it off
                return None
            raise AbortRun(str(refused)) from refused
        return msgspec.convert(said, Hello)

    def require(self, is_on: Callable[[], bool] = lambda: False) -> Hello:
        """Ask the plugin who it is. Raises AbortRun where it is absent, speaks another version, or must not write.

        Where it does not run and `is_on` says that the server is to run it, it is waited for: servers answer before it is up.
        """
        hello = self.hello()
        if hello is None and is_on():
            hello = msgspec.convert(self._once_there(partial(self._http.get, "/hello")), Hello)
        if hello is None:
            raise AbortRun(f"MM_TRANSPORT=plugin, and the server has no plugin {PLUGIN_ID} that runs. {INSTALL}")
        if hello.api != API_VERSION:
            raise AbortRun(
                f"The server's plugin {PLUGIN_ID} speaks version {hello.api}, and {API_VERSION} is needed. {INSTALL}"
            )
        if hello.objections:
            raise AbortRun("\n".join(hello.objections))
        return hello

    def threads(self, threads: Sequence[Any]) -> list[list[PostAnswer]]:
        """Bring threads in. Sent again, the same ones bring nothing new. Returns the answers to each thread's posts."""
        self._before_writing()
        said = self._once_there(lambda: self._http.post("/threads", {"threads": threads}, idempotent=True))
        return msgspec.convert(said["threads"], list[list[PostAnswer]])

    def posts_of(self, channel_id: str, since: int = 0, most: int = _COUNTED) -> Iterator[CountedPost]:
        """Yield what a channel shows since some ms, newest first, by pages of `most`; nothing where there is no such channel."""
        page: dict[str, str] = {"since": str(since), "most": str(most)}
        while True:
            said = self._once_there(partial(self._http.get, f"/channels/{channel_id}/posts", page))
            found = msgspec.convert(said, PostsCounted)
            yield from found.posts
            if len(found.posts) < found.most:
                return
            last = found.posts[-1]
            page |= {"before": str(last.create_at), "before_id": last.id}

    def begin_file(self, description: Mapping[str, Any]) -> UploadState:
        """Have the server know of a file that is to come. The same identity again goes on where it broke off."""
        said = self._once_there(lambda: self._http.post("/files", description, idempotent=True))
        return msgspec.convert(said, UploadState)

    def send_part(self, file_id: str, offset: int, part: bytes) -> UploadState:
        """Append bytes to a file that is `offset` bytes long: 5 MiB at least of its first part, unless that is the whole.

        Nothing is waited for: where the plugin does not run, how much came is told by `begin_file`.
        """
        return msgspec.convert(self._http.upload(f"/files/{file_id}?offset={offset}", part), UploadState)

    def accounts(self, team_id: str, accounts: Sequence[Any]) -> list[ObjectAnswer]:
        """Bring people in, in their order. Sent again, the same ones bring nobody new."""
        said = self._write("/accounts", {"team_id": team_id, "accounts": accounts})
        return msgspec.convert(said["accounts"], list[ObjectAnswer])

    def channels(self, team_id: str, channels: Sequence[Any], homes: Sequence[str] = ()) -> list[ObjectAnswer]:
        """Have channels be there, be what they are to be, and have their people. `homes`: ids of the team's default channels."""
        wish = {"team_id": team_id, "homes": homes, "channels": channels}
        return msgspec.convert(self._write("/channels", wish)["channels"], list[ObjectAnswer])

    def read(self, what: Mapping[str, Any]) -> None:
        """Mark channels read for their people."""
        self._batch("/read", what)

    def attach(self, posts: Sequence[Any]) -> list[PostAnswer]:
        """Hang files that came by `send_part` on posts that are there."""
        return msgspec.convert(self._write("/attached", {"posts": posts})["posts"], list[PostAnswer])

    def texts(self, texts: Sequence[Any]) -> list[TextAnswer]:
        """Give posts other texts, if they still have theirs."""
        said = self._write("/texts", {"texts": texts})
        return msgspec.convert(said["texts"], list[TextAnswer])

    def remove_stored(self) -> None:
        """Have the plugin forget everything that it has stored for itself."""
        self._http.delete("/stored")

    def _write(self, path: str, body: Mapping[str, Any]) -> Any:
        self._before_writing()
        return self._batch(path, body)

    def _batch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for a whole batch. A refusal concerns no single row of it: raises AbortRun."""
        try:
            return self._once_there(lambda: self._http.post(path, body, idempotent=True))
        except ApiError as refused:
            raise AbortRun(str(refused)) from refused

    def _once_there(self, ask: Callable[[], Any], passing: Collection[int] = tuple(_NOT_RUNNING)) -> Any:
        """Ask until the plugin itself answers. Raises AbortRun where its server has none for so long."""
        until = time.monotonic() + AWAY_S
        while True:
            try:
                return ask()
            except ApiError as refused:
                if refused.status not in passing or not is_not_running(refused):
                    raise
                if time.monotonic() > until:
                    raise AbortRun(
                        f"{refused} The plugin runs no more: the server's log says why. {INSTALL}"
                    ) from refused
            time.sleep(_ASK_EVERY_S)


def is_not_running(refused: ApiError) -> bool:
    """Whether an answer is the server's own, in the place of a plugin that does not run."""
    return _NOT_RUNNING.get(refused.status) == refused.error_id
