"""What the report says in the terminal that a run was started in, where Dagster has a file in its place, and what in Dagster."""

from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import pytest

from mm_pipeline import lines
from mm_pipeline.assets.ends import report
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.emoji import EmojiDecision
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import WORKSPACE, add_row

REASON = " ".join(["the server said no to this one, and why it did so it said at length"] * 3)


def resources_of(database: str, folder: Path) -> dict[str, Any]:
    return {
        "mm": MMResource(),
        "postgres": PostgresResource(url=database, state=str(folder)),
        "slack": SlackResource(),
        "plan_choices": PlanResource(),
    }


@pytest.mark.parametrize(("columns", "is_whole"), [(80, False), (100, False), (None, True)])
def test_long_reasons_are_folded_at_the_columns_of_the_terminal_and_whole_in_a_file(
    columns: int | None,
    is_whole: bool,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_row(database, EntityType.CUSTOM_EMOJI, "leaf", status=Status.FAILED, error_message=REASON)
    monkeypatch.setattr(lines, "STARTED_IN", columns)
    assert not dg.materialize([report], resources=resources_of(database, tmp_path), raise_on_error=False).success
    said = capsys.readouterr().out.partition("The report: ")[0]
    assert (REASON in said) == is_whole
    assert " ".join(REASON.split()) in " ".join(said.replace("custom_emoji", "").split())
    assert is_whole or max(map(len, said.splitlines())) <= (columns or 0)


def test_behind_an_export_each_line_of_the_plan_says_what_became_of_it(database: str, tmp_path: Path) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    came = {"leaf": Status.SUCCESS, "moss": Status.FAILED}
    for name, status in came.items():
        key = add_row(
            database, EntityType.CUSTOM_EMOJI, name, status=status, error_message=None if name == "leaf" else "no"
        )
        decision = EmojiDecision(slack_id=name, key=key, name=name)
        store.decide(EntityType.CUSTOM_EMOJI, [(name, name, msgspec.json.encode(decision))])
    with dg.DagsterInstance.ephemeral() as instance:
        resources = resources_of(database, tmp_path)
        assert not dg.materialize([report], instance=instance, resources=resources, raise_on_error=False).success
        made = instance.get_latest_materialization_event(report.key)
    assert made
    assert made.asset_materialization
    lines = made.asset_materialization.metadata["plan"].value.records  # type: ignore[union-attr]
    assert {line.data["slack name"]: line.data["became"] for line in lines} == {"leaf": "made", "moss": "failed: no"}
