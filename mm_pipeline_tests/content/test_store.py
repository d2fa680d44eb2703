"""The content store: the same bytes once, whole or not at all, nobody else's to read."""

import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mm_pipeline.content.store import ContentStore, too_large
from mm_pipeline.errors import AbortRun, RowSkipped


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_are_kept_under_their_hash_once(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "with spaces")
    first = store.put([b"seed", b"", b"ling"], 100)
    assert store.put([b"seedling"], 100) == first
    assert first.sha256 == hashlib.sha256(b"seedling").hexdigest()
    assert (store.path(first.sha256).read_bytes(), store.size(first.sha256), first.size) == (b"seedling", 8, 8)
    assert len(files(tmp_path)) == 1


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    folder.mkdir(mode=0o755)
    previous = os.umask(0)
    try:
        ContentStore(folder).put([b"x"], 1)
    finally:
        os.umask(previous)
    modes = {path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    assert modes == {0o700, 0o600}


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    store = ContentStore(tmp_path)
    with pytest.raises(ConnectionError):
        store.put(broken(), 100)
    assert files(tmp_path) == []


def test_more_than_the_limit_is_skipped_and_leaves_nothing(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    assert store.put([b"1234"], 4).size == 4
    with pytest.raises(RowSkipped, match="larger than the server takes"):
        store.put([b"12345"], 4)
    assert len(files(tmp_path)) == 1


def test_what_is_too_large_says_how_much_the_setting_must_be_at_least() -> None:
    wish = "to at least 7,340,032 (the file, and 2 MiB for the archive that it comes in), and run `mm-pipeline retry`"
    assert wish in str(too_large(5 << 20, 3 << 20))
    assert "to the file's size and 2 MiB for the archive" in str(too_large(5 << 20, 3 << 20, at_least=True))


def test_a_full_disk_stops_the_run_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    store = ContentStore(tmp_path)
    monkeypatch.setattr("mm_pipeline.content.store.os.open", full)
    with pytest.raises(AbortRun, match="No space left"):
        store.put([b"x"], 4)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_what_is_no_hash_names_no_file(tmp_path: Path, name: str) -> None:
    store = ContentStore(tmp_path)
    assert not store.path(name).exists()
    assert store.path(name).is_relative_to(tmp_path)
    assert store.size(name) == -1


def test_what_a_killed_run_left_half_written_goes_after_a_day(tmp_path: Path) -> None:
    ContentStore(tmp_path)
    old, new = tmp_path / "incoming" / "old", tmp_path / "incoming" / "new"
    for left in (old, new):
        left.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    ContentStore(tmp_path)
    assert [old.exists(), new.exists()] == [False, True]


def test_many_threads_may_store_the_same(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        stored = set(pool.map(lambda _: store.put([b"same" * 1000], 10_000).sha256, range(40)))
    assert len(stored) == len(files(tmp_path)) == 1
