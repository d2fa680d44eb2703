"""What is said beside an archive that is written: which channels are to be archived by hand when all is in."""

from pathlib import Path

import msgspec
import pytest

from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.migration import Migration
from mm_pipeline.plan.channels import BY_NAME, OURS
from mm_pipeline.plan.planner import decide, store_plan
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.end_to_end.small_export import garden, write

#: Slack's name -> the note of the decision that the plan's server has a channel for.
ARCHIVED = {"shed": "", "orchard": OURS, "pond": BY_NAME}


def test_a_channel_of_others_is_no_one_s_to_archive_and_one_of_ours_is_whatever_the_plan_calls_it(
    database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channels = [
        {"id": f"C0{name.upper()}", "name": name, "is_archived": True, "members": ["U0ADA"]} for name in ARCHIVED
    ]
    export = write(garden() | {"channels.json": channels}, tmp_path / "export.zip")
    migration = Migration(
        MMResource(team="crew"),
        PostgresResource(url=database, state=str(tmp_path / "state")),
        SlackResource(export=str(export)),
        PlanResource(),
    )
    migration.exports.stage(export)
    plan = decide(migration.store, FreshServer("crew"), migration.settings)
    noted = [
        msgspec.structs.replace(one, matched_id=one.name, note=ARCHIVED[one.name]) if ARCHIVED[one.name] else one
        for one in plan.channels
        if one.name in ARCHIVED
    ]
    store_plan(migration.store, msgspec.structs.replace(plan, channels=noted))
    migration.write_archive(tmp_path / "archive.zip", (11, 4))
    (said,) = (record.getMessage() for record in caplog.records if "mmctl" in record.getMessage())
    assert said.startswith("2 channels are archived in Slack and open in the file.")
    assert said.endswith("mmctl channel archive crew:orchard crew:shed")
