"""What the report reads of a workspace's rows beyond the counts that all ask for. Changes none, asks no server."""

from typing import Any

import msgspec

from mm_pipeline.db import queries
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import SkipReason
from mm_pipeline.export.late_files import STALE_NOTE
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline.values import milliseconds

_QUERIES = queries.load("mm_pipeline.report")
#: ms; no calendar goes on from there.
YEAR_10000 = 253_402_300_800_000


class NotThere(msgspec.Struct, frozen=True, kw_only=True):
    """A row that failed or was skipped. `create_at`: ms, of what hangs on a message that of the message; None where Slack gives no time."""

    type: str
    status: str
    slack_id: str
    conversation: str  #: Slack id, "" for what is in none
    create_at: int | None
    why: str
    attempts: int


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """What was read back of one conversation and month."""

    conversation: str
    month: str
    messages: int
    parts: int  #: posts that carry a part of a message
    files: int
    reactions: int


class Rows:
    """The rows of one workspace, as the report counts and lists them."""

    def __init__(self, store: EntityStore) -> None:
        self._store = store

    def messages_by_month(self) -> list[tuple[str, str, Status, int]]:
        """Return (conversation, month like 2024-05 or "", status, messages)."""
        return [(*place, Status(status), count) for *place, status, count in self._all("messages_by_month")]

    def arrived(self) -> list[Arrived]:
        """Return what was read back when it was sent, per conversation and month."""
        return [Arrived(**dict(zip(Arrived.__struct_fields__, row, strict=True))) for row in self._all("arrived")]

    def settled_at(self) -> float:
        """Return when the newest row was settled (s since 1970), 0 where there is none."""
        return float(self._all("settled_at")[0][0])

    def posts_of(self, conversations: list[str]) -> dict[str, str]:
        """Return post id -> conversation, of the messages of some conversations that have a post."""
        return dict(self._all("posts_of_conversations", conversations=conversations))

    def parts(self) -> set[str]:
        """Return the ids of posts that carry a part of a message."""
        return {post_id for (post_id,) in self._all("parts")}

    def objects(self, entity_type: EntityType) -> list[tuple[str, str, str]]:
        """Return (Slack id, id on the server, name there) of what rows of a type became."""
        return self._all("objects", entity_type=entity_type.value)

    def became(self) -> dict[int, str]:
        """Return what came of each row that the plan decides on, by its id: made, matched, or failed or skipped and why."""
        found = self._all("became", left_out=SkipReason.LEFT_OUT.value)
        return {key: _what_came(Status(status), origin, why) for key, status, origin, why in found}

    def aliases(self) -> list[str]:
        """Return for each emoji that is another name of one what that one is called on the server."""
        return [name for (name,) in self._all("aliases")]

    def not_there(self) -> list[NotThere]:
        """Return every failed and every skipped row, in the order of the export."""
        found = self._all("not_there", entity_types=[entity_type.value for entity_type in EntityType])
        listed = (NotThere(**dict(zip(NotThere.__struct_fields__, row, strict=True))) for row in found)
        return [
            one if one.create_at else msgspec.structs.replace(one, create_at=_time_of_message(one)) for one in listed
        ]

    def newcomers(self) -> list[tuple[str, str, str, str]]:
        """Return (Slack id, id of the account, username, real name) of the accounts that were made, by username."""
        return self._all("newcomers")

    def threads_worth_a_look(self, conversations: list[str], most: int) -> list[tuple[str, str]]:
        """Return (id of the root's post, conversation) of threads that show much, at most `most`."""
        return self._all("threads_worth_a_look", conversations=conversations, most=most)

    def subtypes(self) -> dict[str, int]:
        """Return how many messages on the server have which subtype of Slack's."""
        return dict(self._all("subtypes"))

    def elements(self) -> dict[str, int]:
        """Return how many parts of messages on the server have which type of Slack's blocks."""
        return dict(self._all("elements"))

    def with_something(self) -> dict[str, int]:
        """Return what lost something on its way, by the names that queries.sql gives it."""
        messages, others = self._named("messages_with", stale=STALE_NOTE), self._named("others_with")
        return messages | others | self._named("threads_with")

    def files_that_are_lost(self) -> list[tuple[str, str, int]]:
        """Return (mode, file_access or too_large, files) of files whose bytes are not on the server, of messages that are."""
        reasons = {"left_out": SkipReason.LEFT_OUT.value, "too_large": SkipReason.TOO_LARGE.value}
        return self._all("files_that_are_lost", **reasons)

    def slack_address(self) -> str:
        """Return how the workspace's address in Slack begins (`orchard` of orchard.slack.com), "" where no file tells."""
        return next((address for (address,) in self._all("slack_address")), "")

    def exports(self) -> list[str]:
        """Return the fingerprints of the exports that were staged."""
        return [fingerprint for (fingerprint,) in self._all("exports")]

    def run_times(self) -> tuple[int | None, int | None]:
        """Return when the first step began and the last one ended (ms)."""
        began, ended = self._all("run_times")[0]
        return began, ended

    def postgres_version(self) -> str:
        """Return what PostgreSQL calls its version."""
        return str(self._all("version")[0][0])

    def _all(self, query: str, **parameters: Any) -> list[Any]:
        with self._store.database.session() as connection:
            return connection.execute(_QUERIES[query], {"workspace": self._store.workspace, **parameters}).fetchall()

    def _named(self, query: str, **parameters: Any) -> dict[str, int]:
        with self._store.database.session() as connection:
            cursor = connection.execute(_QUERIES[query], {"workspace": self._store.workspace, **parameters})
            values = cursor.fetchone() or ()
            return {
                str(column.name): int(value) for column, value in zip(cursor.description or (), values, strict=True)
            }


def _what_came(status: Status, origin: str, why: str) -> str:
    if status is Status.SUCCESS:
        return "matched" if origin == Origin.MATCHED else "made"
    return f"{status.value}: {why}"


def _time_of_message(row: NotThere) -> int | None:
    """Return the ms of the message that a file or reaction hangs on: its ts stands in the Slack id (`channel:ts:...`)."""
    if row.type not in (EntityType.ATTACHMENT, EntityType.REACTION):
        return None
    ms = milliseconds(row.slack_id.removeprefix(f"{row.conversation}:").partition(":")[0])
    return ms if 0 < ms < YEAR_10000 else None
