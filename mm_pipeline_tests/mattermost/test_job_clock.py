"""When the server looks for jobs next, told by when it last began one."""

import time
from typing import Any

import pytest

from mm_pipeline.mattermost.job_clock import JobClock

NOW = 1_700_000_000_000


class Answering:
    """A server that says what time it is, and when its newest import job began."""

    def __init__(self, *began: int) -> None:
        self.http = self
        self._began = began

    def get(self, path: str, params: dict[str, Any]) -> list[dict[str, int]]:
        assert (path, params["page"]) == ("/jobs/type/import_process", 0)
        return [{"start_at": NOW - ago if ago else 0} for ago in self._began][: params["per_page"]]

    def now(self) -> int:
        return NOW


@pytest.mark.parametrize(("ago_ms", "seconds"), [(1_000, 13), (14_500, -0.5), (47_000, 12), (66_000, 8)])
def test_the_next_look_is_a_multiple_of_fifteen_seconds_after_the_last_job_began(ago_ms: int, seconds: float) -> None:
    answering: Any = Answering(ago_ms)
    found = JobClock(answering).next_look()
    assert found is not None
    # At the earliest: the server's clock is told to the second.
    assert found - time.monotonic() == pytest.approx(seconds, abs=0.5)


@pytest.mark.parametrize("began", [[], [0], [3_600_000]])
def test_nothing_is_told_by_a_job_of_long_ago_or_none(began: list[int]) -> None:
    answering: Any = Answering(*began)
    assert JobClock(answering).next_look() is None


def test_a_job_that_was_withdrawn_before_it_began_hides_none_that_did() -> None:
    answering: Any = Answering(0, 0, 1_000)
    assert JobClock(answering).next_look() is not None
