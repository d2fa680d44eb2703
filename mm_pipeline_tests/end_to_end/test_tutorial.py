"""docs/tutorial.md typed in, block by block, by somebody who changes nothing."""

import csv
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.migrated import BIN, ROOT, Pipeline
from mm_pipeline_tests.end_to_end.warm import run_warm
from mm_pipeline_tests.structure.pages import blocks


@pytest.fixture
def run(tmp_path: Path, fresh_mattermost: FreshMattermost) -> Iterator[Pipeline]:
    """What the blocks before the first one that is typed here set up: a server, a state folder, the sample."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    made = Pipeline(tmp_path / "state", ROOT / "examples" / "workspace", fresh_mattermost(), EXPORT_WORKERS="2")
    yield made
    made.down()


def typed_in(block: str, environment: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Type a block; a single command of ours needs no shell, and starts quicker without."""
    if re.fullmatch(r"mm-pipeline [\w .-]+\n", block):
        return run_warm(block.split(), environment, folder, 600)
    return subprocess.run(
        ["bash", "-euc", block],
        cwd=folder,
        env=environment | {"PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_every_block_does_what_the_page_says(run: Pipeline, tmp_path: Path) -> None:
    typed = [block.text for block in blocks(ROOT / "docs" / "tutorial.md") if block.language == "sh"]
    said = {}
    for block in typed:
        ended = typed_in(block, run.environment, tmp_path)
        assert ended.returncode == 0, (block, ended.stdout[-2000:], ended.stderr[-2000:])
        said[block] = ended.stdout
    with (tmp_path / "plan.csv").open(encoding="utf-8-sig", newline="") as file:
        plan = {row["slack name"]: row for row in csv.DictReader(file)}
    assert plan["TomaszW"]["mattermost name"] == "tomaszw"
    assert {plan[name]["mattermost name"] for name in ("café-corner", "cafe-corner")} == {
        "cafe-corner",
        "cafe-corner-2",
    }
    assert plan["レシピ"]["mattermost name"].startswith("slack-c")
    assert plan["old-oven-"]["action (create/match/skip)"] == "skip"
    channel = next(text for block, text in said.items() if "curl" in block)
    assert '"name":"bakehouse"' in channel
    status = run.status()
    assert all(counts["failed"] == counts["pending"] == 0 for counts in status.values())
    assert status["channel"]["skipped"] == 1
    assert sum(status["message"][state] for state in ("success", "skipped")) == 401
