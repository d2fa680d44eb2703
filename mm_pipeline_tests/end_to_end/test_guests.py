"""Slack's roles on a real server that says it has a licence for guests: guests in their channels alone, and an administrator."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.mattermost.preflight import ask_server
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.outcome import EXPORT, statuses
from mm_pipeline_tests.end_to_end.own_server import own_server
from mm_pipeline_tests.end_to_end.small_export import garden, message, person, write
from mm_pipeline_tests.mattermost.people_of import http_of
from mm_pipeline_tests.mattermost_server.licensed import Licensed
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS

LETS_GUESTS_IN = {"GuestAccountsSettings.Enable": True}


@pytest.fixture(scope="module")
def server(session_state: Path) -> Iterator[RunningServer]:
    with own_server(session_state, settings=LETS_GUESTS_IN, looks_for_jobs_every_ms=OFTEN_MS) as own:
        yield own.running


@pytest.fixture
def licensed(server: RunningServer) -> Iterator[Licensed]:
    licensed = Licensed(server.url)
    yield licensed
    licensed.close()


def export_with_guests() -> dict[str, Any]:
    """The garden with three guests: of two channels, of one, and of a conversation with ada alone."""
    files = garden()
    files["users.json"][0]["is_owner"] = True
    files["users.json"] += [
        person("U0WALT", "walt", is_restricted=True),
        person("U0LUCY", "lucy", is_restricted=True, is_ultra_restricted=True),
        person("U0YURI", "yuri", is_restricted=True),
    ]
    files["channels.json"][0]["members"] += ["U0WALT", "U0LUCY"]
    files["groups.json"] = [{"id": "G0SHED", "name": "shed", "creator": "U0ADA", "members": ["U0ADA", "U0WALT"]}]
    files["dms.json"] = [{"id": "D0PAIR", "members": ["U0ADA", "U0YURI"]}]
    files["garden/2024-05-02.json"] = [message(100, "from a guest", "U0WALT"), message(101, "and one more", "U0LUCY")]
    files["shed/2024-05-02.json"] = [message(102, "in the shed", "U0WALT")]
    files["D0PAIR/2024-05-02.json"] = [message(103, "just us", "U0YURI")]
    return files


def test_guests_are_guests_of_their_own_channels_alone(
    server: RunningServer, licensed: Licensed, tmp_path: Path
) -> None:
    export = write(export_with_guests(), tmp_path / "export.zip")
    run = Pipeline(tmp_path / "state", export, server, MM_URL=licensed.url, MM_KEEP_ADMINS="1")
    try:
        planned = run.call("mm-pipeline", "plan")
        assert planned.stdout.count("guest in Slack: becomes a guest with the same channels") == 3
        ended = run.call(*EXPORT)
        assert ended.returncode == 0, ended.stderr[-3000:]
        counts = statuses(run)
        assert {state: sum(of[state] for of in counts.values()) for state in ("pending", "failed", "skipped")} == {
            "pending": 0,
            "failed": 0,
            "skipped": 0,
        }
        before = traces(server)
        assert run.call(*EXPORT).returncode == 0
        assert traces(server) == before
    finally:
        run.down()
    team = server.call("GET", f"/teams/name/{server.team}")["id"]
    people = {name: server.call("GET", f"/users/username/{name}") for name in ("ada", "walt", "lucy", "yuri")}
    assert {name: one["roles"] for name, one in people.items()} == {
        "ada": "system_user system_admin",
        "walt": "system_guest",
        "lucy": "system_guest",
        "yuri": "system_user",
    }

    def channels(name: str) -> set[str]:
        found = server.call("GET", f"/users/{people[name]['id']}/teams/{team}/channels")
        return {one["name"] for one in found if one["team_id"]}

    assert channels("walt") == {"garden", "shed"}
    assert channels("lucy") == {"garden"}
    for name in ("walt", "lucy"):
        garden_id = server.call("GET", f"/teams/{team}/channels/name/garden")["id"]
        member = server.call("GET", f"/channels/{garden_id}/members/{people[name]['id']}")
        assert (member["scheme_guest"], member["scheme_user"]) == (True, False)
    # One without a channel is in no team, where he would see what he was kept from; his words are there.
    assert server.call("GET", f"/users/{people['yuri']['id']}/teams") == []
    direct = server.call("POST", "/channels/direct", [people["ada"]["id"], people["yuri"]["id"]])
    posts = server.call("GET", f"/channels/{direct['id']}/posts")["posts"].values()
    assert [(post["message"], post["user_id"]) for post in posts] == [("just us", people["yuri"]["id"])]


def test_a_licence_alone_lets_no_guests_in_nor_does_the_setting_alone(
    server: RunningServer, licensed: Licensed, mattermost_11_4: RunningServer
) -> None:
    def lets_guests_in(running: RunningServer, url: str) -> bool:
        return ask_server(Rest(http_of(url, running.token), running.team), url).guests

    assert lets_guests_in(server, licensed.url)
    assert not lets_guests_in(server, server.url)
    no_setting = Licensed(mattermost_11_4.url)
    assert not lets_guests_in(mattermost_11_4, no_setting.url)
    no_setting.close()
