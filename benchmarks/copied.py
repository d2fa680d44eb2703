"""The limit: rows of a server's channels once more by COPY, with ids of their own, into the same tables. Sends nothing."""

from collections.abc import Sequence
from time import perf_counter

import psycopg

#: What the rows of some channels (ids; NULL: of all) become other rows by: ids are made of ids.
_COPIED = {
    "posts": "SELECT * FROM posts WHERE %(ids)s::text[] IS NULL OR channelid = ANY(%(ids)s)",
    "reactions": "SELECT * FROM reactions WHERE %(ids)s::text[] IS NULL OR channelid = ANY(%(ids)s)",
    "threads": "SELECT * FROM threads WHERE %(ids)s::text[] IS NULL OR channelid = ANY(%(ids)s)",
    "threadmemberships": """SELECT m.* FROM threadmemberships m JOIN threads t USING (postid)
                            WHERE %(ids)s::text[] IS NULL OR t.channelid = ANY(%(ids)s)""",
}
_IDS = {"posts": ("id", "rootid"), "reactions": ("postid",), "threads": ("postid",), "threadmemberships": ("postid",)}


def copied(database: str, ids: Sequence[str] | None = None) -> tuple[int, float]:
    """Copy the rows of some channels, or of all, and return how many posts these were and the seconds that it took."""
    with psycopg.connect(database) as connection:
        lines: dict[str, bytes] = {}
        for table, query in _COPIED.items():
            connection.execute(f"CREATE TEMP TABLE copied_{table} AS {query}".encode(), {"ids": ids and list(ids)})
            for name in _IDS[table]:
                connection.execute(
                    f"UPDATE copied_{table} SET {name} = substr(md5({name}), 1, 26) WHERE {name} <> ''".encode()
                )
            with connection.cursor().copy(f"COPY copied_{table} TO STDOUT".encode()) as out:
                lines[table] = b"".join(out)
        began = perf_counter()
        for table, rows in lines.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                copy.write(rows)
        connection.commit()
        return lines["posts"].count(b"\n"), perf_counter() - began
