"""Every table of a server's database, row by row, so that two moments can be compared. Judges nothing."""

import json
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from mm_pipeline_tests.mattermost_server.running import RunningServer

_KEYS = """
SELECT t.table_name, coalesce(array_agg(k.column_name::text) FILTER (WHERE k.column_name IS NOT NULL), '{}') AS keys
FROM information_schema.tables t
LEFT JOIN information_schema.table_constraints c ON c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'
LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = c.constraint_name
WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' GROUP BY 1
"""
#: Table -> key of the row -> the row.
Tables = dict[str, dict[str, dict[str, Any]]]


class Difference(NamedTuple):
    """What differs in one row: what it was (None: it is new) and what it is (None: it is gone)."""

    table: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def row(self) -> dict[str, Any]:
        """The row as it is, or was if it is gone."""
        return self.after or self.before or {}

    @property
    def columns(self) -> set[str]:
        """The columns that differ; all of a row that is new or gone."""
        if self.before is None or self.after is None:
            return set(self.row)
        return {name for name in self.before if self.before[name] != self.after[name]}


def tables_of(server: RunningServer) -> Tables:
    """Return everything that the server's database holds."""
    with psycopg.connect(server.database_url, row_factory=dict_row) as connection:
        found: Tables = {}
        for table in connection.execute(_KEYS).fetchall():
            query = sql.SQL("SELECT to_jsonb(t) AS row FROM {} t").format(sql.Identifier(table["table_name"]))
            rows = [one["row"] for one in connection.execute(query).fetchall()]
            keys = table["keys"] or (list(rows[0]) if rows else [])
            found[table["table_name"]] = {json.dumps([row[key] for key in keys]): row for row in rows}
    return found


def differences(before: Tables, after: Tables) -> list[Difference]:
    """Return what differs, row by row."""
    return [
        Difference(table, before.get(table, {}).get(key), after.get(table, {}).get(key))
        for table in sorted(before | after)
        for key in sorted(before.get(table, {}) | after.get(table, {}))
        if before.get(table, {}).get(key) != after.get(table, {}).get(key)
    ]
