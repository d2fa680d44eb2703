"""One migration that everything happens to: each fault is one sentence and costs no row, and at last the same command finishes."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.db.embedded import EmbeddedPostgres, free_port
from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.end_to_end.migrated import JOB, Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, pending, run_with, statuses, the_sentence
from mm_pipeline_tests.end_to_end.own_server import OwnServer, own_server
from mm_pipeline_tests.end_to_end.small_export import garden, write


@pytest.fixture(scope="module")
def server(session_state: Path) -> Iterator[OwnServer]:
    # At Mattermost's own pace: there is time to strike between a job's being asked for and its begin.
    with own_server(session_state) as server:
        yield server


@pytest.fixture(scope="module")
def migration(server: OwnServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The one migration, staged."""
    folder = tmp_path_factory.mktemp("the faults")
    run = Pipeline(folder / "state", write(garden(), folder / "export.zip"), server.running)
    staged = run.call("mm-pipeline", "stage")
    assert staged.returncode == 0, staged.stderr
    yield run
    run.down()


@pytest.fixture(scope="module")
def token_without_rights(server: OwnServer) -> str:
    """A token of somebody who may have one and is no administrator."""
    admin = server.running
    wish = {"username": "nora", "email": "nora@people.example", "password": "Passw0rd-of-nobody!"}
    nora = admin.call("POST", "/users", wish)
    admin.call("PUT", f"/users/{nora['id']}/roles", {"roles": "system_user system_user_access_token"})
    return str(admin.call("POST", f"/users/{nora['id']}/tokens", {"description": "test"})["token"])


@pytest.fixture
def web_page(httpserver: HTTPServer) -> str:
    httpserver.expect_request(re.compile(".*")).respond_with_data("<html>hello</html>", content_type="text/html")
    return str(httpserver.url_for("/")).rstrip("/")


def wait_for(what: Callable[[], Any], process: "subprocess.Popen[str]", seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.1)


def begin(run: Pipeline) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        run.command(*EXPORT), env=run.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


WRONG_TOKEN = "w8ong5token7of9nobody1abcd"
#: What is set wrongly (values in braces are the test's), and what the sentence says.
WRONG_SETTINGS = {
    "wrong token": ({"MM_TOKEN": WRONG_TOKEN}, "refuses MM_TOKEN (401)"),
    "token with a line break": ({"MM_TOKEN": "{token}\n"}, "MM_TOKEN holds a sign"),
    "token with an accent": ({"MM_TOKEN": "{token}€"}, "MM_TOKEN holds a sign"),
    "token without rights": ({"MM_TOKEN": "{token_without_rights}"}, "no system administrator"),
    "no token": ({"MM_TOKEN": ""}, "MM_TOKEN is not set"),
    "nobody there": ({"MM_URL": "http://127.0.0.1:{free_port}"}, "the connection was refused"),
    "no scheme": ({"MM_URL": "chat.example.org"}, "MM_URL=chat.example.org is no address of a server"),
    "a password in the URL": (
        {"MM_URL": "https://me:canary77@chat.example.org"},
        "MM_URL holds a user name or a password",
    ),
    "no Mattermost": ({"MM_URL": "{web_page}"}, "There is no Mattermost server at"),
    "no such team": ({"MM_TEAM": "nowhere"}, "It has migration."),
    "no zip": ({"SLACK_EXPORT": "{no_zip}"}, "is not a readable zip file"),
    "no export": ({"SLACK_EXPORT": "/nowhere/export.zip"}, "There is no Slack export at /nowhere/export.zip"),
    "no number": ({"EXPORT_WORKERS": "many"}, "EXPORT_WORKERS=many is no whole number"),
    "no folder": ({"MM_PIPELINE_STATE": "{no_zip}"}, "cannot be used (File exists)"),
    "no database URL": ({"MM_PIPELINE_DATABASE": "postgresql://me:canary 77@127.0.0.1/x"}, "is no URL of a PostgreSQL"),
    "no database": (
        {"MM_PIPELINE_DATABASE": "postgresql://me:canary77@127.0.0.1:{free_port}/x"},
        "is not to be reached",
    ),
}


def test_a_wrong_setting_is_one_sentence_and_costs_no_row(
    migration: Pipeline, token_without_rights: str, web_page: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    no_zip = tmp_path / "export.zip"
    no_zip.write_text("hello")
    values = {
        "token": migration.server.token,
        "token_without_rights": token_without_rights,
        "free_port": free_port(),
        "web_page": web_page,
        "no_zip": no_zip,
    }
    before = statuses(migration)
    assert pending(before) == 46
    for wrong, (settings, words) in WRONG_SETTINGS.items():
        with subtests.test(wrong):
            changed = {name: value.format(**values) for name, value in settings.items()}
            ended = run_with(migration, EXPORT, **changed)
            assert words in the_sentence(migration, ended.returncode, ended.stdout, ended.stderr)
            for secret in (WRONG_TOKEN, token_without_rights, "canary"):
                assert secret not in ended.stdout + ended.stderr
    ended = run_with(migration, JOB, MM_TOKEN=WRONG_TOKEN)
    assert ended.returncode != 0
    assert re.search(r"Failure: http\S+ refuses MM_TOKEN \(401\)", ended.stdout + ended.stderr)
    assert WRONG_TOKEN not in ended.stdout + ended.stderr
    assert statuses(migration) == before


def test_cut_off_by_its_database_and_by_the_server_the_same_command_finishes(
    migration: Pipeline, server: OwnServer
) -> None:
    process = begin(migration)
    wait_for(lambda: server.import_jobs() == 1, process)
    EmbeddedPostgres(Path(migration.environment["MM_PIPELINE_STATE"]) / "postgres").stop()
    stdout, stderr = process.communicate(timeout=120)
    # Whichever is noticed first: that it is away, or that it has let go of the run's locks.
    cut_off = r"PostgreSQL (is not to be reached|ended the connection that held this run's share)"
    assert re.search(cut_off, the_sentence(migration, process.returncode, stdout, stderr))
    assert pending(statuses(migration)) == 46

    process = begin(migration)
    wait_for(lambda: server.import_jobs() == 2, process)
    server.stop()
    stdout, stderr = process.communicate(timeout=180)
    assert "the connection was refused" in the_sentence(migration, process.returncode, stdout, stderr)
    now = statuses(migration)
    assert now["message"] == {"pending": 40, "success": 0, "failed": 0, "skipped": 0}
    assert now["user"] == {"pending": 0, "success": 3, "failed": 0, "skipped": 0}

    server.start()
    ended = migration.call(*EXPORT)
    assert ended.returncode == 0, ended.stderr
    now = statuses(migration)
    assert {entity_type: counts["success"] for entity_type, counts in now.items()} == {
        "user": 3, "custom_emoji": 0, "attachment": 0, "channel": 1, "message": 40, "reaction": 2,
    }  # fmt: skip
    assert pending(now) == 0
    # A job that the server's end cut off in the middle never ends: an empty one shows that, and what it lacked is in one more.
    cut_off, ended_well = (
        server.rows(f"SELECT count(*) FROM jobs WHERE type = 'import_process' AND status {which} 'success'")[0][0]
        for which in ("<>", "=")
    )
    assert (cut_off, ended_well) in {(0, 2), (1, 2), (1, 3)}
    there = server.running
    assert check(Path(migration.environment["SLACK_EXPORT"]), there.database_url, there.team, files=there.files) == []
