"""Whether a test that a page names exists. Reads test modules as text; imports and runs none."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "mm_pipeline_tests" / "render" / "fixtures"
_NODE_ID = re.compile(r"(?P<path>[\w/.-]+\.py)::(?:(?P<cls>\w+)::)?(?P<function>\w+)(?:\[(?P<parameters>.+)\])?")
_OF_A_FIXTURE = "test_a_message_reads_as_it_did_in_slack"


def node_ids(text: str) -> list[str]:
    """Return the node ids of a page or a cell, in order."""
    return re.findall(r"`(mm_pipeline_tests/[^`]+::[^`]+)`", text)


def fault_of(node_id: str) -> str:
    """Return what is wrong with a node id, "" if its test exists."""
    parts = _NODE_ID.fullmatch(node_id)
    if not parts:
        return f"{node_id} is no node id"
    if not (ROOT / parts["path"]).is_file():
        return f"{node_id}: there is no such file"
    function = f"{parts['cls']}::{parts['function']}" if parts["cls"] else parts["function"]
    if function not in _tests_in(ROOT / parts["path"]):
        return f"{node_id}: its file has no such test"
    if parts["function"] == _OF_A_FIXTURE and not (FIXTURES / f"{parts['parameters']}.json").is_file():
        return f"{node_id}: there is no such fixture"
    return ""


@cache
def _tests_in(path: Path) -> frozenset[str]:
    """Return the names of a module's tests, those of classes behind the class's."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    classes = [("", module), *((f"{node.name}::", node) for node in module.body if isinstance(node, ast.ClassDef))]
    return frozenset(
        f"{prefix}{node.name}"
        for prefix, parent in classes
        for node in parent.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )
