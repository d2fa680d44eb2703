"""Reads what is shown to people: totals to compare, samples to look up. Sums in PostgreSQL: few rows come back."""

from collections.abc import Iterable
from typing import Any

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.queries import QUERIES
from mm_pipeline.model import EntityType, Status


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of the server, and what the rows say of it: those of all conversations that went into it, added up."""

    channel_id: str
    name: str  #: the channel's; of direct and group channels Slack's
    kind: str  #: as planned: O, P, D or G
    staged: int  #: messages in the export
    arrived: int  #: messages that were read back
    pending: int  #: messages still to be sent
    posts: int  #: what the server counts of them: parts of messages are posts, joins and leaves are not counted
    replies: int  #: of these, replies
    files: int  #: files that were read back


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A row with the names of what it hangs on."""

    status: str
    slack_id: str
    raw_data: dict[str, Any]
    mattermost_id: str | None
    target_name: str | None
    error_message: str | None
    create_at: int | None
    kind: str | None  #: of its channel: O, P, D or G
    channel: str | None  #: its name there, or Slack's
    person: str | None  #: who wrote, shared or reacted
    parent_id: str | None  #: the post that it hangs on


class ShownRows:
    """The rows of one workspace, summed up."""

    def __init__(self, store: EntityStore) -> None:
        self._store = store

    def staged_rows(self) -> dict[EntityType, int]:
        """Return how many rows of each type an export of the workspace held, the one with most of them."""
        return {EntityType(entity_type): count for entity_type, count in self._all("staged_rows")}

    def on_server(self, entity_type: EntityType) -> list[tuple[str, str]]:
        """Return (name, Mattermost id) of the rows of a type that became something of their own on the server."""
        return self._all("on_server", entity_type=entity_type.value)

    def conversations(self, uncounted: Iterable[str]) -> list[Conversation]:
        """Return the channels with their totals, largest first. `uncounted`: subtypes that the server's totals leave out."""
        fields = Conversation.__struct_fields__
        found = self._all("conversations", uncounted=sorted(uncounted))
        return [Conversation(**dict(zip(fields, row, strict=True))) for row in found]

    def any_posts(self, most: int) -> dict[str, str]:
        """Return some messages, others each time: id on the server -> Slack id."""
        return dict(self._all("any_posts", most=most))

    def any_reacted(self, most: int) -> list[str]:
        """Return the Slack ids of some messages that have reactions on the server, others each time."""
        return [slack_id for (slack_id,) in self._all("any_reacted", most=most)]

    def samples(self, entity_type: EntityType, status: Status, most: int) -> list[Sample]:
        """Return the first rows of a type in a state, at most `most`."""
        fields = Sample.__struct_fields__
        found = self._all("samples", entity_type=entity_type.value, status=status.value, most=most)
        return [Sample(**dict(zip(fields, row, strict=True))) for row in found]

    def _all(self, query: str, **parameters: Any) -> list[Any]:
        with self._store.database.session() as connection:
            return connection.execute(QUERIES[query], {"workspace": self._store.workspace, **parameters}).fetchall()
