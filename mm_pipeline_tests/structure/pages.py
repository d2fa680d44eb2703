"""The documents as tests read them: pages, their links, their blocks, the commands in them. Runs nothing."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mm_pipeline_tests.structure.node_ids import ROOT

#: Pages that a person reads, in the order in which README lists them.
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
        *(ROOT / "benchmarks").glob("*.md"),
        *(ROOT / "examples").glob("*.md"),
        *(path for path in (ROOT / "docs").rglob("*.md") if "node_modules" not in path.parts),
    ]
)
_FENCE = re.compile(r"^( *)```([\w-]*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
#: In inline code a command may be named among other words; here it begins the code.
_COMMANDS = ("mm-pipeline", "dagster", "make")


class Block(NamedTuple):
    """A fenced block: its page, the language it names, its text without the indentation of its fence."""

    page: Path
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"{self.page.relative_to(ROOT)}: {self.text.strip().splitlines()[0] if self.text.strip() else ''}"


def text_of(page: Path) -> str:
    """Return a page's text."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in their order."""
    return [
        Block(page, language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
        for indent, language, text in _FENCE.findall(text_of(page))
    ]


def shell_blocks(page: Path) -> list[Block]:
    """Return the blocks that are commands: those that name no language (as all pages do), or sh."""
    return [block for block in blocks(page) if block.language in ("", "sh")]


def prose(page: Path) -> str:
    """Return a page's text without its blocks."""
    return _FENCE.sub("", text_of(page))


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    titles = re.findall(r"^#+ (.+)$", _FENCE.sub("", text_of(page)), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in plain}


def links(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead."""
    without_code = _CODE.sub("", prose(page))
    return [
        *re.findall(r"\]\(([^)\s]+)\)", without_code),
        *re.findall(r'(?:href|src|srcset)="([^"]+)"', without_code),
    ]


def command_lines(page: Path, program: str) -> Iterator[list[str]]:
    """Yield the words of each command of a program that a page tells to type, in blocks and in inline code."""
    lines = [line for block in shell_blocks(page) for line in block.text.replace("\\\n", " ").splitlines()]
    lines += [code for code in _CODE.findall(prose(page)) if code.split()[0] in _COMMANDS]
    for line in lines:
        for part in re.split(r"&&|\|(?!\|)|;|\$\(|\)", line):
            words = _words(part)
            in_a_container = words[:2] == ["docker", "compose"] and "exec" in words
            if program in words[:1] or (in_a_container and program in words):
                yield words[words.index(program) + 1 :]


def _words(line: str) -> list[str]:
    """A line's words as a shell sees them, without settings in front, redirections and comments."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a quote that was cut through by a pipe
        return []
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0], re.DOTALL):
        words = words[1:]
    redirected = [number for number, word in enumerate(words) if re.match(r"[0-9]?[<>]", word)]
    return words[: redirected[0]] if redirected else words
