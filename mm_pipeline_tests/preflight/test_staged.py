"""Which exports the rows are of: named with the time, and what is newer than the one that is named now is said to go, too."""

from pathlib import Path

from mm_pipeline.finding import Level
from mm_pipeline.preflight.staged import staged_lines

NOON = 1_790_000_000_000


def test_the_newest_are_named_and_the_others_counted() -> None:
    (line,) = staged_lines(None, [(f"night-{n}.zip", NOON + n * 86_400_000) for n in range(5)])
    assert line.sentence.startswith("night-4.zip (2026-")
    assert line.sentence.endswith(" and 2 more.")


def test_an_older_export_that_is_named_again_takes_nothing_of_a_newer_one_back_and_what_to_do_is_said() -> None:
    staged = [("garden.zip", NOON), ("newer.zip", NOON + 60_000)]
    assert len(staged_lines(Path("newer.zip"), staged)) == 1
    _, line = staged_lines(Path("exports/garden.zip"), staged)
    assert line.level is Level.WARNING
    assert line.sentence == "newer.zip was staged after garden.zip: what it brought goes, too."
    assert "MM_UNTIL" in line.mend
    assert "`mm-pipeline stage --take-back`" in line.mend


def test_what_an_earlier_version_staged_has_no_name() -> None:
    (line,) = staged_lines(Path("garden.zip"), [("an earlier export", 0)])
    assert line.sentence == "an earlier export."
    assert staged_lines(None, []) == []
