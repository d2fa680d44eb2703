"""Producers run at once; their errors come through; nobody hangs."""

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from mm_pipeline.side_by_side import dealt, side_by_side


def _count(first: int, last: int) -> Iterator[int]:
    yield from range(first, last)


def test_everything_that_is_produced_arrives_once() -> None:
    assert sorted(side_by_side([_count(0, 1000), _count(1000, 2000), _count(2000, 2001)])) == list(range(2001))


def test_an_error_of_one_producer_is_raised_and_stops_the_others() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    endless = (0 for _ in iter(int, 1))
    with pytest.raises(ValueError, match="broken"):
        list(side_by_side([broken(), endless]))
    assert not [thread for thread in threading.enumerate() if "produce" in thread.name]


def test_leaving_early_stops_the_producers() -> None:
    before = threading.active_count()
    stream = side_by_side([(0 for _ in iter(int, 1)), (1 for _ in iter(int, 1))])
    assert len(list(islice(stream, 10))) == 10
    stream.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_all_that_is_given_is_worked_at_once_and_by_several_hands() -> None:
    meet = threading.Barrier(3)

    def work(given: int) -> Iterator[tuple[int, str]]:
        if given < 3:
            meet.wait(30)  # nobody comes through alone
        yield given, "begun"
        yield given, "done"

    came = list(dealt(range(10), work, hands=3))
    assert sorted(came) == [(given, said) for given in range(10) for said in ("begun", "done")]
