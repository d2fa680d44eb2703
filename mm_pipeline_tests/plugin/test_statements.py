"""Each statement of the plugin names columns alone that it holds against those of the server before it writes."""

import re
from pathlib import Path

import psycopg
import pytest

_PLUGIN = Path(__file__).parents[2] / "plugin"
_STATEMENTS = _PLUGIN / "statements"
#: These make, change and drop the plugin's own.
_OWN = ("stored_create", "together", "stored_drop")


def tables_watched() -> dict[str, dict[str, str]]:
    """Table -> column -> type, as schema_known.go has them; the first where there are two."""
    source = (_PLUGIN / "schema_known.go").read_text().partition("var tablesWithNewRows")[0]
    tables = re.findall(r'^\t"(\w+)": +\{(.*?)(?=^\t["/]|^\})', source, re.MULTILINE | re.DOTALL)
    column = re.compile(r'"(\w+)": +\{(?:varchar\((\d+)\)|"(\w+)")')
    return {
        table: {name: f"varchar({length})" if length else kind for name, length, kind in column.findall(columns)}
        for table, columns in tables
    }


@pytest.fixture
def watched_alone(database: str) -> psycopg.Connection:
    """A database whose tables have the columns that the plugin watches, and no others."""
    connection = psycopg.connect(database, autocommit=True)
    connection.execute(
        "CREATE SCHEMA server; SET search_path = server; CREATE TYPE channel_type AS ENUM ('D', 'G', 'O', 'P')"
    )
    for table, columns in tables_watched().items():
        made = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE {table} ({made})")
    for name in _OWN[:2]:
        connection.execute((_STATEMENTS / f"{name}.sql").read_text())
    return connection


def test_what_is_watched_is_all_that_is_read_and_written(watched_alone: psycopg.Connection) -> None:
    watched = tables_watched()
    assert (len(watched), watched["posts"]["message"], watched["preferences"]["value"]) == (
        18,
        "varchar(65535)",
        "varchar(2000)",
    )
    unwatched = {}
    for file in sorted(_STATEMENTS.glob("*.sql")):
        if file.stem in _OWN:
            continue
        try:
            watched_alone.execute(f"PREPARE its_{file.stem} AS {file.read_text()}")
        except psycopg.ProgrammingError as said:
            unwatched[file.stem] = said.diag.message_primary
    assert not unwatched


def test_nothing_is_watched_that_no_statement_names() -> None:
    words = set(re.findall(r"\w+", "\n".join(file.read_text() for file in _STATEMENTS.glob("*.sql"))))
    assert not {name for table, columns in tables_watched().items() for name in (table, *columns)} - words
