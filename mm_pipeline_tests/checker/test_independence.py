"""The checker must not share a line with what it checks. Runs nothing of it."""

import ast
from pathlib import Path

import pytest

SOURCES = sorted(Path(__file__).parent.glob("*.py"))


def imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_checker_imports_nothing_of_what_it_checks(source: Path) -> None:
    assert "mm_pipeline" not in imported(source)
    assert "importlib" not in imported(source)
    assert "" not in imported(source), "a relative import hides where it leads"
