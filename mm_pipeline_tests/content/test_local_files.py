"""Bytes on this machine, in the export or among downloads: found by id, never by a path that somebody wrote there."""

import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mm_pipeline.content.local_files import LocalFiles
from mm_pipeline.content.sources import Sources, fetch_file
from mm_pipeline.content.store import ContentStore
from mm_pipeline.errors import RowFailed, RowSkipped, SkipReason

ENTRIES = {
    "users.json": b"[]",
    "__uploads/F0AAA/plan.txt": b"plan",
    "__uploads/F0BBB/первый файл.txt": b"first",
    "garden/attachments/F0CCC-photo.png": b"photo",
    "C0GARDEN/F0EEE-фото.png": b"dumped",
    "downloaded/F0FFF/a - b.txt": b"by hand",
    "__uploads/F0DDD/small.txt": b"1",
    "__uploads/F0DDD/large.txt": b"12345",
    "emojis/party-parrot.gif": b"GIF",
    "emojis/c++.png": b"PNG",
    "pictures/rose.webp": b"WEBP",
}

Make = Callable[[dict[str, bytes]], LocalFiles]


@pytest.fixture(params=["zip", "folder", "zip in a folder"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Return what makes an export of these entries."""

    def export(entries: dict[str, bytes]) -> LocalFiles:
        if request.param == "folder":
            for name, content in entries.items():
                file = tmp_path / "export" / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            return LocalFiles(tmp_path / "export")
        top = "Orchard export/" if request.param == "zip in a folder" else ""
        with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
            for name, content in entries.items():
                packed.writestr(top + name, content)
        return LocalFiles(tmp_path / "export.zip")

    return export


def content(export: LocalFiles, entry: str) -> bytes:
    return b"".join(export.chunks(entry))


def test_files_are_found_by_id(make: Make) -> None:
    export = make(ENTRIES)
    found = [content(export, export.upload(one)) for one in ("F0AAA", "F0BBB", "F0CCC", "F0EEE", "F0FFF")]
    assert found == [b"plan", b"first", b"photo", b"dumped", b"by hand"]
    assert export.upload("F0ZZZ") == ""
    export.close()


def test_of_several_the_promised_size_decides_then_the_name(make: Make) -> None:
    export = make(ENTRIES)
    assert content(export, export.upload("F0DDD", "small.txt", 5)) == b"12345"
    assert content(export, export.upload("F0DDD", "small.txt")) == b"1"


def test_emoji_are_found_by_name_and_by_the_file_that_the_list_names(make: Make) -> None:
    export = make(ENTRIES)
    assert content(export, export.emoji("c++")) == b"PNG"
    assert export.emoji("users") == ""
    assert content(export, export.entry("pictures/rose.webp")) == b"WEBP"
    assert export.entry("pictures/none.webp") == export.entry("") == ""


def test_names_beyond_ascii_are_found_however_they_are_written(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
        packed.writestr("emojis/@@@@@@.png", b"PNG")
    data = (tmp_path / "export.zip").read_bytes()
    (tmp_path / "export.zip").write_bytes(
        data.replace(b"@@@@@@", "мох".encode())
    )  # UTF-8 without the flag that says so
    packed_export = LocalFiles(tmp_path / "export.zip")
    assert content(packed_export, packed_export.emoji("мох")) == b"PNG"
    assert content(packed_export, packed_export.entry("emojis/мох.png")) == b"PNG"

    decomposed = unicodedata.normalize("NFD", "smörgås")
    (tmp_path / "folder" / "emojis").mkdir(parents=True)
    (tmp_path / "folder" / "emojis" / f"{decomposed}.gif").write_bytes(b"GIF")
    folder = LocalFiles(tmp_path / "folder")
    for name in ("smörgås", decomposed):
        assert content(folder, folder.emoji(name)) == content(folder, folder.entry(f"emojis/{name}.gif")) == b"GIF"


def test_hostile_names_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
        packed.writestr("__uploads/F0AAA/../../../secret", b"harmless")
        packed.writestr("/__uploads/F0BBB/abs", b"harmless too")
    export = LocalFiles(tmp_path / "export.zip")
    assert export.upload("../../secret") == ""
    assert export.entry("../secret") == ""
    assert content(export, export.upload("F0BBB")) == b"harmless too"


def test_an_export_that_cannot_be_opened_fails_every_row_again(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(b"no zip")
    export = LocalFiles(path)
    for _ in range(2):
        with pytest.raises(RowFailed, match=r"export\.zip"):
            export.upload("F0AAA")


@pytest.fixture
def sources(make: Make) -> Sources:
    return Sources(export=make(ENTRIES))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"id": "F0AAA", "mode": "hidden_by_limit"}, SkipReason.HIDDEN_BY_LIMIT),
        ({"id": "F0AAA", "mode": "tombstone"}, SkipReason.DELETED_IN_SLACK),
        ({"id": "F0AAA", "mode": "external", "size": 0}, SkipReason.NO_BYTES),
        ({"id": "F0AAA", "is_external": True}, SkipReason.NO_BYTES),
        ({"id": "F0ZZZ", "mode": "hosted", "size": 3}, SkipReason.NO_BYTES),
        ({"id": "F0AAA", "size": 101}, SkipReason.TOO_LARGE),
        ({"id": None, "size": "?", "mode": 7}, SkipReason.NO_BYTES),
        ({}, SkipReason.NO_BYTES),
    ],
)
def test_what_cannot_be_had_is_skipped_for_its_reason(
    sources: Sources, tmp_path: Path, raw: dict[str, object], reason: SkipReason
) -> None:
    with pytest.raises(RowSkipped) as skipped:
        fetch_file(raw, sources, ContentStore(tmp_path / "content"), 100)
    assert skipped.value.reason is reason


def test_bytes_of_the_export_are_checked_against_the_promised_size(sources: Sources, tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "content")
    stored = fetch_file({"id": "F0BBB", "name": "первый файл.txt", "size": 5}, sources, store, 100)
    assert store.path(stored.sha256).read_bytes() == b"first"
    with pytest.raises(RowFailed, match="5 were promised"):
        fetch_file({"id": "F0AAA", "size": 5}, sources, store, 100)


def test_what_the_export_lacks_or_has_damaged_is_taken_from_the_downloads(tmp_path: Path) -> None:
    export, downloads = tmp_path / "export", tmp_path / "downloads"
    for place, name, data in [
        (export, "__uploads/F0AAA/plan.txt", b"whole"),
        (export, "__uploads/F0BBB/plan.txt", b"brok"),
        (downloads, "F0AAA/plan.txt", b"older"),
        (downloads, "F0BBB/plan.txt", b"whole"),
        (downloads, "F0CCC/plan.txt", b"whole"),
        (downloads, "F0DDD/plan.txt", b"<html>sign in</html>"),
    ]:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    sources = Sources(export=LocalFiles(export), downloads=LocalFiles(downloads, "SLACK_FILES"))
    store = ContentStore(tmp_path / "content")
    for file_id in ("F0AAA", "F0BBB", "F0CCC"):
        stored = fetch_file({"id": file_id, "name": "plan.txt", "size": 5}, sources, store, 100)
        assert store.path(stored.sha256).read_bytes() == b"whole"
    with pytest.raises(RowFailed, match="20 bytes came from SLACK_FILES, 5 were promised"):
        fetch_file({"id": "F0DDD", "name": "plan.txt", "size": 5}, sources, store, 100)


def test_a_large_file_is_never_in_memory_whole(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("__uploads/F0AAA/zeros.bin", b"\0" * (64 << 20))
    sources, store = Sources(export=LocalFiles(tmp_path / "export.zip")), ContentStore(tmp_path / "content")
    tracemalloc.start()
    try:
        stored = fetch_file({"id": "F0AAA", "size": 64 << 20}, sources, store, 1 << 30)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stored.size == 64 << 20
    assert peak < 4 << 20


def test_what_the_export_at_hand_lacks_is_looked_for_in_the_others_of_the_inbox(tmp_path: Path) -> None:
    for name, file_id in (("newest", "F0AAA"), ("older", "F0BBB")):
        folder = tmp_path / name / "__uploads" / file_id
        folder.mkdir(parents=True)
        (folder / "plan.txt").write_bytes(name.encode())
    sources = Sources(export=LocalFiles(tmp_path / "newest"), further=[LocalFiles(tmp_path / "older")])
    store = ContentStore(tmp_path / "content")
    for name, file_id in (("newest", "F0AAA"), ("older", "F0BBB")):
        assert store.path(fetch_file({"id": file_id}, sources, store, 100).sha256).read_bytes() == name.encode()
