"""A small export of invented people, to be bent by each test, and the database it is staged into."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from mm_pipeline.staging import Staged, stage

Files = dict[str, Any]


def person(user_id: str, name: str, **more: Any) -> dict[str, Any]:
    profile = {"real_name": name.title(), "display_name": name, "email": f"{name}@example.com"} | more.pop(
        "profile", {}
    )
    return {
        "id": user_id,
        "team_id": "T0FERN",
        "name": name,
        "deleted": False,
        "is_bot": False,
        "profile": profile,
    } | more


def message(ts: str, text: str = "hello", user: str = "U0ADA", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts} | more


@pytest.fixture
def files() -> Files:
    """The files of an export: three people, one channel, one day. Values are JSON, bytes are taken as they are."""
    return {
        "users.json": [person("U0ADA", "ada"), person("U0BEN", "ben"), person("U0CLEO", "cleo")],
        "channels.json": [{"id": "C0GARDEN", "name": "garden", "creator": "U0ADA", "members": ["U0ADA", "U0BEN"]}],
        "garden/2024-05-01.json": [message("1714550400.000100", "seeds are here")],
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write files as a zip (or a folder) and return its path."""
    made = iter(range(1000))

    def write(files: Mapping[str, Any], name: str | None = None, folder: bool = False) -> Path:
        path = tmp_path / (name or f"export-{next(made)}{'' if folder else '.zip'}")
        contents = {k: v if isinstance(v, bytes) else json.dumps(v).encode() for k, v in files.items()}
        if folder:
            for file, data in contents.items():
                (path / file).parent.mkdir(parents=True, exist_ok=True)
                (path / file).write_bytes(data)
        else:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for file, data in contents.items():
                    archive.writestr(file, data)
        return path

    return write


class Base:
    """A migrated database: stages exports and shows the rows."""

    def __init__(self, url: str) -> None:
        self.url = url

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)

    def stage(self, export: Path, workspace: str | None = None, *, again: bool = False) -> Staged:
        return stage(export, self.connect, workspace, again=again)

    def rows(self, entity_type: str) -> dict[str, dict[str, Any]]:
        """Return the rows of a type by Slack id."""
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            found = connection.execute(
                "SELECT *, xmin::text AS xmin FROM entities WHERE entity_type = %s", [entity_type]
            )
            return {row["slack_id"]: row for row in found}

    def execute(self, statement: str) -> list[Any]:
        with self.connect() as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def base(database: str) -> Base:
    return Base(database)
