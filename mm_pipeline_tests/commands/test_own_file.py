"""What commands write for people is theirs alone: names and addresses stand in it."""

import os
import stat
from pathlib import Path

import pytest

from mm_pipeline.commands.own_file import own_file
from mm_pipeline.errors import PipelineError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_and_one_that_was_there_are_their_owners_alone(tmp_path: Path) -> None:
    new, old = tmp_path / "new.csv", tmp_path / "old.csv"
    old.write_text("longer than what comes")
    old.chmod(0o644)
    before = os.umask(0)
    try:
        for path in (new, old):
            with own_file(path) as file:
                file.write("äda\r\n")
                assert mode(path) == 0o600, "before anything stands in it"
            assert path.read_bytes() == "äda\r\n".encode()
    finally:
        os.umask(before)


def test_where_it_cannot_be_written_one_sentence_says_why(tmp_path: Path) -> None:
    nowhere = own_file(tmp_path / "no" / "x")
    with pytest.raises(PipelineError, match=r"cannot be written: No such file or directory\."), nowhere:
        pass


def test_what_is_no_file_may_be_written_to_as_well() -> None:
    with own_file(Path("/dev/null")) as file:
        file.write("x")
    assert mode(Path("/dev/null")) & 0o006, "and keeps the rights that it has"
