"""docs/hostile-input.md, made from the table. Tries nothing: the test does."""

from collections.abc import Sequence
from pathlib import Path

from mm_pipeline_tests.hostile.case import Case, HostileClass

PAGE = Path(__file__).parents[2] / "docs" / "hostile-input.md"
_HEAD = """# Hostile input

{count} inputs in {classes} classes that are broken, or were made to break something, and what comes of each. Made by
`python -m mm_pipeline_tests.hostile --page` from the table in `mm_pipeline_tests/hostile/`;
`mm_pipeline_tests/hostile/test_hostile.py` tries every line, and holds that this page says what the table says.

- **refused**: the run stops before anything is sent, with this sentence, and nothing is staged.
- **failed**, **skipped**: its own row alone, for this reason. `mm-pipeline status` shows it, `mm-pipeline retry` tries again.
- **told**: it is left out or taken otherwise, with this warning; everything else goes on.
- **harmless**: it arrives as what it is. The last column says what arrives.

Never a traceback, never half a file, never a row or an account of somebody else. Sentences are cut where they go on.
`python -m mm_pipeline_tests.hostile --minutes 30` looks for further ones. The last time (2026-11-26, seed 3) it made 360 exports, 3,600
messages, 3,600 texts, 900 pictures, 3,600 addresses and 900 plan tables of the hostile kind: 0 uncaught.
"""
#: Characters that would be read as Markdown, or not be seen at all.
_MARKS = str.maketrans({"|": "\\|", "\n": "⏎", "\r": "␍", "\t": "␉", "\0": "␀", "`": "ˋ"})


def page(classes: Sequence[HostileClass]) -> str:
    """Return the page's text."""
    head = _HEAD.format(count=sum(len(one.cases) for one in classes), classes=len(classes))
    return "\n".join([head, *(_section(one) for one in classes)])


def _section(one: HostileClass) -> str:
    lines = [f"## {one.title}", "", one.where, "", "| Input | Ends | Sentence, or what arrives |", "|---|---|---|"]
    return "\n".join([*lines, *(_line(case) for case in one.cases), ""])


def _line(case: Case) -> str:
    return f"| {_cell(case.what)} | {case.fate.value} | `{_cell(case.says)}` |"


def _cell(text: str) -> str:
    return "".join(rune if rune.isprintable() else f"\\u{ord(rune):04x}" for rune in text.translate(_MARKS)).strip()
