"""Whole exports through the job into real servers, held against the raw export by the independent checker."""

from pathlib import Path

import pytest

from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.checker.findings import explained, read_causes, table
from mm_pipeline_tests.end_to_end.conftest import SAMPLE, StartPipeline, real_exports
from mm_pipeline_tests.end_to_end.migrated import traces

EXCEPTIONS = Path(__file__).parent / "exceptions"
#: The most that may differ, each with a cause in Slack's data or in a fact about the server.
MOST_EXCEPTIONS = 5
#: Each export into each version, both numbers of workers with each export.
ROADS = [
    (export, version, workers)
    for number, export in enumerate([SAMPLE, *real_exports()])
    for version, workers in (("11.4", "1" if number % 2 else "4"), ("9.9", "4" if number % 2 else "1"))
]


@pytest.mark.parametrize(("export", "version", "workers"), ROADS, ids=lambda value: getattr(value, "stem", value))
def test_everything_of_an_export_arrives_and_a_second_run_sends_nothing(
    pipeline: StartPipeline, export: Path, version: str, workers: str
) -> None:
    run = pipeline(export, version, EXPORT_WORKERS=workers)
    first = run.job()
    status = run.status()
    assert first.returncode == 0, (status, first.stderr[-3000:])
    assert run.total("failed") == run.total("pending") == 0
    known = EXCEPTIONS / f"{export.stem}.json"
    causes = read_causes(known) if known.exists() else []
    found = check(export, run.server.database_url, run.server.team, files=run.server.files)
    still_open, closed, _ = explained(found, causes)
    assert not still_open, table(still_open, shown=40)
    assert len(closed) <= MOST_EXCEPTIONS
    before = traces(run.server)
    assert run.job().returncode == 0
    assert traces(run.server) == before
    assert run.status() == status
