"""The archive, taken by the server's own import job, leaves what the pipeline's own run leaves, but for what no line can say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline_tests.chaos.end_state import differences
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.conftest import StartPipeline, real_exports
from mm_pipeline_tests.end_to_end.content import content_of
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.mattermost_server.import_job import run_import
from mm_pipeline_tests.mattermost_server.running import RunningServer

Content = dict[str, list[tuple[Any, ...]]]
#: The same on both roads, to the last column.
ALIKE = ("posts", "files", "reactions", "threads", "followers", "notices")


#: Whoever joins a team by hand is in it, whoever is imported is not.
OFF_TOPIC = "off-topic"


@pytest.fixture
def bare(fresh_mattermost: FreshMattermost, request: pytest.FixtureRequest) -> RunningServer:
    return fresh_mattermost(request.getfixturevalue("version"))


@pytest.fixture
def writer(tmp_path: Path, bare: RunningServer, request: pytest.FixtureRequest) -> Iterator[Pipeline]:
    """A pipeline that knows the team's name, and no server."""
    made = Pipeline(tmp_path / "writer", request.getfixturevalue("export"), bare, MM_URL="", MM_TOKEN="")
    yield made
    made.down()


def without_what_no_line_says(content: Content, bots: set[str]) -> Content:
    """Leave out: time zones, whose bots are (here people), what was read, off-topic, the conversations that tell an owner of a bot."""
    accounts = [row[:9] for row in content["accounts"] if row[0] not in bots | {"system-bot"}]
    channels = [row for row in content["channels"] if not (row[0] == "D" and bots & set(row[1].split()))]
    archived = 5
    return {
        **{what: [row for row in content[what] if not bots & set(row[0].split())] for what in ALIKE},
        "accounts": accounts,
        "channels": [row[:archived] + row[archived + 1 :] for row in channels],
        "members": [
            row[:2] for row in content["members"] if not bots & {row[1], *row[0].split()} and row[0] != OFF_TOPIC
        ],
    }


@pytest.mark.parametrize("version", ["11.4", "9.9"])
@pytest.mark.parametrize("export", real_exports(), ids=lambda path: path.stem)
def test_the_servers_own_job_brings_what_the_pipeline_brings(
    pipeline: StartPipeline, bare: RunningServer, writer: Pipeline, tmp_path: Path, export: Path, version: str
) -> None:
    run = pipeline(export, version)
    assert run.export().returncode == 0
    written = writer.call(
        "mm-pipeline", "archive", "--output", str(tmp_path / "import.zip"), "--server-version", version
    )
    assert written.returncode == 0, written.stderr
    run_import(bare, (tmp_path / "import.zip").read_bytes(), within_s=600)
    whole, imported = content_of(run.server), content_of(bare)
    bots = {row[0] for row in whole["accounts"] if row[11]}
    assert bots <= {row[0] for row in imported["accounts"]}
    assert not differences(without_what_no_line_says(whole, bots), without_what_no_line_says(imported, bots))
    emoji = {one["name"] for one in bare.call("GET", "/emoji?per_page=200")}
    assert emoji == {name for name, _ in whole["emoji"]}
