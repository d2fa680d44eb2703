"""What a server said of itself is believed for a moment, and asked for anew after it."""

import time
from pathlib import Path

import pytest

from mm_pipeline.mattermost import remembered
from mm_pipeline.mattermost.remembered import Remembered
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline.resources import MMResource
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost_server.running import RunningServer


@pytest.mark.server
def test_the_steps_of_a_run_ask_the_server_once_in_a_while(
    mattermost: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    ask = Stock._ask_server
    monkeypatch.setattr(Stock, "_ask_server", lambda self: asked.append(time.monotonic()) or ask(self))
    mm = MMResource(url=mattermost.url, token=mattermost.token, team=mattermost.team)
    steps = [mm.connect(MemoryJournal(), tmp_path / "work").server() for _ in range(3)]
    assert steps[0] == steps[1] == steps[2]
    assert len(asked) == 1
    MMResource(url=mattermost.url, token=mattermost.token, team=mattermost.team).connect(
        MemoryJournal(), tmp_path / "work"
    ).server()
    assert len(asked) == 2


def test_after_a_while_it_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now, answers = [100.0], iter(("first", "second"))
    monkeypatch.setattr(remembered.time, "monotonic", lambda: now[0])
    one = Remembered()

    def said() -> str:
        return one.said(lambda: next(answers))  # type: ignore[arg-type,return-value]

    assert (said(), said()) == ("first", "first")
    now[0] += 21
    assert said() == "second"
