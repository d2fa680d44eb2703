"""Two workspaces into one team, with conversations of one name and id: nobody comes into a private channel of the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, run_with
from mm_pipeline_tests.end_to_end.small_export import message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

PLAN = ("mm-pipeline", "plan")


@pytest.fixture
def run(tmp_path: Path, mattermost_with_plugin: RunningServer) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path / "state", None, mattermost_with_plugin, MM_TEAM=mattermost_with_plugin.create_team())
    yield made
    made.down()


def migrate(run: Pipeline, folder: Path, *commands: tuple[str, ...], **settings: str) -> dict[str, set[str]]:
    """Run each command for one workspace, then for the other. Returns the people of both.

    A folder that no index names is `folder:general` in Slack, in every workspace.
    """
    people, exports = {}, {}
    for workspace in ("FERN", "MOSS"):
        ids = [f"U{workspace}{n}" for n in (1, 2)]
        names = [f"{one.lower()}.{run.environment['MM_TEAM']}" for one in ids]
        talk = [message(n, f"{workspace} says {n}", ids[n % 2]) for n in range(6)]
        users = [person(*one, team_id=f"T0{workspace}") for one in zip(ids, names, strict=True)]
        files = {"users.json": users, "general/2024-05-01.json": talk}
        exports[workspace] = str(write(files, folder / f"{workspace}.zip"))
        people[workspace] = set(names)
    for command in commands:
        for workspace, export in exports.items():
            where = {"SLACK_EXPORT": export, "SLACK_WORKSPACE": f"T0{workspace}"}
            ended = run_with(run, command, **where, **settings)
            assert ended.returncode == 0, ended.stderr[-3000:]
    return people


def told(run: Pipeline, name: str) -> tuple[str, set[str], set[str]]:
    """Return the kind of a channel, who is in it, and the workspaces that speak there."""
    ask = run.server.call
    channel = ask("GET", f"/teams/name/{run.environment['MM_TEAM']}/channels/name/{name}")
    members = [one["user_id"] for one in ask("GET", f"/channels/{channel['id']}/members")]
    posts = ask("GET", f"/channels/{channel['id']}/posts")["posts"].values()
    return (
        channel["type"],
        {one["username"] for one in ask("POST", "/users/ids", members)},
        {post["message"].partition(" ")[0] for post in posts if not post["type"]},
    )


@pytest.mark.parametrize(
    ("transport", "commands"),
    [("plugin", [EXPORT]), ("stock", [PLAN, EXPORT])],
    ids=["plugin-one-after-the-other", "stock-both-planned-first"],
)
def test_folders_of_one_name_become_two_private_channels(
    run: Pipeline, tmp_path: Path, transport: str, commands: list[tuple[str, ...]]
) -> None:
    people = migrate(run, tmp_path, *commands, MM_TRANSPORT=transport)
    assert told(run, "general") == ("P", people["FERN"], {"FERN"})
    assert told(run, "general-2") == ("P", people["MOSS"], {"MOSS"})
