"""What is said of disks and of time: numbers that a person can act on."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mm_pipeline.finding import Level
from mm_pipeline.model import ToCome
from mm_pipeline.preflight import room
from mm_pipeline.preflight.duration import ALWAYS_S, PER_ACCOUNT_S, PER_POST_S, duration_line
from mm_pipeline.preflight.room import disk_lines
from mm_pipeline_tests.structure.node_ids import ROOT

GB = 10**9


class _Disk(NamedTuple):
    free: int


@pytest.mark.parametrize(
    ("free", "files", "here", "there"),
    [
        (100 * GB, 10**6, Level.OK, Level.OK),
        (100 * GB, 20 * GB, Level.OK, Level.WARNING),
        (20 * GB, 20 * GB, Level.WARNING, Level.WARNING),
        (10**8, 0, Level.STOP, Level.OK),
    ],
    ids=["plenty", "much for the server", "too little here", "none here"],
)
def test_disks_are_told_by_what_they_need(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, files: int, here: Level, there: Level
) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: _Disk(free))
    lines = disk_lines(tmp_path, 100 << 20, ToCome(messages=1000, file_bytes=files))
    assert [line.level for line in lines] == [here, there]
    assert "FileSettings.Directory" in lines[1].mend
    assert all(line.mend for line in lines if line.level is not Level.OK)


def test_the_time_rests_on_what_was_measured() -> None:
    told = json.loads((ROOT / "benchmarks" / "results" / "whole_run.json").read_text())
    figures: dict[str, Any] = {figure["name"]: figure["value"] for figure in told["figures"]}
    accounts, posts = (
        next(name for name in figures if name.startswith(f"step {step} (")) for step in ("user", "message")
    )
    rows = {name: int("".join(filter(str.isdigit, name))) for name in (accounts, posts)}
    assert pytest.approx(figures[accounts] / rows[accounts], rel=0.3) == PER_ACCOUNT_S
    assert pytest.approx(figures[posts] / rows[posts], rel=0.3) == PER_POST_S
    rest = figures["whole run, 100,000 messages"] - figures[accounts] - figures[posts]
    assert 0 < rest < ALWAYS_S * 2


def test_the_time_is_told_with_its_grounds() -> None:
    found = duration_line(ToCome(messages=100_000, reactions=35_000, file_bytes=2 * GB), 1000)
    assert found.sentence.startswith("About 3 min on a server of two cores: 1,000 new accounts, 100,000 messages")
    assert "2,000 MB of files" in found.sentence
    assert "rehearsal" in found.mend
    assert "a few seconds" in duration_line(ToCome(), 0).sentence
    assert " h on a server" in duration_line(ToCome(messages=20_000_000), 0).sentence
