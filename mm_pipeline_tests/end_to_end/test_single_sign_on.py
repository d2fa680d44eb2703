"""People who were imported for single sign-on sign in through it, and land in what was imported. Nobody else does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.small_export import garden, write
from mm_pipeline_tests.mattermost_server.gitlab import GitLab
from mm_pipeline_tests.mattermost_server.running import RunningServer


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    gitlab = GitLab()
    yield gitlab
    gitlab.close()


def sign_in(server: RunningServer, gitlab: GitLab, **who: Any) -> tuple[requests.Session, "requests.Response"]:
    """Do what a browser does that clicks "GitLab" on the sign-in page; return it, and where it ended."""
    gitlab.signs_in = who
    browser = requests.Session()
    browser.trust_env = False
    return browser, browser.get(f"{server.url}/oauth/gitlab/login", timeout=30)


def me(server: RunningServer, browser: requests.Session) -> Any:
    """Return the account that the browser is signed in to; None where it is to none."""
    answer = browser.get(f"{server.url}/api/v4/users/me", timeout=30)
    return answer.json() if answer.status_code == 200 else None


def accounts(server: RunningServer) -> dict[str, str]:
    return {one["username"]: one["id"] for one in server.call("GET", "/users?per_page=200")}


@pytest.mark.parametrize("version", ["11.4", "9.9"])
def test_an_imported_person_signs_in_through_gitlab_and_is_who_they_were(
    version: str, tmp_path: Path, fresh_mattermost: FreshMattermost, gitlab: GitLab
) -> None:
    server = fresh_mattermost(version, gitlab.settings)
    table = tmp_path / "people.csv"
    table.write_text("slack_id,email,auth_data\nU0ADA,,4711\n,ben@people.example,4712\n")
    export = write(garden(), tmp_path / "export.zip")
    run = Pipeline(tmp_path / "state", export, server, MM_AUTH_SERVICE="gitlab", MM_AUTH_DATA=f"csv:{table}")
    try:
        ended = run.call("mm-pipeline", "export")
        assert ended.returncode == 0, ended.stderr
    finally:
        run.down()
    imported = accounts(server)

    # GitLab knows ada under another name, which the server takes over: the number alone says who she is.
    browser, _ = sign_in(server, gitlab, id=4711, username="ada.l", email="ada@people.example", name="Ada Lovelace")
    mine = me(server, browser)
    assert mine["id"] == imported["ada"]
    channels = browser.get(f"{server.url}/api/v4/users/me/channels", timeout=30).json()
    garden_id = next(one["id"] for one in channels if one["name"] == "garden")
    posts = browser.get(f"{server.url}/api/v4/channels/{garden_id}/posts?per_page=200", timeout=30).json()["posts"]
    assert sum(post["user_id"] == mine["id"] and post["type"] == "" for post in posts.values()) == 14
    browser, _ = sign_in(server, gitlab, id=4712, username="ben", email="ben@people.example", name="Ben")
    assert me(server, browser)["id"] == imported["ben"]
    assert set(accounts(server).values()) == set(imported.values())

    # The same name with another number is a stranger, and gets an account of his own.
    browser, _ = sign_in(server, gitlab, id=99, username="cleo", email="c@elsewhere.example", name="Cleo")
    stranger = me(server, browser)
    assert stranger["id"] not in imported.values()
    assert stranger["username"] != "cleo"
    # The same address with another number, of somebody with sign-in by GitLab and without: nobody gets in.
    for number, email in ((98, "ada@people.example"), (97, "cleo@people.example")):
        browser, ended_at = sign_in(server, gitlab, id=number, username="x", email=email, name="X")
        assert me(server, browser) is None
        assert "MMAUTHTOKEN" not in browser.cookies
        assert ended_at.status_code == 400
