"""Killed twice while it withdraws the accounts' job, as somebody else signs up: the third run goes on, and strangers read nothing."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from mm_pipeline_tests.chaos.phases import Gate, Moment
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, run_with
from mm_pipeline_tests.end_to_end.small_export import Files, message, person, write
from mm_pipeline_tests.mattermost_server.held_jobs import hold, release
from mm_pipeline_tests.mattermost_server.proxy import Proxy
from mm_pipeline_tests.mattermost_server.running import RunningServer

#: Seconds that a machine with much else to do may take.
_PATIENCE_S = 120
_CANCEL = ("POST", "/api/v4/jobs/[a-z0-9]{26}/cancel")
_UNHEARD = Moment("it is cancelled, and nobody hears of it", *_CANCEL, says=b"OK")
_BEFORE = Moment("before it is cancelled", *_CANCEL)


def shed(team: str) -> Files:
    """Three people and their private channel."""
    people = [person(f"U0{name.upper()}", f"{name}-{team}") for name in ("ada", "ben", "cleo")]
    ids = [one["id"] for one in people]
    return {
        "users.json": people,
        "channels.json": [],
        "groups.json": [{"id": "G0SHED", "name": "shed", "creator": ids[0], "members": ids}],
        "shed/2024-05-01.json": [message(at, f"tool {at}", ids[at % 3]) for at in range(9)],
    }


class Road:
    """The way to a server whose import jobs are held back, and a migration that is killed on it."""

    def __init__(self, run: Pipeline, gate: Gate) -> None:
        self.run, self.gate, self.server = run, gate, run.server
        self.team = run.environment["MM_TEAM"]

    def jobs(self) -> list[str]:
        """Return the states of the import jobs of this migration, oldest first."""
        query = "SELECT status FROM jobs WHERE type = 'import_process' AND createat >= %s ORDER BY createat"
        with psycopg.connect(self.server.database_url) as connection:
            return [status for (status,) in connection.execute(query, [self.began])]

    def signed_up(self, name: str) -> dict[str, Any]:
        """Have somebody sign up under a planned name, with an address of their own."""
        name = f"{name}-{self.team}"
        wish = {"username": name, "email": f"another.{name}@people.example", "password": "Passw0rd-of-nobody!"}
        made: dict[str, Any] = self.server.call("POST", "/users", wish)
        return made

    def killed_at(self, moment: Moment, stranger: str) -> dict[str, Any]:
        """Run until the accounts' job waits, let somebody sign up, and kill the run at a moment. Returns whose account it is."""
        self.began = int(time.time() * 1000)
        self.gate.arm(moment, Random(0))
        run = subprocess.Popen(
            self.run.command(*EXPORT), env=self.run.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        wait_for(lambda: "pending" in self.jobs(), run)
        somebody = self.signed_up(stranger)
        wait_for(self.gate.reached, run)
        run.kill()
        run.communicate()
        return somebody


def wait_for(what: Callable[[], Any], run: "subprocess.Popen[bytes] | None" = None) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not what():
        assert run is None or run.poll() is None, run.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def road(tmp_path: Path, mattermost_11_4: RunningServer) -> Iterator[Road]:
    team = mattermost_11_4.create_team()
    gate = Gate(lambda request, ask: ask())
    proxy = Proxy(mattermost_11_4.url, gate)
    run = Pipeline(tmp_path / "state", write(shed(team), tmp_path / "export.zip"), mattermost_11_4, MM_TEAM=team)
    run.environment["MM_URL"] = proxy.url
    hold(mattermost_11_4.database_url)
    yield Road(run, gate)
    gate.leave()
    release(mattermost_11_4.database_url)
    run.down()
    proxy.close()


def test_a_run_that_was_killed_twice_while_it_withdrew_its_job_is_gone_on_with(road: Road) -> None:
    server = road.server
    ben = road.killed_at(_UNHEARD, "ben")
    assert road.jobs() == ["canceled"]
    road.gate.leave()

    cleo = road.killed_at(_BEFORE, "cleo")
    release(server.database_url)  # it begins, and nobody watches it
    wait_for(lambda: road.jobs() == ["success"])
    road.gate.leave()
    assert (
        server.call("GET", f"/users/{cleo['id']}")["email"] == f"cleo-{road.team}@people.example"
    )  # so it overwrote it

    last = run_with(road.run, EXPORT)
    assert last.returncode == 1
    assert "cancelled" not in last.stderr
    assert f"the name ben-{road.team} was taken by somebody else" in last.stdout
    assert f"somebody signed up as cleo-{road.team}" in last.stdout
    counts = road.run.status()
    assert (counts["user"]["success"], counts["user"]["failed"], counts["channel"]["success"]) == (1, 2, 1)
    assert road.run.total("pending") == 0

    assert server.call("GET", f"/users/{ben['id']}")["email"] == ben["email"]
    team_id = server.call("GET", f"/teams/name/{road.team}")["id"]
    shed = server.call("GET", f"/teams/{team_id}/channels/name/shed")
    inside = {one["user_id"] for one in server.call("GET", f"/channels/{shed['id']}/members")}
    ada = server.call("GET", f"/users/username/ada-{road.team}")
    assert ada["id"] in inside
    assert not {ben["id"], cleo["id"]} & inside
