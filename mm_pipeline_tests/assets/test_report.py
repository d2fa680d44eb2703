"""What the report says in the terminal that a run was started in: Dagster has a file in its place while the step runs."""

from pathlib import Path

import dagster as dg
import pytest

from mm_pipeline import lines
from mm_pipeline.assets.ends import report
from mm_pipeline.model import EntityType, Status
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.rows import add_row

REASON = " ".join(["the server said no to this one, and why it did so it said at length"] * 3)


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
    resources = {
        "mm": MMResource(),
        "postgres": PostgresResource(url=database, state=str(tmp_path)),
        "slack": SlackResource(),
        "plan_choices": PlanResource(),
    }
    assert not dg.materialize([report], resources=resources, raise_on_error=False).success
    said = capsys.readouterr().out.partition("The report: ")[0]
    assert (REASON in said) == is_whole
    assert " ".join(REASON.split()) in " ".join(said.replace("custom_emoji", "").split())
    assert is_whole or max(map(len, said.splitlines())) <= (columns or 0)
