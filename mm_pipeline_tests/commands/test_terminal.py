"""Sentences in a terminal of 80 columns are wrapped between words; what programs read is not."""

import ast
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_pipeline.cli import _StandardError
from mm_pipeline.commands import terminal
from mm_pipeline.commands.terminal import say

COMMANDS = sorted((Path(terminal.__file__).parent).glob("*.py"))
SENTENCE = (
    "Nothing was sent yet, and whoever reads this has never seen it before, so that every word of it must be readable."
)
TABLE = "message        400        0       0        0        0        0        0        0        0        0        0        0        0"


@pytest.mark.parametrize("is_read", [True, False])
def test_sentences_are_wrapped_between_words_and_tables_and_files_are_not(
    is_read: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal.shutil, "get_terminal_size", lambda: os.terminal_size((80, 24)))
    monkeypatch.setattr(terminal.sys.stdout, "isatty", lambda: is_read)
    say(f"{SENTENCE}\n\n{TABLE}")
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines[:-2]) == SENTENCE
    assert (len(lines[0]) <= 80) == is_read
    assert lines[-2:] == ["", TABLE]


def test_a_line_of_the_log_is_wrapped_where_somebody_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.makeLogRecord({"msg": SENTENCE})
    monkeypatch.setattr(terminal.shutil, "get_terminal_size", lambda: os.terminal_size((80, 24)))
    for is_read in (True, False):
        monkeypatch.setattr(terminal.sys.stderr, "isatty", lambda is_read=is_read: is_read)
        lines = _StandardError().format(record).splitlines()
        assert " ".join(lines) == SENTENCE
        assert (max(map(len, lines)) <= 80) == is_read


def echoed(file: Path) -> Iterator[str]:
    """Yield what a command writes as it is: the words of it that stand in the code."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "click.echo":
            words = (one for argument in node.args for one in ast.walk(argument))
            yield "".join(
                str(one.value) for one in words if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


@pytest.mark.parametrize("file", [one for one in COMMANDS if one.name != "terminal.py"], ids=lambda one: one.stem)
def test_no_command_writes_a_sentence_that_a_terminal_would_break_within_a_word(file: Path) -> None:
    assert [words for words in echoed(file) if words.rstrip().endswith((".", "?"))] == []
