"""Brings rows into `entities` by COPY: straight on a workspace's first load, by comparison later. Makes no rows, opens no transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import msgspec
import psycopg

from mm_pipeline.db import queries
from mm_pipeline.staging.channel_rows import StagedTimes
from mm_pipeline.staging.conversation import staged_folders
from mm_pipeline.staging.fuller import fuller, is_tombstone
from mm_pipeline.staging.raw import raw_part
from mm_pipeline.staging.row import Row
from mm_pipeline.staging.slack_id import microseconds, ts_of

QUERIES = queries.load("mm_pipeline.staging")
#: Changed rows compared and written at a time.
_BATCH = 500
#: Rows of a first load that go by one COPY: of a larger one PostgreSQL keeps only the last 16 MB in its own memory, and whoever looks
#: at the rows next reads them again.
_AT_ONCE = 10_000


class Loader:
    """One load of one workspace, within the caller's transaction. Counts rows per type, and messages that Slack has no more."""

    def __init__(self, connection: psycopg.Connection, workspace: str, *, straight: bool = True) -> None:
        """Lock the workspace until the transaction ends. straight=False compares even where nothing is staged yet."""
        self.seen: Counter[str] = Counter()
        self.added: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self.deleted = 0
        self._connection = connection
        self.workspace = workspace
        self._parameters = {"workspace": workspace}
        self._copies: ExitStack | None = None  #: of a first load
        self._open: psycopg.Copy | None = None  #: the one of them that is written
        self._ends_at = 0  #: rows
        connection.execute(QUERIES["lock_workspace"], self._parameters)
        staged = connection.execute(QUERIES["is_staged"], self._parameters).fetchone()
        self.is_first = straight and not (staged and staged[0])
        if not self.is_first:
            connection.execute(QUERIES["create_incoming"])

    @contextmanager
    def copying(self) -> Iterator[None]:
        """Have a first load go by few COPYs inside the block, so that not each conversation waits for PostgreSQL.

        A further load asks in between for what is staged: each of its conversations goes by its own.
        """
        if not self.is_first:
            yield
            return
        with ExitStack() as self._copies:
            yield
        self._copies = None

    def copy(self, rows: Iterable[Row]) -> None:
        """Send rows. They stream: none is kept here."""
        if self._copies is None:
            with self._copied() as copy:
                self._write(copy, rows)
            return
        if self._open is None or self.seen.total() > self._ends_at:
            self._copies.close()
            self._open, self._ends_at = self._copies.enter_context(self._copied()), self.seen.total() + _AT_ONCE
        self._write(self._open, rows)

    @contextmanager
    def _copied(self) -> Iterator[psycopg.Copy]:
        query = QUERIES["copy_entities" if self.is_first else "copy_incoming"]
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            yield copy

    def _write(self, copy: psycopg.Copy, rows: Iterable[Row]) -> None:
        seen, workspace = self.seen, self.workspace
        for row in rows:
            copy.write_row((workspace, *row))
            seen[row[0]] += 1

    def finish(self, tokens: Iterable[str]) -> None:
        """Settle what was sent: new rows are added, changed ones joined with what is stored. Keeps the export's tokens."""
        self._connection.execute(QUERIES["add_tokens"], {**self._parameters, "tokens": sorted(tokens)})
        if self.is_first:
            self.added = self.seen.copy()
            return
        self._connection.execute(QUERIES["analyze_incoming"])
        self.added.update(dict(self._connection.execute(QUERIES["insert_new"]).fetchall()))
        with psycopg.ServerCursor(self._connection, "differing") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(QUERIES["differing"])
            while batch := cursor.fetchmany(_BATCH):
                self._join(batch)

    def _join(self, batch: list[tuple[int, str, str, str, str | None, str | None]]) -> None:
        changed = []
        for row_id, entity_type, stored_json, told_json, parent, author in batch:
            stored = msgspec.json.decode(stored_json)
            told = msgspec.json.decode(told_json)
            joined = fuller(stored, told)
            self.deleted += is_tombstone(told) and not is_tombstone(stored)
            if joined != stored:
                raw = raw_part(joined)
                changed.append((row_id, raw.data.decode(), raw.hash, parent, author))
                self.changed[entity_type] += 1
        if changed:
            columns = ("ids", "raw_data", "raw_hashes", "parents", "authors")
            values = (list(column) for column in zip(*changed, strict=True))
            self._connection.execute(QUERIES["keep_replaced"], {"ids": [row_id for row_id, *_ in changed]})
            self._connection.execute(QUERIES["update_changed"], dict(zip(columns, values, strict=True)))

    # --- what an earlier export left

    def staged_folders(self) -> dict[str, str]:
        """Return conversation id by the folder its messages were staged from: its name, or its id; empty on the first load."""
        if self.is_first:
            return {}
        found = self._connection.execute(QUERIES["staged_channels"], self._parameters).fetchall()
        return staged_folders(found)

    def staged_times(self, channel: str) -> StagedTimes:
        """Return the ms that a channel's messages, and parts of them, have."""
        if self.is_first:
            return StagedTimes()
        parameters = {**self._parameters, "channel": channel}
        moments = {}
        taken = set()
        with psycopg.ServerCursor(self._connection, "staged_times") as cursor:
            cursor.execute(QUERIES["staged_times"], parameters)
            for slack_id, ms in cursor:
                # "channel:ts" or "channel:ts#copy"; other parsers may have made other ids
                stamp, _, copy = slack_id.removeprefix(f"{channel}:").partition("#")
                if ts_of(stamp) and (not copy or copy.isdecimal()):
                    moments[microseconds(stamp), int(copy or 1)] = ms
                else:
                    taken.add(ms)
        taken.update(ms for (ms,) in self._connection.execute(QUERIES["derived_times"], parameters))
        return StagedTimes(moments, frozenset(taken))
