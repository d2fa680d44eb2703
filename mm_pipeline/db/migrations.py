"""Brings a database to the newest schema. Only ever forward; never called by a resource's set-up."""

from importlib import resources

import psycopg

#: Serialises migrations of two runs that start at once ("mm_pi" in hex, and 1).
_LOCK = 0x6D6D5F7069_01


def migrate(connection: psycopg.Connection) -> list[str]:
    """Apply the numbered migrations that this database lacks, in one transaction. Returns their names."""
    folder = resources.files("mm_pipeline.db") / "migrations"
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    applied = []
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        cursor.execute("CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY)")
        done = {name for (name,) in cursor.execute("SELECT name FROM schema_migrations").fetchall()}
        for script in scripts:
            if script.name not in done:
                cursor.execute(script.read_bytes())
                cursor.execute("INSERT INTO schema_migrations VALUES (%s)", (script.name,))
                applied.append(script.name)
    return applied
