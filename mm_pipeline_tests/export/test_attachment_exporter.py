"""Files whose bytes another machine has prepared: fetched once more, and recognised on the server without them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.content.store import ContentStore, Stored
from mm_pipeline.db.status_writer import StatusChange
from mm_pipeline.errors import RowFailed, RowSkipped, SkipReason
from mm_pipeline.export.attachment_exporter import AttachmentExporter
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.on_server import SeenFile
from mm_pipeline.model import Entity
from mm_pipeline_tests.export.bare_run import bare_run

ELSEWHERE = "e" * 64


class Written:
    def __init__(self) -> None:
        self.ids: dict[int, str | None] = {}

    def put(self, change: StatusChange) -> None:
        self.ids[change.id] = change.mattermost_id


def attachment(number: int, name: str, sha256: str, **raw: Any) -> Entity:
    return Entity(
        id=number,
        entity_type="attachment",
        slack_id=f"C1:1.0:F{number}",
        raw_data={"id": f"F{number}", "name": name, **raw},
        content_sha256=sha256,
    )


def run_with(content: ContentStore, fetch: Callable[[Entity, int], Stored]) -> Run:
    class Server:
        largest_file = 100 << 20

    return bare_run(Server(), content=content, fetch_file=fetch)


def settled(tmp_path: Path, rows: list[Entity], *seen: SeenFile, here: bytes = b"") -> dict[int, str | None]:
    content, written = ContentStore(tmp_path), Written()
    if here:
        content.put([here], 100)
    AttachmentExporter.settle_seen([AttachmentExporter(row, written) for row in rows], seen, content)
    return written.ids


def test_bytes_that_are_not_here_are_fetched_once_more(tmp_path: Path) -> None:
    content = ContentStore(tmp_path)
    run = run_with(content, lambda row, most: content.put([b"the map"], most))
    file = AttachmentExporter(attachment(1, "map.txt", ELSEWHERE), Written()).file(run, ELSEWHERE)
    assert (file.name, file.size, file.path.read_bytes()) == ("map.txt", 7, b"the map")


def test_bytes_that_are_here_are_not_fetched(tmp_path: Path) -> None:
    content = ContentStore(tmp_path)
    stored = content.put([b"the map"], 100)

    def fetch(row: Entity, most: int) -> Stored:
        raise AssertionError(row)

    row = attachment(1, "map.txt", stored.sha256)
    assert AttachmentExporter(row, Written()).file(run_with(content, fetch), stored.sha256).size == 7


def test_bytes_that_this_machine_cannot_fetch_fail_with_why(tmp_path: Path) -> None:
    def fetch(row: Entity, most: int) -> Stored:
        raise RowSkipped(SkipReason.NO_BYTES, "the export does not hold them. Set SLACK_TOKEN")

    run = run_with(ContentStore(tmp_path), fetch)
    with pytest.raises(RowFailed, match=r"not in this machine's MM_PIPELINE_STATE: .* Set SLACK_TOKEN"):
        AttachmentExporter(attachment(1, "map.txt", ELSEWHERE), Written()).file(run, ELSEWHERE)


def test_a_file_of_another_machine_is_recognised_by_name_and_slacks_size(tmp_path: Path) -> None:
    rows = [attachment(1, "map.txt", ELSEWHERE, size=5), attachment(2, "map.txt", ELSEWHERE, size=7)]
    seen = SeenFile(id="seven", name="map.txt", size=7), SeenFile(id="five", name="map.txt", size=5)
    assert settled(tmp_path, rows, *seen) == {1: "five", 2: "seven"}


def test_a_page_of_another_machine_whose_size_slack_does_not_know_is_recognised_by_its_name(tmp_path: Path) -> None:
    rows = [attachment(1, "plan/of a pond", ELSEWHERE, size=0), attachment(2, "notes", ELSEWHERE)]
    seen = SeenFile(id="plan", name="plan_of a pond", size=900), SeenFile(id="other", name="other", size=8)
    assert settled(tmp_path, rows, *seen) == {1: "plan"}


def test_a_file_that_is_here_is_never_taken_for_one_of_its_name_but_not_its_size(tmp_path: Path) -> None:
    here = b"the map"
    row = attachment(1, "map.txt", ContentStore(tmp_path / "other").put([here], 100).sha256)
    assert settled(tmp_path, [row], SeenFile(id="x", name="map.txt", size=9), here=here) == {}
    assert settled(tmp_path, [row], SeenFile(id="x", name="map.txt", size=7), here=here) == {1: "x"}
