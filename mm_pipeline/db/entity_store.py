"""Reads the rows of one workspace, and the plan's decisions on them. Never writes a status (status_writer.py does)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row, dict_row

from mm_pipeline.db.database import Database
from mm_pipeline.db.queries import QUERIES
from mm_pipeline.db.status_writer import CHOSEN
from mm_pipeline.errors import DELETED_BY_RETENTION
from mm_pipeline.model import Entity, EntityType, RolledBack, Status

#: Ms behind a message in which a free one is looked for, and where none is, in more: busy moments are short.
_WITHIN_MS = (1_000, 100_000, 10_000_000)
#: Messages that are sorted together, unless a single channel has more: 1 KB each, and PostgreSQL's work_mem is 4 MB.
_SORTED = 2_000
#: Rows fetched at a time by server cursors: flat memory whatever the export's size.
_FETCH = 1000


class Partitions(msgspec.Struct, frozen=True, kw_only=True):
    """A share of the work: the hash slots `shard % workers in keys`."""

    workers: int
    keys: tuple[int, ...]

    @classmethod
    def all_of(cls, workers: int) -> "Partitions":
        """Return the whole work, dealt to so many workers."""
        return cls(workers=workers, keys=tuple(range(workers)))


class DerivedPost(msgspec.Struct, frozen=True, kw_only=True):
    """A post for a part of a message: its id here, its ms, and its id on the server once it is there."""

    id: int
    create_at: int
    mattermost_id: str | None = None


class EntityStore:
    """The rows of one workspace."""

    def __init__(self, database: Database, workspace: str) -> None:
        self.database = database
        self.workspace = workspace

    # --- rows

    def rows(
        self,
        entity_type: EntityType,
        statuses: Sequence[Status] | None = None,
        share: Partitions | None = None,
        *,
        changed: bool = False,
    ) -> Iterator[Entity]:
        """Stream rows of a type, ordered by Slack id: all of them, or those in some states or of a share of the work.

        `changed`: only those that a newer export told otherwise after they were sent.
        """
        if changed and not self.has_changed():
            return
        yield from self._stream(
            "rows",
            entity_type=entity_type.value,
            statuses=None if statuses is None else [status.value for status in statuses],
            workers=share.workers if share else None,
            partitions=list(share.keys) if share else [],
            changed=changed,
        )

    def thread_messages(self, share: Partitions) -> Iterator[Entity]:
        """Stream pending messages, and the roots that their replies need, thread by thread, oldest first.

        Some channels at a time: what is sorted together fits into PostgreSQL's memory, and no snapshot of all rows keeps the old
        versions of those that are settled meanwhile.
        """
        channels: list[str] = []
        messages = 0
        for channel, pending in self._pending_channels(EntityType.MESSAGE, share):
            if channels and messages + pending > _SORTED:
                yield from self._stream("thread_messages", channels=channels, of_none=False)
                channels, messages = [], 0
            channels.append(channel)
            messages += pending
        # Another parser's rows may name no channel: whoever builds them says so.
        yield from self._stream("thread_messages", channels=channels, of_none=0 in share.keys)

    def heads_by_id(self, ids: Sequence[int]) -> list[Entity]:
        """Return rows by id, without what Slack said."""
        return self._entities("heads_by_id", ids=list(ids))

    def rows_by_slack_id(self, entity_type: EntityType, slack_ids: Sequence[str]) -> list[Entity]:
        """Return rows of one type by their Slack ids; unknown ids are left out."""
        return self._entities("rows_by_slack_id", entity_type=entity_type.value, slack_ids=list(slack_ids))

    def children(self, parents: Sequence[str], *entity_types: EntityType) -> list[Entity]:
        """Return the files or reactions that hang on some messages (by Slack id)."""
        return self._entities("children", parents=list(parents), entity_types=[t.value for t in entity_types])

    def found_roots(self, share: Partitions) -> list[Entity]:
        """Return pending messages whose replies are on the server: an earlier export lacked the root."""
        return self._entities("found_roots", workers=share.workers, partitions=list(share.keys))

    def pending_channels(self, entity_type: EntityType, share: Partitions) -> list[str]:
        """Return the Slack ids of the channels that have pending rows of a type."""
        return [channel for channel, _ in self._pending_channels(entity_type, share)]

    def _pending_channels(self, entity_type: EntityType, share: Partitions) -> list[tuple[str, int]]:
        found = self._all(
            "pending_channels", entity_type=entity_type.value, workers=share.workers, partitions=list(share.keys)
        )
        return [(channel, count) for channel, count in found if channel]

    def pending_posts(self, channel: str) -> list[tuple[int, int, str]]:
        """Return (row id, ms, author's Mattermost id) of a channel's pending messages; parts of messages as -id."""
        return self._all("pending_posts", channel=channel)

    def pending_children(self, share: Partitions) -> list[tuple[Entity, Status, str | None]]:
        """Return what is pending under settled messages, with the message's status and the reason of that."""
        with self.database.session() as connection, connection.cursor(row_factory=dict_row) as cursor:
            parameters = {"workspace": self.workspace, "workers": share.workers, "partitions": list(share.keys)}
            found = cursor.execute(QUERIES["pending_children"], parameters).fetchall()
        parents = [(Status(row.pop("parent_status")), row.pop("parent_error")) for row in found]
        return [(Entity(**row), *parent) for row, parent in zip(found, parents, strict=True)]

    def pins(self) -> Iterator[tuple[str, Any]]:
        """Return (channel's Slack id, Slack's list of pins)."""
        yield from self._all("pins")

    def user_group_handles(self) -> dict[str, str]:
        """Return Slack user group id -> handle, of those that some message's text names; the newest name counts."""
        return dict(self._all("user_group_handles"))

    def reaction_names(self, status: Status | None = None) -> dict[str, int]:
        """Return Slack's emoji names of reactions (skin tone included) -> how many; of all, or of those in a state."""
        return dict(self._all("reaction_names", status=status and status.value))

    # --- counts

    def undone(self, entity_type: EntityType) -> int:
        """Return how many rows of a type are pending; a file whose bytes are prepared waits for its message only."""
        return int(self._all("undone", entity_type=entity_type.value)[0][0])

    def newest_work(self) -> float | None:
        """Return when the newest work came (s since 1970); None where no row is pending, and none changed since it was sent."""
        came_at: float | None = self._all("newest_work")[0][0]
        return came_at

    def has_pending(self) -> bool:
        """Return whether a row is pending."""
        return bool(self._all("has_pending")[0][0])

    def has_tries_left(self, most: int) -> bool:
        """Return whether rows that were tried less often than `most` failed, or wait for the run that tries them again."""
        return bool(self._all("has_tries_left", most=most, left_alone=DELETED_BY_RETENTION)[0][0])

    def has_work(self) -> bool:
        """Return whether a row is pending, or was told otherwise after it was sent."""
        return self.has_pending() or self.has_changed()

    def has_changed(self) -> bool:
        """Return whether a newer export told any row otherwise after it was sent."""
        return bool(self._all("has_changed")[0][0])

    def messages_to_come(self) -> tuple[int, int | None]:
        """Return how many messages the server will have of this workspace, and the ms of the oldest pending one."""
        found = self._all("messages_to_come")[0]
        return int(found[0]), found[1]

    def texts_to_come(self, most_runes: int, deleted_before: int) -> tuple[int, int, int, int]:
        """Return how many messages are to be sent; of these longer than that, under names of their own, before that (ms)."""
        found = self._all("texts_to_come", most_runes=most_runes, deleted_before=deleted_before)[0]
        return int(found[0]), int(found[1]), int(found[2]), int(found[3])

    def files_to_come(self) -> list[dict[str, Any]]:
        """Return Slack's file object of each file whose bytes are still to be fetched, each file once."""
        return [raw for (raw,) in self._all("files_to_come")]

    def counts(self, only: EntityType | None = None) -> dict[EntityType, dict[Status, int]]:
        """Return rows per type and status, zeros included; `only` counts one type, which reads fewer rows."""
        counts = {entity_type: dict.fromkeys(Status, 0) for entity_type in EntityType}
        for entity_type, status, count in self._all("counts", entity_type=only):
            counts[EntityType(entity_type)][Status(status)] = count
        return counts

    def counts_by_partition(self, entity_type: EntityType, workers: int) -> dict[int, dict[Status, int]]:
        """Return rows of one type per partition (its key) and status, zeros included."""
        counts = {key: dict.fromkeys(Status, 0) for key in range(workers)}
        for key, status, count in self._all("counts_by_partition", entity_type=entity_type.value, workers=workers):
            counts[key][Status(status)] = count
        return counts

    def changed_since_sent(self) -> dict[EntityType, int]:
        """Return how many rows of each type a newer export told otherwise after they were sent; types with none absent."""
        if not self.has_changed():  # found at once; the others are counted by looking through all rows
            return {}
        return {EntityType(entity_type): count for entity_type, count in self._all("changed_since_sent")}

    def known_by_id_alone(self) -> list[str]:
        """Return the Slack ids that channels name as member or creator, and that nobody wrote or reacted under."""
        return [slack_id for (slack_id,) in self._all("known_by_id_alone", chosen=CHOSEN)]

    def notes(self, most: int) -> list[tuple[EntityType, str, int, list[str]]]:
        """Return what is to be said of rows that are on the server: (type, note, rows, names of at most `most` of them)."""
        return [(EntityType(entity_type), *said) for entity_type, *said in self._all("notes", most=most)]

    def reasons(self, only: EntityType | None = None) -> dict[EntityType, list[tuple[Status, str, int]]]:
        """Return why rows failed or were skipped: (status, reason, rows), most frequent first."""
        reasons: dict[EntityType, list[tuple[Status, str, int]]] = {entity_type: [] for entity_type in EntityType}
        for entity_type, status, message, count in self._all("reasons", entity_type=only):
            reasons[EntityType(entity_type)].append((Status(status), message or "no reason was recorded", count))
        return reasons

    def merged_reactions(self, names: Mapping[str, str]) -> int:
        """Return how many reactions on the server fell together with another of the same person on the same message.

        `names`: Slack's name -> Mattermost's, of those that share one.
        """
        found = self._all("merged_reactions", slack_names=list(names), names=list(names.values()))
        return int(found[0][0])

    def nameless_reactions(self, most: int) -> tuple[int, int, list[tuple[str, str, str, int, int]]]:
        """Return what Slack counts beyond the people it names: reactions, entries, and the worst entries.

        These are (channel, ts, Slack's emoji name, nameless, count), at most `most`.
        """
        found = self._all("nameless_reactions", most=most)
        reactions, entries = found[0][5:] if found else (0, 0)
        return int(reactions), entries, [(*one[:3], int(one[3]), int(one[4])) for one in found]

    def posts_sent_last(self, most: int) -> list[str]:
        """Return the ids on the server of the messages that were settled last."""
        return [post_id for (post_id,) in self._all("posts_sent_last", most=most)]

    def staged_exports(self) -> list[tuple[str, int]]:
        """Return the exports that are staged, the newest last: (name of the zip or folder, ms; 0 = not known)."""
        return [(name, int(at)) for name, at in self._all("staged_exports")]

    # --- what is chosen

    def has_left_out(self) -> bool:
        """Return whether a setting leaves some row out."""
        return bool(self._all("has_left_out", chosen=CHOSEN)[0][0])

    def left_out(self, entity_type: EntityType) -> dict[str, str]:
        """Return the rows of a type that a setting leaves out: Slack id -> the setting, as it was then."""
        return dict(self._all("left_out", entity_type=entity_type.value, chosen=CHOSEN))

    def people_of_what_goes(self) -> set[str]:
        """Return the Slack ids of those who wrote or reacted in what no setting leaves out."""
        return {slack_id for (slack_id,) in self._all("people_of_what_goes", chosen=CHOSEN)}

    def messages_of_people(self, people: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return Slack id -> (messages of theirs, replies of others in threads that they began) that stay behind with some people.

        What a setting leaves out anyway, and what is on the server, is not counted; who has none of either is absent.
        """
        if not people:
            return {}
        found = self._all("messages_of_people", people=list(people), chosen=CHOSEN)
        return {slack_id: (own, replies) for slack_id, own, replies in found}

    def emptied_conversations(self) -> dict[str, str]:
        """Return the conversations all of whose messages a setting leaves out: Slack id -> the setting."""
        return dict(self._all("emptied_conversations", chosen=CHOSEN))

    def see_channels_again(self, people: Sequence[str]) -> None:
        """Have the channels on the server that some people (Slack ids) are in count as changed: the people join them."""
        if people:
            with self.database.session() as connection:
                parameters = {"workspace": self.workspace, "people": list(people)}
                connection.execute(QUERIES["see_channels_again"], parameters)

    # --- the plan's decisions

    def decide(self, entity_type: EntityType, decisions: Iterable[tuple[str, str, bytes]]) -> int:
        """Store (Slack id, name on the server, decision as JSON) for rows of a type. Returns how many."""
        triples = list(decisions)
        slack_ids = [slack_id for slack_id, _, _ in triples]
        with self.database.session() as connection, connection.transaction():
            for statement, column, values in (
                ("set_decisions", "decisions", [decision.decode() for _, _, decision in triples]),
                ("set_target_names", "names", [name for _, name, _ in triples]),
            ):
                parameters = {"slack_ids": slack_ids, column: values, "entity_type": entity_type.value}
                connection.execute(QUERIES[statement], {"workspace": self.workspace, **parameters})
        return len(triples)

    def decisions(self, entity_type: EntityType) -> list[tuple[str, str]]:
        """Return (Slack id, decision as JSON) of a type."""
        return self._all("decisions", entity_type=entity_type.value)

    def channels_planned_elsewhere(self, team_id: str) -> set[str]:
        """Return the names that the plans of other workspaces have for channels of a team."""
        return {name for (name,) in self._all("channels_planned_elsewhere", team_id=team_id)}

    def plan_choices(self) -> str | None:
        """Return the choices that the stored plan was made by, or None where none is stored."""
        found = self._all("plan_choices")
        return found[0][0] if found else None

    def remember_plan_choices(self, choices: str) -> None:
        """Remember the choices that the stored plan was made by."""
        with self.database.session() as connection:
            parameters = {"workspace": self.workspace, "choices": choices}
            connection.execute(QUERIES["remember_plan_choices"], parameters)

    def rename_people(self, names: Mapping[str, str]) -> None:
        """Write what accounts (ids on the server) are called now beside the rows that became them."""
        with self.database.session() as connection:
            parameters = {"workspace": self.workspace, "ids": list(names), "names": list(names.values())}
            connection.execute(QUERIES["rename_people"], parameters)

    def undecided(self, entity_type: EntityType) -> int:
        """Return for how many rows of a type the plan has not decided yet."""
        return int(self._all("undecided", entity_type=entity_type.value)[0][0])

    def export_tokens(self) -> tuple[str, ...]:
        """Return the tokens that the export's file URLs carried; they are kept apart from the rows."""
        return tuple(token for (token,) in self._all("export_tokens"))

    def forget_export_tokens(self) -> None:
        """Delete the tokens that the export's file URLs carried; staging the export again brings them back."""
        with self.database.session() as connection:
            connection.execute(QUERIES["forget_export_tokens"], {"workspace": self.workspace})

    # --- where the workspace goes

    def target(self) -> tuple[str, str, str] | None:
        """Return (server id, team id, URL) that this workspace was bound to, or None."""
        found = self._all("target")
        return found[0] if found else None

    def bind_target(self, server_id: str, team_id: str, url: str) -> None:
        """Remember where this workspace goes. The first answer wins."""
        with self.database.session() as connection:
            parameters = {"workspace": self.workspace, "server_id": server_id, "team_id": team_id, "url": url}
            connection.execute(QUERIES["set_target"], parameters)

    def was_sent(self) -> bool:
        """Return whether anything of this workspace may be on a server."""
        return bool(self._all("was_sent")[0][0])

    def forget_plan(self) -> None:
        """Forget what was planned, and where the workspace goes."""
        with self.database.session() as connection:
            connection.execute(QUERIES["forget_plan"], {"workspace": self.workspace})

    def export_workers(self) -> int | None:
        """Return among how many workers the runs at work share it."""
        found = self._all("export_workers")
        return found[0][0] if found else None

    def set_export_workers(self, workers: int) -> None:
        """Remember among how many workers the work is shared."""
        with self.database.session() as connection:
            connection.execute(QUERIES["set_export_workers"], {"workspace": self.workspace, "workers": workers})

    # --- parts of messages

    def derive_post(self, message: Entity, part: int) -> DerivedPost:
        """Return the post that carries a part (1, 2 ...) of a message, with a free ms behind the message, always the same."""
        found = self._all("derived_post", slack_id=message.slack_id, part=part)
        place = {"channel": message.channel_slack_id, "after": message.create_at}
        for within in _WITHIN_MS:
            found = found or self._all("derive_post", slack_id=message.slack_id, part=part, within=within, **place)
        derived_id, create_at, mattermost_id = found[0]
        return DerivedPost(id=derived_id, create_at=create_at, mattermost_id=mattermost_id)

    def stand_in_time(self, root: str) -> int | None:
        """Return the ms of the post for an absent root (Slack id), None where it is the root's own."""
        found = self._all("stand_in_time", slack_id=root)
        return found[0][0] if found else None

    def derived_arrived(self, found: Sequence[tuple[int, str]]) -> None:
        """Remember which parts are on the server: (id here, Mattermost id)."""
        with self.database.session() as connection:
            parameters = {"ids": [part for part, _ in found], "mattermost_ids": [post_id for _, post_id in found]}
            connection.execute(QUERIES["derived_arrived"], parameters)

    def messages_of_parts(self, derived_ids: Sequence[int]) -> dict[int, int]:
        """Return derived post id -> row id of the message that it is a part of."""
        return dict(self._all("derived_messages", ids=list(derived_ids)))

    def with_missing_parts(self, message_ids: Sequence[int]) -> set[int]:
        """Return those of the messages that lack a part on the server."""
        return {row for (row,) in self._all("with_missing_parts", ids=list(message_ids))}

    def completed_messages(self, share: Partitions) -> list[int]:
        """Return pending messages of a share whose own post and all parts are on the server."""
        found = self._all("completed_messages", workers=share.workers, partitions=list(share.keys))
        return [row for (row,) in found]

    # --- steps

    def begin_step(self, step: str) -> int:
        """Note that a step of a run begins. Returns its id."""
        return int(self._all("begin_step", step=step)[0][0])

    def end_step(self, step_id: int, rows: int) -> None:
        """Note that a step ended, and how many rows it settled."""
        with self.database.session() as connection:
            connection.execute(QUERIES["end_step"], {"id": step_id, "rows": rows})

    def begun_step(self, step: EntityType) -> tuple[float, int, float] | None:
        """Return of the newest step of a type that has not ended how long ago (s) it began, how many rows it has settled since,
        and how long after its beginning (s) the last of them was.
        """
        found = self._all("begun_step", step=step.value)
        return (found[0][0], int(found[0][1]), found[0][2]) if found else None

    def begun_steps(self) -> dict[str, float]:
        """Return the steps that have begun and not ended, and how long ago (s) each began."""
        return dict(self._all("begun_steps"))

    def last_steps(self) -> list[tuple[str, float, int]]:
        """Return (step, seconds, rows) of the newest run of each step, in order."""
        return self._all("last_steps")

    def rolled_back(self) -> RolledBack | None:
        """Return the newest rollback, None where there was none, or something was sent since."""
        found = self._all("rolled_back", steps=[entity_type.value for entity_type in EntityType])
        return RolledBack(at=found[0][0], has_ended=found[0][1]) if found else None

    # --- how it is read

    def _all(self, query: str, **parameters: Any) -> list[Any]:
        with self.database.session() as connection:
            return connection.execute(QUERIES[query], {"workspace": self.workspace, **parameters}).fetchall()

    def _entities(self, query: str, **parameters: Any) -> list[Entity]:
        with self.database.session() as connection, connection.cursor(row_factory=class_row(Entity)) as cursor:
            return cursor.execute(QUERIES[query], {"workspace": self.workspace, **parameters}).fetchall()

    def _stream(self, query: str, **parameters: Any) -> Iterator[Entity]:
        with (
            self.database.session() as connection,
            connection.transaction(),
            psycopg.ServerCursor(connection, query, row_factory=class_row(Entity)) as cursor,
        ):
            cursor.itersize = _FETCH
            cursor.execute(QUERIES[query], {"workspace": self.workspace, **parameters})
            yield from cursor


def workspaces(database: Database) -> list[str]:
    """Return the workspaces that are staged in a database."""
    with database.session() as connection:
        return [workspace for (workspace,) in connection.execute(QUERIES["workspaces"]).fetchall()]
