"""Pipelines against servers that nobody has touched, and the exports that are at hand."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.migrated import ROOT, Pipeline

SAMPLE = ROOT / "examples" / "workspace"

StartPipeline = Callable[..., Pipeline]


def real_exports() -> list[Path]:
    """Real exports for tests: in MM_PIPELINE_TEST_EXPORTS, else in ../shared/data. They hold people's words: never committed."""
    folder = Path(os.environ.get("MM_PIPELINE_TEST_EXPORTS") or ROOT.parent / "shared" / "data")
    return sorted(folder.glob("*.zip"))


@pytest.fixture
def pipeline(tmp_path: Path, fresh_mattermost: FreshMattermost) -> Iterator[StartPipeline]:
    """Make a pipeline for an export into a new server of a version; further words are settings."""
    with ExitStack() as ends:

        def make(export: Path | None = SAMPLE, version: str = "11.4", **settings: str) -> Pipeline:
            made = Pipeline(tmp_path / "state of it", export, fresh_mattermost(version), **settings)
            ends.callback(made.down)
            return made

        yield make
