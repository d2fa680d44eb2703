"""How quick it goes and how long it will take, as it is told while it runs."""

import pytest

from mm_pipeline.report.pace import Pace, duration


def test_the_rate_is_that_of_the_last_minute_and_a_half() -> None:
    pace = Pace()
    for at in range(0, 301, 10):
        pace.see(at, 5 * at if at < 150 else 750 + 20 * (at - 150))
    assert pace.per_second == pytest.approx(20)
    assert pace.left_s(400) == pytest.approx(20)


def test_between_two_leaps_it_does_not_fall_to_nothing() -> None:
    pace = Pace()
    for at in range(60):
        pace.see(at, 1000 * (at // 15))
    assert pace.per_second == pytest.approx(3000 / 59)


def test_where_nothing_was_seen_nothing_is_told() -> None:
    pace = Pace()
    assert pace.left_s(5) is None
    pace.see(1.0, 10)
    pace.see(2.0, 10)
    assert pace.left_s(5) is None


def test_rows_that_were_taken_back_begin_anew() -> None:
    pace = Pace()
    pace.see(0.0, 100)
    pace.see(10.0, 200)
    pace.see(20.0, 50)
    pace.see(30.0, 60)
    assert pace.per_second == 1.0


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_times_are_told_as_people_tell_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
