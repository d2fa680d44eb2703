"""Figures: bounds, files, the table in README."""

import json
from pathlib import Path

import figures
import pytest

README = """# Benchmarks

Before.

<!-- figures: written by run.py -->
old
<!-- end of figures -->

After.
"""


@pytest.mark.parametrize(
    ("one", "holds"),
    [
        (figures.at_least("a", 30_000, "rows/s", 30_000), True),
        (figures.at_least("a", 29_999, "rows/s", 30_000), False),
        (figures.at_most("a", 350, "MiB", 350), True),
        (figures.at_most("a", 350.1, "MiB", 350), False),
        (figures.figure("a", 1, "s"), None),
    ],
)
def test_a_figure_says_whether_its_bound_holds(one: figures.Figure, holds: bool | None) -> None:
    assert one.holds is holds


def test_a_missed_bound_is_seen_in_the_terminal() -> None:
    assert "MISSED" in figures.line(figures.at_most("whole run", 16, "s", 15))
    assert "MISSED" not in figures.line(figures.at_most("whole run", 14, "s", 15))


@pytest.mark.parametrize(
    ("value", "text"),
    [(137_545.0, "137,545"), (34_512.66, "34,513"), (12.34, "12.3"), (0.534, "0.53"), (-0.27, "-0.27")],
)
def test_figures_are_written_as_people_read_them(value: float, text: str) -> None:
    assert f" {text} s" in figures.line(figures.figure("a", value, "s"))


def test_the_table_shows_every_result_and_leaves_the_rest_of_the_page(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(README)
    results = tmp_path / "results"
    figures.save(
        "staging", "python benchmarks/run.py staging", [figures.at_least("rate", 31_000, "rows/s", 30_000)], results
    )
    figures.save("whole_run", "python benchmarks/run.py whole_run", [figures.at_most("again", 16, "s", 15)], results)
    for _ in range(2):  # written twice, it stands there once
        figures.write_table(results, readme)
    text = readme.read_text()
    assert text.startswith("# Benchmarks\n\nBefore.\n")
    assert text.endswith("<!-- end of figures -->\n\nAfter.\n")
    assert "\nold\n" not in text
    assert text.count("| rate | 31,000 rows/s | ≥ 30,000 | holds |") == 1
    assert text.count("| again | 16 s | ≤ 15 | **missed** |") == 1
    assert "`python benchmarks/run.py whole_run`" in text


def test_a_result_names_date_command_cores_and_memory_of_the_machine_and_nothing_else_of_it(tmp_path: Path) -> None:
    figures.save("staging", "the command", [figures.figure("rows", 5, "rows")], tmp_path)
    result = json.loads((tmp_path / "staging.json").read_text())
    assert set(result) == {"benchmark", "date", "command", "machine", "figures"}
    assert set(result["machine"]) == {"cores", "memory_gib"}


def test_the_page_of_the_project_has_the_place_for_the_table() -> None:
    assert figures._TABLE.search(figures.README.read_text())
