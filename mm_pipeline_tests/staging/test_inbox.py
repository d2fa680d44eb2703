"""The folder that exports are put into: what is complete is taken, what is not is waited for, nothing in it is touched."""

import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.staging import is_staged, look_into


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The inbox."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return inbox


def put(path: Path, content: bytes, age_s: float = 60) -> Path:
    """Put a file there that was last written so long ago."""
    path.write_bytes(content)
    written_at = time.time() - age_s
    os.utime(path, (written_at, written_at))
    return path


def test_complete_exports_are_taken_oldest_first_and_everything_stays_where_it_is(folder, files, write):
    whole = write(files).read_bytes()
    put(folder / "new.zip", whole, age_s=100)
    put(folder / "OLD.ZIP", whole, age_s=200)
    for name in ("coming.zip.part", ".hidden.zip", "notes.txt"):
        put(folder / name, whole)
    (folder / "a folder").mkdir()
    before = sorted(path.name for path in folder.iterdir())
    inbox = look_into(folder)
    assert [one.path.name for one in inbox.exports] == ["OLD.ZIP", "new.zip"]
    assert inbox.said == ()
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_half_copied_zip_is_waited_for_and_taken_when_it_is_whole(folder, files, write):
    whole = write(files).read_bytes()
    path = put(folder / "export.zip", whole[: len(whole) // 2])
    inbox = look_into(folder)
    assert inbox.exports == ()
    assert "export.zip is no complete zip file yet" in inbox.said[0]
    assert "copy it again" in inbox.said[0]
    put(path, whole)
    assert [one.path for one in look_into(folder).exports] == [path]


def test_a_zip_that_was_just_written_to_is_waited_for(folder, files, write):
    put(folder / "export.zip", write(files).read_bytes(), age_s=0)
    assert look_into(folder).said == ("export.zip is still being written: waiting for its end.",)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("photos.zip", {"one.png": b"PNG"}, "users.json"),
        ("bomb.zip", {"users.json": b"[" + b" " * (70 << 20) + b"]"}, "zip bomb"),
    ],
)
def test_a_zip_that_is_no_export_is_a_sentence_and_stops_no_other(folder, files, write, name, content, words):
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in content.items():
            archive.writestr(entry, data)
    put(folder / name, (folder / name).read_bytes())
    put(folder / "export.zip", write(files).read_bytes())
    inbox = look_into(folder)
    assert [one.path.name for one in inbox.exports] == ["export.zip"]
    assert any(words in sentence for sentence in inbox.said)


def test_an_export_is_known_by_what_it_holds_and_not_by_its_name(folder, files, write, base):
    export = put(folder / "export.zip", write(files).read_bytes())
    (incoming,) = look_into(folder).exports
    assert not is_staged(incoming, base.connect)
    base.stage(export)
    shutil.copy(export, folder / "the same again.zip")
    put(folder / "the same again.zip", export.read_bytes(), age_s=30)
    assert [is_staged(one, base.connect) for one in look_into(folder).exports] == [True, True]


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(AbortRun, match=r"SLACK_INBOX=.*nowhere cannot be read \(No such file or directory\)"):
        look_into(tmp_path / "nowhere")
