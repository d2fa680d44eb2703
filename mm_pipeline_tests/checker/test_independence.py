"""The checker must not share a line with what it checks. Runs nothing of it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCES = sorted(HERE.glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_checker_imports_nothing_of_what_it_checks(source: Path) -> None:
    for node in ast.walk(ast.parse(source.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not any(name.partition(".")[0] in {"mm_pipeline", "importlib", ""} for name in names)


def test_nothing_of_what_it_checks_is_loaded_on_the_way() -> None:
    loads = (
        "import sys, mm_pipeline_tests.checker.__main__;"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] == 'mm_pipeline'))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", loads], cwd=HERE.parent.parent, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
