"""How quick it goes and how long it will take, as it is told while it runs."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from mm_pipeline.report.pace import Pace, duration


def seen(until: int, done: Callable[[int], int], began: float | None = 0.0) -> Pace:
    """Look once a second until a time, as the terminal does."""
    pace = Pace()
    for at in range(until + 1):
        pace.see(at, done(at), began)
    return pace


def by_jobs(at: int) -> int:
    """Three jobs of a minute each: their rows are settled within five seconds when each has ended."""
    jobs, rest = divmod(at, 60)
    return 5000 * jobs - (4 - rest) * 1000 if jobs and rest < 5 else 5000 * jobs


def test_the_rate_is_that_of_the_last_five_minutes() -> None:
    pace = seen(1200, lambda at: 5 * at if at < 600 else 3000 + 20 * (at - 600))
    assert pace.per_second == pytest.approx(20, rel=0.01)
    assert pace.left_s(1200, 400) == pytest.approx(20, abs=15)


def test_while_a_job_waits_and_runs_time_left_counts_down_and_never_runs_backwards() -> None:
    pace, total = Pace(), 20_000
    told: list[tuple[int, float]] = []
    for at in range(240):
        pace.see(at, by_jobs(at), 0.0)
        if (left_s := pace.left_s(at, total - by_jobs(at))) is not None:
            told.append((at, left_s))
    assert told[0][0] >= 60  # before the first job has ended nothing tells
    # Each second a second less; where a job ends it is corrected by no more than it was wrong, never by minutes.
    steps = [later - earlier for (_, earlier), (_, later) in pairwise(told)]
    assert max(steps) < 15
    assert all(abs(at + left_s - 240) < 25 for at, left_s in told)


def test_between_two_leaps_the_rate_stays_what_it_was() -> None:
    rates = {round(seen(at, by_jobs).per_second, 1) for at in range(70, 120, 10)}
    assert rates == {round(5000 / 64, 1)}


def test_where_nothing_was_seen_nothing_is_told() -> None:
    pace = Pace()
    assert (pace.per_second, pace.left_s(0.0, 5)) == (0.0, None)
    assert seen(60, lambda _: 10).left_s(60, 5) is None
    assert seen(60, lambda at: 10 * at, began=None).per_second == 0.0  # done by the steps before


def test_what_came_before_the_work_began_does_not_count() -> None:
    pace = Pace()
    for at in range(200):
        pace.see(at, max(0, at - 100) * 7, 100.0 if at >= 100 else None)
    assert pace.per_second == pytest.approx(7, rel=0.01)


def test_rows_that_were_taken_back_begin_anew() -> None:
    pace = seen(100, lambda at: 10 * at)
    for at in range(101, 200):
        pace.see(at, at - 100, 0.0)
    assert pace.per_second == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_times_are_told_as_people_tell_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
