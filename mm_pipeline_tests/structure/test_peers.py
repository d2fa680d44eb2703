"""docs/peers.md: 124 rows, each with an answer, a reason and tests that exist; and what takes features out still fits."""

from mm_pipeline_tests.peers.__main__ import drawn
from mm_pipeline_tests.peers.mutation import declared
from mm_pipeline_tests.peers.page import ANSWERS, PAGE, ROOT, ROWS, counted, rows
from mm_pipeline_tests.structure.node_ids import fault_of


def test_every_row_is_there_once_in_order() -> None:
    assert [row.number for row in rows()] == ROWS
    assert len(ROWS) == 124


def test_every_answer_is_one_of_three_and_the_page_counts_them_right() -> None:
    assert {row.answer for row in rows()} <= set(ANSWERS)
    assert counted() in PAGE.read_text(encoding="utf-8")


def test_every_row_that_is_not_no_names_tests_that_exist() -> None:
    assert not [row.number for row in rows() if not row.tests and row.answer != "no"]
    assert not [fault for row in rows() for node_id in row.tests if (fault := fault_of(node_id))]


def test_what_is_not_yes_says_why() -> None:
    assert not [row.number for row in rows() if row.answer != "yes" and len(row.why) < 10]


def test_what_is_taken_out_stands_once_in_its_file() -> None:
    for mutation in declared().values():
        changed = mutation.applied((ROOT / mutation.file).read_text(encoding="utf-8"))
        assert mutation.old not in changed or mutation.old in mutation.new, mutation.row
        assert mutation.file.startswith("mm_pipeline/"), mutation.row


def test_a_feature_that_is_taken_out_is_missed_by_a_test_of_its_row() -> None:
    tests = {row.number: row.tests for row in rows()}
    assert not [mutation.row for mutation in declared().values() if mutation.test not in tests.get(mutation.row, ())]


def test_twenty_can_be_drawn_from_at_least_sixty() -> None:
    assert len(declared()) >= 60
    assert drawn(list(declared()), 7, 20) == drawn(list(reversed(declared())), 7, 20)
    assert len({tuple(drawn(list(declared()), seed, 20)) for seed in range(10)}) == 10
