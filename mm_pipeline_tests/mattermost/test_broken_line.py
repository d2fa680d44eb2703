"""An upload that breaks off is taken up again, unless what cut it off is no accident."""

import pytest

from mm_pipeline.errors import AbortRun, Paused, PipelineError
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost import broken_line as module
from mm_pipeline.mattermost.broken_line import BrokenLine


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waits.append)
    return waits


def a_line() -> BrokenLine:
    return BrokenLine(lambda refused: refused.error_id == "busy")


@pytest.mark.parametrize("cut", [Paused("people want it to rest"), ApiError("too large", status=413, error_id="large")])
def test_a_pause_and_a_refusal_are_no_accidents(cut: AbortRun | ApiError, waits: list[float]) -> None:
    with pytest.raises(type(cut), match=str(cut)):
        a_line().bear(cut)
    assert waits == []


@pytest.mark.parametrize("cut", [AbortRun("the connection broke"), ApiError("busy", status=400, error_id="busy")])
def test_the_same_part_breaks_off_so_often_and_no_more(cut: AbortRun | ApiError, waits: list[float]) -> None:
    line = a_line()
    for _ in range(5):
        line.bear(cut)
    with pytest.raises(AbortRun, match="breaks off time after time"):
        line.bear(cut)
    assert waits == [1, 2, 3, 4, 5]


def test_an_upload_that_gets_on_bears_any_number_of_breaks(waits: list[float]) -> None:
    line = a_line()
    for part in range(1, 50):
        line.bear(AbortRun("the connection broke"))
        line.reached(part)
    assert waits == [1] * 49


def test_an_upload_that_gets_as_far_as_before_and_no_farther_ends() -> None:
    line = a_line()

    def circle() -> None:
        for offset in [8, 0] * 9:
            line.bear(AbortRun("the connection broke"))
            line.reached(offset)

    with pytest.raises(PipelineError, match="time after time"):
        circle()
