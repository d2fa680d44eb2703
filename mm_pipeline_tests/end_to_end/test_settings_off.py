"""Servers as one meets them: what a migration would like to have switched on is off, or too small."""

import re
from pathlib import Path

import psycopg

from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.checker.findings import table
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.conftest import SAMPLE
from mm_pipeline_tests.end_to_end.migrated import Pipeline

OFF = {
    "ServiceSettings.EnablePostUsernameOverride": False,
    "ServiceSettings.EnablePostIconOverride": False,
    "ServiceSettings.EnableBotAccountCreation": False,
    "ServiceSettings.EnableAPIPostDeletion": False,
    "TeamSettings.EnableUserCreation": False,
}


def test_a_server_with_everything_off_gets_everything_and_has_its_settings_back(
    tmp_path: Path, fresh_mattermost: FreshMattermost
) -> None:
    server = fresh_mattermost("11.4", OFF)
    run = Pipeline(tmp_path / "state", SAMPLE, server)
    try:
        ready = run.call("mm-pipeline", "preflight")
        assert ready.returncode == 0
        assert re.search(
            r"EnablePostUsernameOverride is off: \d+ messages of bridges and webhooks say in", ready.stdout
        )
        ended = run.export()
        assert ended.returncode == 0, ended.stderr[-3000:]
        assert "EnablePostUsernameOverride is off" in ended.stderr
        with psycopg.connect(server.database_url) as connection:
            query = "SELECT count(*) FROM posts WHERE message LIKE '**Harbour Master%' OR message LIKE '**Fish Olga%'"
            assert connection.execute(query).fetchone() == (3,)
        found = check(SAMPLE, server.database_url, server.team, files=server.files)
        assert not found, table(found, shown=20)
        config = server.call("GET", "/config")
        for name, value in OFF.items():
            section, key = name.split(".")
            assert config[section][key] is value, name
    finally:
        run.down()


def test_a_team_that_takes_too_few_people_or_channels_stops_the_plan_and_says_how_many_it_must_take(
    tmp_path: Path, fresh_mattermost: FreshMattermost
) -> None:
    server = fresh_mattermost("11.4", {"TeamSettings.MaxUsersPerTeam": 5, "TeamSettings.MaxChannelsPerTeam": 10})
    run = Pipeline(tmp_path / "state", SAMPLE, server)
    try:
        ended = run.call("mm-pipeline", "export")
        assert ended.returncode == 1
        assert "Traceback" not in ended.stderr
        assert [user["username"] for user in server.call("GET", "/users") if not user.get("is_bot")] == ["sysadmin"]
        # The numbers that it names are enough; those of channels are the sample's, town-square and off-topic.
        enough = dict(re.findall(r"Set TeamSettings\.(Max\w+PerTeam) .*? to at least (\d+)", ended.stderr))
        assert enough.keys() == {"MaxUsersPerTeam", "MaxChannelsPerTeam"}
        wish = {name: int(number) for name, number in enough.items()}
        server.call("PUT", "/config/patch", {"TeamSettings": wish})
        assert run.export().returncode == 0
        assert run.total("failed") == run.total("pending") == 0
    finally:
        run.down()
