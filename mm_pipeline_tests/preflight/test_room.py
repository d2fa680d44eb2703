"""What is said of disks and of time: numbers that a person can act on."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mm_pipeline.finding import Level
from mm_pipeline.model import ToCome
from mm_pipeline.plan.seats import Seats
from mm_pipeline.preflight import room
from mm_pipeline.preflight.duration import PLUGIN, STOCK, Rates, duration_line
from mm_pipeline.preflight.head_count import HeadCount
from mm_pipeline.preflight.room import disk_lines, team_lines
from mm_pipeline_tests.plan.rows import server
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


def test_what_nobody_could_count_is_not_told_as_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert disk_lines(tmp_path, 0, None) == []
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: _Disk(10**8))
    assert [line.level for line in disk_lines(tmp_path, 0, None)] == [Level.STOP]


def test_seats_are_told_as_sums() -> None:
    seats = Seats(new=12, activated=2, joining=1, passing=1)
    on_server, in_team, channels = team_lines(seats, 5, server(hard_user_limit=250, active_users=3, team_channels=2))
    assert on_server.sentence.startswith("3 active now + 12 new people + 2 activated = 17; the edition lets in 250.")
    assert in_team.sentence == (
        "1 in it now + 12 new people + 2 activated + 1 matched and not in it yet + 1 free while the deactivated join "
        "= 17; the team takes 1,000."
    )
    assert channels.sentence.startswith("2 in it now + 5 new = 7;")
    assert {line.level for line in (on_server, in_team, channels)} == {Level.OK}
    _, nobody_new, _ = team_lines(Seats(), 0, server())
    assert nobody_new.sentence == "1 in it now; the team takes 1,000."


def test_more_people_than_the_edition_lets_in_who_come_all_the_same_are_warned_of() -> None:
    over = team_lines(Seats(new=12), 0, server(hard_user_limit=10, active_users=3))[0]
    assert (over.level, over.subject) == (Level.WARNING, "user limit")
    assert over.mend


@pytest.mark.parametrize(
    ("benchmark", "whole", "rates"),
    [
        ("whole_run", "whole run, 100,000 messages", STOCK),
        ("plugin_run", "plugin, 100,000 messages", PLUGIN),
    ],
)
def test_the_time_rests_on_what_was_measured(benchmark: str, whole: str, rates: Rates) -> None:
    told = json.loads((ROOT / "benchmarks" / "results" / f"{benchmark}.json").read_text())
    figures: dict[str, Any] = {figure["name"]: figure["value"] for figure in told["figures"]}

    def step(name: str) -> tuple[int, Any]:
        return next(
            (int(rows.group(1).replace(",", "")), value)
            for figure, value in figures.items()
            if (rows := re.match(rf"step {name} \(([\d,]+) rows", figure))
        )

    (people, accounts_s), (posts, messages_s) = step("user"), step("message")
    reactions = next(value for name, value in figures.items() if name.startswith("reactions on the server"))
    assert pytest.approx(accounts_s / people, rel=0.3) == rates.account_s
    # Reactions ride in the lines of their messages, and the estimate counts them like posts.
    assert pytest.approx(messages_s / (posts + reactions), rel=0.3) == rates.post_s
    assert 0 < figures[whole] - accounts_s - messages_s < rates.always_s * 2


def test_the_time_is_told_with_its_grounds() -> None:
    count = HeadCount(new_active=900, new_deactivated=100, new_bots=7)
    found = duration_line(ToCome(messages=100_000, reactions=35_000, file_bytes=2 * GB), count, STOCK)
    assert found.sentence.startswith(
        "About 3 min on a server of two cores: 1,007 accounts to be made, 100,000 messages"
    )
    assert "2,000 MB of files" in found.sentence
    assert "rehearsal" in found.mend
    assert "a few seconds" in duration_line(ToCome(), HeadCount(), STOCK).sentence
    assert " h on a server" in duration_line(ToCome(messages=20_000_000), HeadCount(), STOCK).sentence
    assert duration_line(ToCome(messages=100_000, reactions=35_000), count, PLUGIN).sentence.startswith("About 1 min")
