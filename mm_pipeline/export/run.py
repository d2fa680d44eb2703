"""What the exporters of one step share: the server, the rows, the bytes, the settings. Does nothing by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from mm_pipeline.content.pictures import Picture
from mm_pipeline.content.store import ContentStore, Stored
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import Paused, RowFailed, RowSkipped
from mm_pipeline.export.directory import Directory
from mm_pipeline.export.on_their_way import OnTheirWay
from mm_pipeline.export.permalinks import Links, Permalinks
from mm_pipeline.export.reasons import is_left_out
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.mattermost.ours import MADE_ACCOUNT, OVERWRITTEN_ACCOUNT
from mm_pipeline.model import Entity, Status
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.render.files import LEFT_OUT, TOO_LARGE


class Run:
    """One step's surroundings. Everything that is asked of the server once per run is asked here."""

    def __init__(
        self,
        *,
        api: MattermostAPI,
        journal: Journal,
        store: EntityStore,
        content: ContentStore,
        settings: PlanSettings,
        fetch_file: Callable[[Entity, int], Stored],
        fetch_picture: Callable[[Entity], Picture],
        fetch_avatar: Callable[[Entity], Stored | None],
        require_going: Callable[[], None] = lambda: None,
    ) -> None:
        self.api = api
        self.journal = journal
        self.store = store
        self.content = content
        self.settings = settings
        self.fetch_file = fetch_file  #: (attachment row, most bytes) -> its bytes in the content store
        self.fetch_picture = fetch_picture  #: emoji row -> its picture
        self.fetch_avatar = fetch_avatar  #: user row -> the person's own picture, if it can be had

        self.on_their_way = OnTheirWay()
        self.accounts_of_earlier_runs: frozenset[str] = frozenset()  #: usernames; known once they are noted
        self.require_going = require_going  #: raises Paused where people want the work to rest

    @contextmanager
    def pausable(self) -> Iterator[None]:
        """Begin only where the work may go on; once it is paused, leave the server as people know it."""
        try:
            self.require_going()
            yield
        except Paused:
            self.api.rest()
            raise

    def note_accounts_of_earlier_runs(self) -> None:
        """Note which accounts were made here before this run calls ours what it makes: a killed run's rows may not say so."""
        self.accounts_of_earlier_runs = frozenset(self.journal.owed(MADE_ACCOUNT))

    def content_of(self, file: Entity) -> str | None:
        """Return the SHA-256 of an attachment's prepared bytes; None where its post cannot carry it."""
        return file.content_sha256 if file.status in (Status.PENDING, Status.SUCCESS) else None

    def has(self, sha256: str | None) -> bool:
        """Whether prepared bytes are on this machine: another one may have prepared them."""
        return bool(sha256) and self.content.size(sha256 or "") >= 0

    def fetch_again(self, file: Entity) -> str:
        """Bring prepared bytes to this machine, and return their SHA-256. Raises RowFailed where they are not to be had here."""
        try:
            return self.fetch_file(file, self.largest_file).sha256
        except (RowFailed, RowSkipped) as why:
            raise RowFailed(f"its bytes were prepared and are not in this machine's MM_PIPELINE_STATE: {why}") from why

    def pay(self, task: str, touch: Callable[[str], None]) -> int:
        """Do a finishing touch to everything that it is owed to. Returns to how many."""
        due = self.journal.owed(task)
        for object_id in due:
            touch(object_id)
            self.journal.paid(task, [object_id])
        return len(due)

    def lost_file(self, file: Entity) -> dict[str, Any]:
        """Return Slack's object of a file whose bytes its post does not carry, with the reason where it is not Slack's."""
        if is_left_out(file):
            return file.raw_data | {"file_access": LEFT_OUT}
        size = file.raw_data.get("size")
        too_large = isinstance(size, int) and size > self.largest_file
        return file.raw_data | ({"file_access": TOO_LARGE} if too_large else {})

    @cached_property
    def server(self) -> Server:
        """What the server says of itself."""
        return self.api.server()

    @property
    def largest_file(self) -> int:
        """Bytes of the largest file that the server can be given."""
        return self.server.largest_file

    @cached_property
    def mm_user_id(self) -> str:
        """The token owner's id (GET /users/me)."""
        return self.api.me().id

    @cached_property
    def accounts_overwritten(self) -> set[str]:
        """The ids of accounts of somebody else that an import line overwrote: they have people's e-mail addresses, and are not them."""
        return set(self.journal.owed(OVERWRITTEN_ACCOUNT))

    @cached_property
    def directory(self) -> Directory:
        """Who is who on the server."""
        return Directory(self.store)

    def links_of(self, message: Entity) -> Links:
        """Return what answers for the Slack links of a message's text."""
        return Links(self._permalinks, message)

    @cached_property
    def _permalinks(self) -> Permalinks:
        return Permalinks(self.store, self.directory, self.server)
