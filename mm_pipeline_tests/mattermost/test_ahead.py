"""The next archive is made while one is in use: one, not more, and nothing is left when the run ends early."""

import threading
from collections.abc import Iterator

import pytest

from mm_pipeline.mattermost.ahead import one_ahead


def test_everything_comes_in_order() -> None:
    assert list(one_ahead(iter(range(50)), lambda item: None)) == list(range(50))


def test_the_next_is_made_while_the_last_is_in_use_but_not_the_one_after_the_next() -> None:
    made: list[int] = []
    third = threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == 2:
                third.set()
            yield number

    stream = one_ahead(items(), lambda item: None)
    assert next(stream) == 0
    assert third.wait(5)  # 1 waits in the queue, 2 is made and waits for its place
    assert made == [0, 1, 2]
    stream.close()


def test_an_error_is_raised_after_what_came_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the server went away")

    stream = one_ahead(items(), lambda item: None)
    assert next(stream) == 1
    with pytest.raises(ValueError, match="went away"):
        next(stream)


def test_what_was_made_and_is_not_wanted_any_more_is_discarded() -> None:
    discarded: list[int] = []
    stream = one_ahead(iter(range(10)), discarded.append)
    assert next(stream) == 0
    stream.close()
    assert discarded
    assert 0 not in discarded
