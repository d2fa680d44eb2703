"""What rollback asks of the rows, and what it remembers of what is left. Never writes a status (status_writer.py does)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.rows import class_row

from mm_pipeline.db.database import Database
from mm_pipeline.db.queries import QUERIES
from mm_pipeline.model import Entity, EntityType, Residue


class SentPost(NamedTuple):
    """A post that a message has on the server (id None: may have, if a run was killed before it read it back)."""

    id: str | None
    create_at: int  #: ms
    author: str | None  #: Mattermost user id
    edit_at: int  #: ms of the last edit in Slack; 0 = never


class RollbackStore:
    """The rows of one workspace, as far as what became of them on the server goes."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace

    def heads(self, *entity_types: EntityType, channel: str | None = None) -> list[Entity]:
        """Return rows of some types, of one conversation (Slack id) or of all, without what Slack said."""
        parameters = {"entity_types": [one.value for one in entity_types], "channel": channel}
        with self._database.session() as connection, connection.cursor(row_factory=class_row(Entity)) as cursor:
            return cursor.execute(QUERIES["heads"], {"workspace": self._workspace, **parameters}).fetchall()

    def sent_posts(self, channel: str) -> Iterator[SentPost]:
        """Return the posts of a conversation (Slack id), those of parts of messages among them."""
        return (SentPost(*row) for row in self._all("sent_posts", channel=channel))

    def began(self) -> int | None:
        """Return when the workspace's first step began (ms), None if none did."""
        began: int | None = self._all("began")[0][0]
        return began

    def begin(self) -> None:
        """Note that a rollback begins."""
        self._do("rollback_began")

    def end(self) -> None:
        """Note that it has ended."""
        self._do("rollback_ended")

    def see_again(self, ids: Sequence[int]) -> None:
        """Have rows of channels that stay count as changed: whom a rollback took out of them, an export puts in again."""
        self._do("see_again", ids=list(ids))

    def forget_parts(self, messages: Sequence[str]) -> None:
        """Forget the posts of parts of some messages (Slack ids)."""
        self._do("forget_parts", slack_ids=list(messages))

    def move_stand_ins(self, times: Mapping[str, int]) -> None:
        """Give posts for absent roots (Slack id of the root) another time (ms)."""
        if times:
            self._do("move_stand_ins", slack_ids=list(times), times=list(times.values()))

    def held_by_others(self, ids: Iterable[str]) -> set[str]:
        """Return those of the server's accounts, channels and emoji that another workspace of this database stands on."""
        return {found for (found,) in self._all("held_by_others", ids=list(ids))}

    def remember(self, residue: Sequence[Residue]) -> None:
        """Remember what is left on the server; what was said of the same things before is replaced."""
        once = list({(one.kind, one.id): one for one in residue}.values())
        columns = zip(*((one.kind, one.id, one.name, one.fate, one.remains) for one in once), strict=True)
        if once:
            names = ("kinds", "object_ids", "names", "fates", "remains")
            self._do("remember_residue", **{name: list(values) for name, values in zip(names, columns, strict=True)})

    def forget(self, ids: Iterable[str]) -> None:
        """Forget what was said of things that are gone now."""
        if gone := list(ids):
            self._do("forget_residue", ids=gone)

    def residue(self) -> list[Residue]:
        """Return everything that is known to be left, by kind and name."""
        return [
            Residue(kind=kind, id=object_id, name=name, fate=fate, remains=remains)
            for kind, object_id, name, fate, remains in self._all("residue")
        ]

    def _all(self, query: str, **parameters: Any) -> list[Any]:
        with self._database.session() as connection:
            return connection.execute(QUERIES[query], {"workspace": self._workspace, **parameters}).fetchall()

    def _do(self, query: str, **parameters: Any) -> None:
        with self._database.session() as connection:
            connection.execute(QUERIES[query], {"workspace": self._workspace, **parameters})
