"""The directory of a zip in columns: every entry as zipfile read it, in little memory, opened once."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from mm_pipeline.content.zip_directory import ZipDirectory, zip_directory


def _zip(path: Path, names: list[str], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as packed:
        for number, name in enumerate(names):
            packed.writestr(
                zipfile.ZipInfo(name, (2020, 1 + number // 28 % 12, 1 + number % 28, 0, 0, 0)),
                name * number,
            )
    return path


@pytest.mark.parametrize(
    "names",
    [[], ["users.json"], ["a/1.json", "käfer/2.json", "a/1.json", "folder/", "c/3.json"], [str(n) for n in range(300)]],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_entry_is_what_zipfile_reads(tmp_path: Path, names: list[str]) -> None:
    path = _zip(tmp_path / "export.zip", names)
    with zipfile.ZipFile(path) as packed:
        wanted = [{slot: getattr(entry, slot, None) for slot in entry.__slots__} for entry in packed.infolist()]
    directory = ZipDirectory(path)
    assert [{slot: getattr(entry, slot, None) for slot in entry.__slots__} for entry in directory] == wanted
    assert [directory.open(entry).read().decode() for entry in directory] == [n * i for i, n in enumerate(names)]


def test_a_day_file_costs_a_third_of_what_zipfile_keeps(tmp_path: Path) -> None:
    path = _zip(tmp_path / "export.zip", [f"channel-{n % 100}/2020-01-01-{n}.json" for n in range(5000)])
    tracemalloc.start()
    try:
        with zipfile.ZipFile(path):
            whole = tracemalloc.get_traced_memory()[0]
        before = tracemalloc.get_traced_memory()[0]
        directory = ZipDirectory(path)
        packed = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert directory[4999].filename.endswith("-4999.json")
    assert packed * 3 < whole


def test_opening_a_zip_takes_little_more_than_zipfile_does_at_its_height(tmp_path: Path) -> None:
    path = _zip(tmp_path / "export.zip", [f"channel-{n % 100}/2020-01-01-{n}.json" for n in range(5000)])
    heights = []
    for opened in (zipfile.ZipFile, ZipDirectory):
        tracemalloc.start()
        try:
            opened(path)
            heights.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert heights[1] < 1.05 * heights[0]


def test_a_directory_that_tells_of_impossible_sizes_is_no_zip(tmp_path: Path) -> None:
    path = _zip(tmp_path / "export.zip", ["users.json"])
    with zipfile.ZipFile(path) as packed:
        entry = packed.infolist()[0]
        entry.file_size = (1 << 64) - 1
        packed.fp, packed.mode, packed._didModify = path.open("r+b"), "a", True  # type: ignore[attr-defined]
        packed.fp.seek(packed.start_dir)
        packed._write_end_record()  # type: ignore[attr-defined]
    with pytest.raises(zipfile.BadZipFile, match="sizes that no file has"):
        ZipDirectory(path)


def test_a_zip_is_opened_once_until_it_is_another(tmp_path: Path) -> None:
    path = _zip(tmp_path / "export.zip", ["users.json"])
    first = zip_directory(path)
    assert zip_directory(path) is first
    _zip(path, ["users.json", "channels.json"])
    assert [entry.filename for entry in zip_directory(path)] == ["users.json", "channels.json"]
