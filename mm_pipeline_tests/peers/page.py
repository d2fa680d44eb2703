"""docs/peers.md, read: its rows and the tests that they name. Runs none of them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "peers.md"
#: 1-104 are phenomena, W1-W20 wishes.
ROWS = [*(str(number) for number in range(1, 105)), *(f"W{number}" for number in range(1, 21))]
ANSWERS = ("yes", "partly", "no")
_TEST = re.compile(r"`(mm_pipeline_tests/[^`]+::[^`]+)`")


class Row(NamedTuple):
    """One row of the page."""

    number: str
    what: str
    answer: str
    why: str
    tests: list[str]


def rows() -> list[Row]:
    """Return the rows in the page's order."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| W?\d+ \|", line):
            number, what, answer, why, tests = (cell.strip() for cell in line.strip("|").split(" | "))
            found.append(Row(number, what, answer, why, _TEST.findall(tests)))
    return found


def counted() -> str:
    """Return the sentence that the page says of its answers."""
    answers = [row.answer for row in rows()]
    return ", ".join(f"{answers.count(answer)} {answer}" for answer in ANSWERS)
