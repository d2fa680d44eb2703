"""The list through its three doors: the command, the asset check, the job that is launched without exporting."""

import json
import secrets
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from mm_pipeline.assets.preflight_check import preflight_check
from mm_pipeline.automation import PREFLIGHT_JOB
from mm_pipeline.cli import main
from mm_pipeline.definitions import defs
from mm_pipeline_tests.end_to_end.migrated import traces
from mm_pipeline_tests.end_to_end.small_export import write
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.preflight.look import orchard

pytestmark = pytest.mark.server


@pytest.fixture
def settings(mattermost_11_4: RunningServer, database: str, tmp_path: Path) -> dict[str, str]:
    """What somebody exports into a shell."""
    return {
        "MM_URL": mattermost_11_4.url,
        "MM_TOKEN": mattermost_11_4.token,
        "MM_TEAM": mattermost_11_4.create_team(),
        "MM_PIPELINE_DATABASE": database,
        "MM_PIPELINE_STATE": str(tmp_path / "state"),
        "SLACK_EXPORT": str(write(orchard(secrets.token_hex(3)), tmp_path / "export.zip")),
    }


def typed(settings: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, ["preflight", *words], env=settings)


def test_the_command_prints_the_list_and_ends_with_1_where_something_stops(
    settings: dict[str, str], mattermost_11_4: RunningServer
) -> None:
    before = traces(mattermost_11_4)
    fits = typed(settings)
    assert fits.exit_code == 0, fits.output
    assert "\nok       server " in fits.stdout
    assert "\nwarning  e-mail " in fits.stdout
    assert fits.stdout.rstrip().splitlines()[-1].startswith("Nothing stands in the way. ")
    stopped = typed(settings | {"MM_TEAM": "nowhere"})
    assert stopped.exit_code == 1
    assert "\nstop     team " in stopped.stdout
    assert "What stands in the way: 1." in stopped.stdout
    assert traces(mattermost_11_4) == before
    assert settings["MM_TOKEN"] not in fits.output + stopped.output


def test_programs_get_the_list_as_json(settings: dict[str, str]) -> None:
    ended = typed(settings | {"MM_TOKEN": "m" * 26}, "--json")
    assert ended.exit_code == 1
    lines = json.loads(ended.stdout)
    assert all(one.keys() == {"level", "subject", "sentence", "mend"} for one in lines)
    assert [one["subject"] for one in lines if one["level"] == "stop"] == ["token"]


def test_a_state_folder_that_is_none_is_told_once_with_all_else_that_stops(
    settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    ended = typed(settings | {"MM_PIPELINE_STATE": str(tmp_path / "file"), "MM_MATCH": "telepathy"}, "--json")
    assert ended.exit_code == 1
    found = [one["sentence"] for one in json.loads(ended.stdout) if one["level"] == "stop"]
    assert [sum(words in one for one in found) for words in ("MM_PIPELINE_STATE=", "MM_MATCH=telepathy")] == [1, 1]


def launched(settings: dict[str, str]) -> dg.AssetCheckEvaluation:
    """The job as the launchpad starts it: with what somebody writes into its config."""
    config: dict[str, Any] = {
        "mm": {"url": settings["MM_URL"], "token": settings["MM_TOKEN"], "team": settings["MM_TEAM"]},
        "postgres": {"url": settings["MM_PIPELINE_DATABASE"], "state": settings["MM_PIPELINE_STATE"]},
        "slack": {"export": settings["SLACK_EXPORT"]},
    }
    run_config = {"resources": {name: {"config": values} for name, values in config.items()}}
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_job_def(PREFLIGHT_JOB)
        ended = job.execute_in_process(run_config=run_config, instance=instance)
    assert ended.success
    assert not ended.get_asset_materialization_events()
    (evaluation,) = ended.get_asset_check_evaluations()
    return evaluation


def test_the_job_shows_the_list_as_a_table_and_exports_nothing(
    settings: dict[str, str], mattermost_11_4: RunningServer
) -> None:
    before = traces(mattermost_11_4)
    fits = launched(settings)
    assert (fits.passed, fits.severity) == (False, dg.AssetCheckSeverity.WARN)  # somebody has no e-mail
    shown = fits.metadata["list"]
    assert isinstance(shown, dg.TableMetadataValue)
    assert [column.name for column in shown.schema.columns] == ["level", "subject", "found", "to do"]
    assert ("warning", "e-mail") in {(record.data["level"], record.data["subject"]) for record in shown.records}
    stopped = launched(settings | {"MM_TEAM": "nowhere"})
    assert (stopped.passed, stopped.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "no team named nowhere" in (stopped.description or "")
    assert traces(mattermost_11_4) == before


def test_the_check_hangs_on_slack_export_and_blocks_nothing() -> None:
    (spec,) = preflight_check.check_specs
    assert (spec.asset_key.to_user_string(), spec.name, spec.blocking) == ("slack_export", "preflight", False)
