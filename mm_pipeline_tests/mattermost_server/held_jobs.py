"""Import jobs of a server held back: none begins until they are released. Takes no other job, and ends none."""

import psycopg

_HOLD = """
    CREATE FUNCTION hold_imports() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER hold_imports BEFORE UPDATE ON jobs FOR EACH ROW
    WHEN (OLD.type = 'import_process' AND OLD.status = 'pending' AND NEW.status = 'in_progress')
    EXECUTE FUNCTION hold_imports();
"""


def hold(database_url: str) -> None:
    """Let no import job begin. `database_url`: the server's own database."""
    with psycopg.connect(database_url) as connection:
        connection.execute(_HOLD)


def release(database_url: str) -> None:
    """Let them begin again, also where none is held."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP FUNCTION IF EXISTS hold_imports CASCADE")
