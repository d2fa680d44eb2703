"""docs/operations.md: what it quotes is really said, what stops a run is quoted, what it tells to type exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mm_pipeline.cli import main
from mm_pipeline.definitions import SETTINGS
from mm_pipeline_tests.structure.node_ids import ROOT
from mm_pipeline_tests.structure.operations_page import PAGE, sentences

CODE = ROOT / "mm_pipeline"
#: These speak before anything is sent, in `preflight`, `plan` or at once, and name the setting or the file that is wrong.
BEFORE_THE_NIGHT = (
    "cli.py",
    "commands",
    "migration.py",
    "preflight",
    "resources.py",
    "plan",
    "staging",
    "mattermost/preflight.py",
    "mattermost/rest.py",
    "mattermost/server_plugin.py",
)


def said(node: ast.AST) -> str:
    """A string as it stands in the code; … for each value in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(said(part) or "…" for part in node.values)
    return ""


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path.relative_to(CODE).as_posix(), node


def stops() -> list[str]:
    """The sentences with which a run stops after it has begun, where they are written out."""
    calls = [
        (path, node)
        for path, node in nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "AbortRun" and node.args
    ]
    return [
        sentence
        for path, call in calls
        if not path.startswith(BEFORE_THE_NIGHT) and (sentence := said(call.args[0])).strip("…: ")
    ]


def test_each_sentence_that_the_page_quotes_is_said_somewhere() -> None:
    texts = {text for _, node in nodes() if (text := said(node))}
    assert len(sentences()) > 30
    assert [quoted for quoted in sentences() if not any(quoted in text for text in texts)] == []


def test_each_sentence_that_stops_a_run_is_on_the_page() -> None:
    quoted = sentences()
    assert len(stops()) > 25
    assert [sentence for sentence in stops() if not any(part in sentence for part in quoted)] == []


def test_what_the_page_tells_to_type_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    makefile = Path(ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"mm-pipeline (?:--verbose )?([a-z]+)", page)) <= main.commands.keys()
    assert set(re.findall(r"make ([a-z-]+)", page)) - {"room"} <= targets
    named = set(re.findall(r"\b((?:MM|SLACK|EXPORT)_[A-Z_]+)\b", page))
    assert named - {"MM_CONFIG", "MM_FEATUREFLAGS_ENABLEMATTERMOSTENTRY"} <= SETTINGS.keys()  # the server's own
