"""What no export should hold, all the way into a server: only the culprits fail, each with a reason, and nobody else's row."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, pending, run_with, said, statuses, the_sentence
from mm_pipeline_tests.end_to_end.own_server import OwnServer, own_server
from mm_pipeline_tests.end_to_end.small_export import Files, garden, message, person, write
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS

_ADMIN = "SELECT * FROM users WHERE username = 'sysadmin'"
_GIGABYTE = 1 << 30


@pytest.fixture(scope="module")
def server(session_state: Path) -> Iterator[OwnServer]:
    with own_server(session_state, looks_for_jobs_every_ms=OFTEN_MS) as server:
        yield server


@pytest.fixture
def pipeline(server: OwnServer, tmp_path: Path) -> Iterator[Pipeline]:
    run = Pipeline(tmp_path / "state", None, server.running)
    yield run
    run.down()


def zeros(path: Path, files: Files, name: str) -> Path:
    """Add a gigabyte of zeros to files, as a zip of about a megabyte."""
    write(files, path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w") as entry,
    ):
        for _ in range(_GIGABYTE >> 20):
            entry.write(bytes(1 << 20))
    return path


def bad_export() -> Files:
    """The garden, and everything wrong with it at once."""
    files = garden()
    files["users.json"] += [
        person("U0SYSADMIN", "sysadmin", profile={"email": "gardener@people.example"}),
        person("U0NAMESAKE", "sysadmin", profile={"email": None}),
        person("U0ADMIN", "admin"),
        person("U0DOT", "dot", profile={"email": "dot.@people.example"}),
        person("U0LONG", "long", profile={"email": f"{'long' * 40}@people.example"}),
        person("U0NOWHERE", "nowhere", profile={"email": "nowhere"}),
        {"id": "U0ODD", "name": 5, "profile": "none", "deleted": "perhaps"},
        {"name": "without an id"},
        "nobody",
    ]
    files["channels.json"] += [
        {"id": "C0ODD", "name": ["odd"], "members": "all", "topic": 1, "purpose": None, "is_archived": "perhaps"},
        {"name": "without-id"},
        7,
    ]
    files["garden/2024-05-02.json"] = b'[{"type": "message", "text": "cut o'
    files["garden/2024-05-03.json"] = b"\x00\xff not JSON"
    files["garden/2024-05-04.json"] = [
        message(100, "by the namesake of the administrator", "U0SYSADMIN"),
        message(101, "by the other namesake", "U0NAMESAKE"),
        message(102, "by somebody whom the list does not know", "U0GHOST"),
        message(103, "in <#C0NOWHERE|nowhere> said <@U0NOBODY>"),
        message(104, "everything of a wrong type", reactions=5, files="none", blocks={"a": 1}, attachments=[3, None]),
        message(105, "an answer to what is not there", thread_ts="1600000000.000100"),
        message(106, "odd reactions", reactions=[{"name": 3, "users": ["U0ADA"]}, {"name": "tada", "users": [None]}]),
        {"type": "message", "user": "U0ADA", "text": "without ts"},
        {"type": "message", "user": "U0ADA", "text": "with a strange ts", "ts": "yesterday"},
        ["no message"],
    ]
    files["attic/2024-05-01.json"] = [message(200, "a folder that no list knows")]
    files["without-id/2024-05-01.json"] = [message(201, "a channel that lost its id")]
    files["../../outside.json"] = [message(300, "outside")]
    files["/etc/absolute.json"] = [message(301, "absolute")]
    files["garden/../../inside/2024-05-01.json"] = [message(302, "in and out")]
    return files


def rows(run: Pipeline, status: str) -> dict[str, str]:
    """Return the rows in a status with their reasons, by type and Slack id."""
    folder = Path(run.environment["MM_PIPELINE_STATE"]) / "postgres"
    password, port = ((folder / name).read_text().strip() for name in ("password", "port"))
    with psycopg.connect(f"postgresql://postgres:{password}@127.0.0.1:{port}/mm_pipeline") as connection:
        query = "SELECT entity_type || ' ' || slack_id, error_message FROM entities WHERE status = %s"
        return dict(connection.execute(query, [status]).fetchall())


def administrator(server: OwnServer) -> dict[str, Any]:
    """Return all that the server knows of its administrator's account but when he was last seen."""
    with psycopg.connect(server.running.database_url, row_factory=dict_row) as connection:
        found = connection.execute(_ADMIN).fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"users.json": None}, "has no users.json"),
        ({"users.json": b"[{"}, "users.json in export.zip cannot be read"),
        ({"users.json": {"ok": False}}, "users.json"),
    ],
    ids=["no list of people", "half a list of people", "no list at all"],
)
def test_an_export_without_people_is_refused_in_a_sentence(
    pipeline: Pipeline, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    files = {name: content for name, content in (garden() | change).items() if content is not None}
    ended = run_with(pipeline, EXPORT, SLACK_EXPORT=str(write(files, tmp_path / "export.zip")))
    assert words in the_sentence(pipeline, ended.returncode, ended.stdout, ended.stderr)


def test_a_gigabyte_of_zeros_is_refused_in_a_sentence(pipeline: Pipeline, tmp_path: Path) -> None:
    export = zeros(tmp_path / "export.zip", garden(), "garden/2024-05-02.json")
    ended = run_with(pipeline, EXPORT, SLACK_EXPORT=str(export))
    assert "that is a zip bomb" in the_sentence(pipeline, ended.returncode, ended.stdout, ended.stderr)


def test_only_the_culprits_fail_and_nobody_elses_account_is_touched(
    pipeline: Pipeline, server: OwnServer, tmp_path: Path
) -> None:
    admin = administrator(server)
    files = bad_export()
    bomb = {"id": "F0BOMB", "name": "zeros.bin", "size": _GIGABYTE, "mimetype": "application/octet-stream"}
    files["garden/2024-05-04.json"].append(message(107, "with a bomb", files=[bomb]))
    export = zeros(tmp_path / "export.zip", files, "__uploads/F0BOMB/zeros.bin")

    ended = run_with(pipeline, EXPORT, SLACK_EXPORT=str(export))

    assert "Traceback" not in ended.stdout + ended.stderr
    assert ended.returncode == 1
    assert "3 rows failed and 0 are pending" in "".join(said(ended.stderr))
    assert pending(statuses(pipeline)) == 0
    culprits = rows(pipeline, "failed")
    assert sorted(culprits) == [f"message C0GARDEN:2024-05-04.json#{index}" for index in (7, 8, 9)]
    assert all(culprits.values())
    assert list(rows(pipeline, "skipped")) == ["attachment C0GARDEN:1714550507.000100:F0BOMB"]

    assert administrator(server) == admin
    by_admin = (
        "SELECT message FROM posts JOIN users ON users.id = posts.userid WHERE username = 'sysadmin' AND type = ''"
    )
    assert server.rows(by_admin) == []
    authors = dict(
        server.rows("SELECT message, username FROM posts JOIN users ON users.id = posts.userid WHERE type = ''")
    )
    assert not {"outside", "absolute", "in and out"} & authors.keys()
    kept = ["a folder that no list knows", "a channel that lost its id", "everything of a wrong type", "with a bomb"]
    assert set(kept) <= {text.partition("\n")[0] for text in authors}
    namesakes = [authors["by the namesake of the administrator"], authors["by the other namesake"]]
    assert len({"sysadmin", *namesakes}) == 3
