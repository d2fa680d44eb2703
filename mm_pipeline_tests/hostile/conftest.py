"""One database for the whole table, with neighbours in it whose rows nobody may touch."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.staging import stage
from mm_pipeline_tests.end_to_end.small_export import garden, write
from mm_pipeline_tests.hostile.case import Desk

NEIGHBOURS = "neighbours"
_DATABASE = "hostile"


@pytest.fixture(scope="package")
def shared_database(
    postgres: EmbeddedPostgres, _template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a migrated database that all cases share, each in a workspace of its own."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE {_template}")
    url = postgres.url(_DATABASE)
    export = write(garden(), tmp_path_factory.mktemp(NEIGHBOURS) / "export.zip")
    stage(export, lambda: psycopg.connect(url, autocommit=True), NEIGHBOURS)
    yield url
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")


@pytest.fixture
def neighbours(shared_database: str) -> Callable[[], str]:
    """Tell the neighbours' rows, as one hash."""

    def told() -> str:
        with psycopg.connect(shared_database) as connection:
            query = "SELECT to_jsonb(e)::text FROM entities e WHERE workspace = %s ORDER BY id"
            rows = connection.execute(query, [NEIGHBOURS]).fetchall()
        assert len(rows) > 40
        return hashlib.sha256("".join(text for (text,) in rows).encode()).hexdigest()

    return told


@pytest.fixture
def desk(shared_database: str, tmp_path_factory: pytest.TempPathFactory, httpserver: HTTPServer) -> Iterator[Desk]:
    """What a case is tried on; its rows are gone afterwards."""
    folder: Path = tmp_path_factory.mktemp("case")
    yield Desk(folder, shared_database, httpserver)
    with psycopg.connect(shared_database, autocommit=True) as connection:
        connection.execute("DELETE FROM entities WHERE workspace = %s", [folder.name])
