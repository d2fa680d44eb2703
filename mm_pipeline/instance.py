"""Writes Dagster's instance into the state folder, on the same PostgreSQL as the rows. Starts no Dagster."""

import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from mm_pipeline.resources import PostgresResource

#: Dagster's own tables stand in a database of their own beside the rows.
_DATABASE = "dagster"

_YAML = """\
# Written by `mm-pipeline up`. The values come from the environment that it prints.
storage:
  postgres:
    postgres_db:
      # SQLAlchemy 2.1 takes postgresql:// for psycopg 3, and dagster-postgres speaks psycopg2.
      scheme: postgresql+psycopg2
      hostname: {env: MM_PIPELINE_DAGSTER_HOST}
      port: {env: MM_PIPELINE_DAGSTER_PORT}
      username: {env: MM_PIPELINE_DAGSTER_USER}
      password: {env: MM_PIPELINE_DAGSTER_PASSWORD}
      db_name: {env: MM_PIPELINE_DAGSTER_DATABASE}
telemetry:
  enabled: false
nux:
  enabled: false
python_logs:
  managed_python_loggers: [mm_pipeline]
  python_log_level: INFO
"""


def write_instance(postgres: PostgresResource) -> dict[str, str]:
    """Start the database, write dagster.yaml, and return the environment that Dagster needs to find both."""
    database = postgres.database()
    if not postgres.url:
        postgres.embedded.create_database(_DATABASE)
    where = conninfo_to_dict(database.url)
    name = str(where.get("dbname")) if postgres.url else _DATABASE
    home = postgres.state_folder / "dagster"
    home.mkdir(mode=0o700, exist_ok=True)
    _write_private(home / "dagster.yaml", _YAML)
    return {
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "MM_PIPELINE_STATE": str(postgres.state_folder),
        "MM_PIPELINE_DAGSTER_HOST": str(where.get("host", "localhost")),
        "MM_PIPELINE_DAGSTER_PORT": str(where.get("port", 5432)),
        "MM_PIPELINE_DAGSTER_USER": str(where.get("user", "")),
        "MM_PIPELINE_DAGSTER_PASSWORD": str(where.get("password", "")),
        "MM_PIPELINE_DAGSTER_DATABASE": name,
    }


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
