"""docs/operations.md as tests read it: the commands under a heading, the sentences of its table. Runs nothing."""

import re

from mm_pipeline_tests.structure.node_ids import ROOT

PAGE = ROOT / "docs" / "operations.md"
_BLOCK = re.compile(r"^( *)```\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r'"([^"]+)"')


def commands(heading: str) -> list[str]:
    """Return the blocks of commands under a heading, in their order."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = (text for text in sections if text.startswith(f"{heading}\n"))
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in _BLOCK.findall(section)]


def sentences() -> list[str]:
    """Return what the table of "When it breaks" quotes; … stands for what differs from time to time."""
    rows = re.findall(r'^\| (".*?) \|', PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [sentence for cell in rows for sentence in _QUOTED.findall(cell)]
