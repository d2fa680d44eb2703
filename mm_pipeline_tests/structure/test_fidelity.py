"""docs/fidelity.md: every line is proved by a test that exists, and nothing that rendering knows is left out."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from mm_pipeline.render import attachments, blocks, files, inline, references, rich_text
from mm_pipeline.render.subtypes import SUBTYPES
from mm_pipeline_tests.structure.node_ids import ROOT, fault_of, node_ids

PAGE = ROOT / "docs" / "fidelity.md"
_FATE = re.compile(r"kept|said in the (text|plan|report)|left out: .{10,}|impossible: .{10,}|not yet")


class Line(NamedTuple):
    """One line of the table."""

    section: str
    slack: str
    fates: tuple[str, str]  #: on stock 9.9, on stock 11.4
    tests: list[str]


def lines() -> list[Line]:
    found, section = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| Slack |"):
            slack, old, new, tests = (cell.strip() for cell in line.strip("|").split(" | "))
            found.append(Line(section, slack, (old, new), node_ids(tests)))
    return found


LINES = lines()


def quoted(*sections: str) -> set[str]:
    """The words between backticks in the first column."""
    return {
        word
        for line in LINES
        if not sections or line.section in sections
        for word in re.findall(r"`([^`]+)`", line.slack)
    }


def literals(module: object, pattern: str) -> set[str]:
    """The string literals of a module that look like this."""
    return set(re.findall(rf'"({pattern})"', Path(module.__file__).read_text(encoding="utf-8")))  # type: ignore[attr-defined]


def test_every_line_says_what_becomes_of_it_on_either_server() -> None:
    assert len(LINES) > 200
    assert not [line for line in LINES for fate in line.fates if not _FATE.fullmatch(fate)]


def test_every_line_names_a_test_that_exists() -> None:
    assert not [fault for line in LINES for node_id in line.tests if (fault := fault_of(node_id))]
    assert not [line.slack for line in LINES if not line.tests and line.fates != ("not yet", "not yet")]


def test_every_subtype_stands_in_the_table_and_no_other() -> None:
    assert quoted("Subtypes") == set(SUBTYPES)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(set(blocks._BLOCKS), id="blocks"),
        pytest.param(set(inline._ELEMENTS), id="elements of rich_text"),
        pytest.param(literals(rich_text, r"rich_text_\w+"), id="parts of rich_text"),
        pytest.param(literals(attachments, r"is_\w+"), id="attachments"),
        pytest.param({*files._REASONS, *files._KINDS}, id="file modes"),
        pytest.param(set(references._BROADCASTS), id="broadcasts"),
    ],
)
def test_everything_that_rendering_knows_stands_in_the_table(known: set[str]) -> None:
    assert known
    assert not known - quoted()
