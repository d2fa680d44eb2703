"""The archive for a server that nobody reaches: written without one, with every conversation, and a word on what is left to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from mm_pipeline_tests.end_to_end.conftest import SAMPLE
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.mattermost_server.running import RunningServer

NOBODY = RunningServer(version="11.4", url="", token="", team="harbour", database_url="", files=Path())


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Pipeline]:
    run = Pipeline(tmp_path / "state", SAMPLE, NOBODY)
    yield run
    run.down()


def test_the_file_holds_every_conversation_and_names_those_to_be_archived(run: Pipeline, tmp_path: Path) -> None:
    file = tmp_path / "import.zip"
    ended = run.call("mm-pipeline", "archive", "--output", str(file))
    assert ended.returncode == 0, ended.stderr
    with ZipFile(file) as archive:
        lines = [json.loads(line) for line in archive.read("import.jsonl").splitlines()]
    names = {line["channel"]["name"] for line in lines if line["type"] == "channel"}
    direct = {tuple(sorted(line["direct_channel"]["members"])) for line in lines if line["type"] == "direct_channel"}
    assert {"general", "board", "cafe-corner", "cafe-corner-2", "website-v1", "slack-c06recipes0"} <= names
    assert ("j", "m", "oyku", "tomaszw") in direct
    left = ("moving-house-2023", "old-oven-", "summer-fair-2023", "website-v1")
    assert f"mmctl channel archive {' '.join(f'harbour:{name}' for name in left)}" in ended.stderr
    # What stays behind is told by its name in Slack: the row's number nobody knows.
    assert "custom_emoji old_van is not in the archive: the emoji's picture is nowhere to be had" in ended.stderr
    assert not re.search(r"\brow -?\d", ended.stderr)
    assert "run `mm-pipeline archive`" in ended.stderr
    assert "mm-pipeline retry" not in ended.stderr, "nothing was sent, so no row failed"
    # A file with a line for an archived channel could be imported once and never again.
    assert not any("deleted_at" in line["channel"] for line in lines if line["type"] == "channel")
