"""Whole exports through the job into real servers, held against the raw export by the independent checker: by both transports alike."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.checker.findings import table
from mm_pipeline_tests.end_to_end.conftest import SAMPLE, StartPipeline, real_exports
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces

ROADS = [
    (export, version, workers)
    for export in [SAMPLE, *real_exports()]
    for version in ("11.4", "9.9")
    for workers in ("1", "4")
]
#: Through the plugin: the sample into both, real exports into the newer one.
PLUGIN_ROADS = [(SAMPLE, "11.4"), (SAMPLE, "9.9"), *((export, "11.4") for export in real_exports())]
#: The reasons for which something may be skipped (design, section 2), and of these the one for messages.
REASONS = (
    "the file's bytes are nowhere to be had",
    "the emoji's picture is nowhere to be had",
    "larger than the server takes",
    "hidden by Slack's plan limit",
    "deleted in Slack, and nothing hangs on it",
    "chosen to be left out",
    "its parent failed or was skipped",
)
DELETED = REASONS[4]
#: Rows of the two shared exports, counted by hand in their JSON: people, channels, messages, reactions, files.
ROWS = {
    "slack-export-2016-legacy": {"user": 71, "channel": 16, "message": 1382, "reaction": 199, "attachment": 67},
    # 18 people, and a bot that no list names but its messages do
    "slack-export-2022-modern": {"user": 19, "channel": 8, "message": 860, "reaction": 400, "attachment": 96},
}
#: Seconds that a second run may take on a quiet machine; tests run side by side, so more is let pass here.
SECOND_RUN_S = 180


def assert_the_report_counts_what_is_there(state: Path, status: dict[str, dict[str, Any]]) -> None:
    """Each message that the rows say arrived was seen on the server, in its channel and month; of the rest none was."""
    (file,) = state.glob("reports/*/report.json")
    report = json.loads(file.read_bytes())
    assert report["seen"], report["not_asked"]
    assert [one for one in report["months"] if one["there"] != one["success"]] == []
    assert sum(one["there"] for one in report["months"]) == status["message"]["success"]
    arrived = {name: counts["success"] for name, counts in status.items()}
    for name in ("user", "channel", "message", "attachment"):
        assert report["seen"]["objects"][name] == arrived[name], name


def assert_everything_is_there(run: Pipeline, export: Path, began_at_ms: int) -> None:
    """What no transport is excused from: each row's end, their counts, the checker's findings, the report's counts."""
    status = run.status()
    assert all(counts["failed"] == counts["pending"] == 0 for counts in status.values())
    for entity_type, counts in status.items():
        assert all(reason.startswith(REASONS) for reason in counts["reasons"]), (entity_type, counts["reasons"])
    assert all(reason.startswith(DELETED) for reason in status["message"]["reasons"])
    rows = {name: sum(n for state, n in counts.items() if state != "reasons") for name, counts in status.items()}
    assert rows.items() >= ROWS.get(export.stem, {}).items()
    found = check(
        export,
        run.server.database_url,
        run.server.team,
        files=run.server.files,
        since_ms=began_at_ms,
        keeps_replies=run.environment.get("MM_TRANSPORT") == "plugin",
    )
    assert not found, table(found, shown=40)
    assert_the_report_counts_what_is_there(Path(run.environment["MM_PIPELINE_STATE"]), status)


@pytest.mark.parametrize(("export", "version", "workers"), ROADS, ids=lambda value: getattr(value, "stem", value))
def test_everything_of_an_export_arrives_and_a_second_run_sends_nothing(
    pipeline: StartPipeline, export: Path, version: str, workers: str
) -> None:
    run = pipeline(export, version, EXPORT_WORKERS=workers)
    began_at_ms = int(time.time() * 1000)
    first = run.job()
    status = run.status()
    assert first.returncode == 0, (status, first.stderr[-3000:])
    assert_everything_is_there(run, export, began_at_ms)
    before = traces(run.server)
    began = time.monotonic()
    assert run.job().returncode == 0
    assert time.monotonic() - began < SECOND_RUN_S
    assert traces(run.server) == before
    assert run.status() == status


@pytest.mark.parametrize(("export", "version"), PLUGIN_ROADS, ids=lambda value: getattr(value, "stem", value))
def test_an_export_arrives_through_the_plugin_as_it_does_without_it(
    pipeline: StartPipeline, plugin_bundle: Path, export: Path, version: str
) -> None:
    run = pipeline(export, version, MM_TRANSPORT="plugin")
    installed = run.call("mm-pipeline", "plugin", "install", "--bundle", str(plugin_bundle))
    assert installed.returncode == 0, installed.stderr
    assert "may write" in installed.stdout
    began_at_ms = int(time.time() * 1000)
    first = run.export()
    status = run.status()
    assert first.returncode == 0, (status, first.stderr[-3000:])
    assert "came through the plugin" in first.stderr
    assert_everything_is_there(run, export, began_at_ms)
    before = traces(run.server)
    assert run.export().returncode == 0
    assert traces(run.server) == before
    assert run.status() == status
    removed = run.call("mm-pipeline", "plugin", "remove")
    assert (removed.returncode, removed.stdout) == (0, "The plugin is gone.\n")
