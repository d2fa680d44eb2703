"""A pilot, then everything: it ends as if all had been chosen at once. And two workspaces into one server, each into its team."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.end_to_end.conftest import SAMPLE, StartPipeline
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.outcome import EXPORT, run_with, statuses
from mm_pipeline_tests.end_to_end.small_export import message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

#: A few people since May, without their files: oyku wrote in channels of theirs, and is one of the others.
PILOT = {
    "MM_ONLY_PEOPLE": "rosa, @noah, amara@tidewater.example",
    "MM_SKIP_CHANNELS": "wages, harbour-market",
    "MM_SINCE": "2024-05-01",
    "MM_WITHOUT": "files,emoji,reactions",
}
_PEOPLE = "SELECT username, deleteat > 0 FROM users"
_POSTS = "SELECT count(*), min(p.createat) FROM posts p WHERE p.type = ''"


def _rows(server: RunningServer, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.database_url) as connection:
        return connection.execute(query.encode()).fetchall()


def test_a_pilot_and_then_everything_is_as_if_everything_had_been_chosen_at_once(pipeline: StartPipeline) -> None:
    run = pipeline()
    ended = run_with(run, EXPORT, **PILOT)
    assert ended.returncode == 0, ended.stderr[-3000:]
    counts = run.status()
    assert all(of_type["pending"] == of_type["failed"] == 0 for of_type in counts.values())
    assert "chosen to be left out: MM_SINCE=2024-05-01" in counts["message"]["reasons"]
    assert counts["attachment"]["success"] == counts["reaction"]["success"] == counts["custom_emoji"]["success"] == 0
    people = dict(_rows(run.server, _PEOPLE))
    assert (people["rosa"], people["oyku"], people["priya"]) == (False, True, True)
    assert "hana" not in people  # in nothing that goes: no account
    pilot_posts = _rows(run.server, _POSTS)[0][0]
    assert 20 < pilot_posts < counts["message"]["success"] + 60

    whole = run.export()
    assert whole.returncode == 0, whole.stderr[-3000:]
    assert not any("MM_" in reason for of_type in run.status().values() for reason in of_type["reasons"])
    found = check(SAMPLE, run.server.database_url, run.server.team, files=run.server.files)
    # What was told of files that were left out is told no more: such posts count as edited.
    assert [one for one in found if one.kind != "edited"] == []
    assert {one.sentence for one in found} <= {"It is marked as edited."}
    before = traces(run.server)
    assert run.export().returncode == 0
    assert traces(run.server) == before


@pytest.fixture
def two_teams(tmp_path: Path, mattermost_11_4: RunningServer) -> Iterator[Pipeline]:
    run = Pipeline(tmp_path / "state", None, mattermost_11_4)
    yield run
    run.down()


def test_two_workspaces_go_into_one_server_each_into_its_team_and_one_e_mail_is_one_account(
    two_teams: Pipeline, tmp_path: Path
) -> None:
    server = two_teams.server
    fern, moss = server.create_team(), server.create_team()
    shared = f"ada@{fern}.example"
    teams = {}
    for workspace, team, other in (("T0FERN", fern, "ben"), ("T0MOSS", moss, "cleo")):
        ids = [f"U{workspace}{n}" for n in (1, 2)]
        people = [person(ids[0], f"ada-{team}", profile={"email": shared}), person(ids[1], f"{other}-{team}")]
        people = [one | {"team_id": workspace} for one in people]
        talk = [message(n, f"{workspace} says {n}", ids[n % 2]) for n in range(6)]
        files = {
            "users.json": people,
            "channels.json": [{"id": f"C{workspace}", "name": "general", "is_general": True, "members": ids}],
            "general/2024-05-01.json": talk,
        }
        teams[workspace] = {"SLACK_EXPORT": str(write(files, tmp_path / f"{workspace}.zip")), "MM_TEAM": team}
        ended = run_with(two_teams, EXPORT, **teams[workspace])
        assert ended.returncode == 0, ended.stderr[-3000:]

    ada = server.call("GET", f"/users/email/{shared}")
    assert ada["username"] == f"ada-{fern}"  # the name that she had first
    assert {team["name"] for team in server.call("GET", f"/users/{ada['id']}/teams")} == {fern, moss}
    for workspace, team in (("T0FERN", fern), ("T0MOSS", moss)):
        channel = server.call("GET", f"/teams/name/{team}/channels/name/general")
        posts = server.call("GET", f"/channels/{channel['id']}/posts")["posts"].values()
        told = {post["message"]: post["user_id"] for post in posts if not post["type"]}
        assert told.keys() == {f"{workspace} says {n}" for n in range(6)}
        assert {told[f"{workspace} says {n}"] for n in (0, 2, 4)} == {ada["id"]}
    before = traces(server)
    for settings in teams.values():
        two_teams.environment |= settings
        counts = statuses(two_teams)
        assert sum(of_type["success"] for of_type in counts.values()) == 2 + 1 + 6
        assert two_teams.export().returncode == 0
    assert traces(server) == before
