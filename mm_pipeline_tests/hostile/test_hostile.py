"""Whatever the input, what comes of it is what the table says: a sentence or nothing worse, and never somebody else's row."""

from collections import Counter
from collections.abc import Callable

import pytest

from mm_pipeline_tests.hostile.case import Case, Desk
from mm_pipeline_tests.hostile.page import PAGE, page
from mm_pipeline_tests.hostile.table import CLASSES

CASES = [pytest.param(case, id=f"{one.title}: {case.what}") for one in CLASSES for case in one.cases]


@pytest.mark.parametrize("case", CASES)
def test_what_comes_of_it_is_what_the_table_says(case: Case, desk: Desk, neighbours: Callable[[], str]) -> None:
    before = neighbours()

    ended = case.run(desk)

    assert neighbours() == before
    assert ended.fate is case.fate, ended.said
    assert [sentence[: len(case.says)] for sentence in ended.said] == [case.says], ended.said
    assert not any(word in sentence for sentence in ended.said for word in ("Traceback", "Error:", "Exception"))


def test_there_are_two_hundred_in_at_least_twelve_classes_of_at_most_twenty() -> None:
    sizes = Counter({one.title: len(one.cases) for one in CLASSES})
    assert sizes.total() >= 200
    assert len(sizes) == len(CLASSES) >= 12
    assert max(sizes.values()) <= 20


def test_every_line_says_something_of_its_own() -> None:
    named = Counter((one.title, case.what) for one in CLASSES for case in one.cases)
    assert max(named.values()) == 1
    assert not [case.what for one in CLASSES for case in one.cases if not case.says]


def test_the_page_is_made_from_the_table() -> None:
    made = page(CLASSES)
    assert PAGE.read_text(encoding="utf-8") == made, "run python -m mm_pipeline_tests.hostile --page"
