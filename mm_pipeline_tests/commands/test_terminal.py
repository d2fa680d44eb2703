"""Sentences in a terminal of 80 columns are wrapped between words; what programs read is not."""

import os

import pytest

from mm_pipeline.commands import terminal
from mm_pipeline.commands.terminal import say

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
