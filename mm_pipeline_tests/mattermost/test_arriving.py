"""What is told of a job that still runs: posts with all that was sent with them, and none of them twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.http import Http
from mm_pipeline.mattermost.archive_writer import ArchiveWriter
from mm_pipeline.mattermost.arriving import Arriving
from mm_pipeline.mattermost.import_lines import thread_lines
from mm_pipeline.mattermost.shipment import Shipment
from mm_pipeline_tests.mattermost.threads import MORNING, ROOM, file, post, reactions, thread

ADA, BO = "a" * 26, "b" * 26
USER_IDS = {"ada": ADA, "bo": BO}


@pytest.fixture
def shipment(tmp_path: Path) -> Iterator[Shipment]:
    """A bare root with a reply, one with two reactions and one with a file."""
    shipment = Shipment(ArchiveWriter(tmp_path / "archive.zip", 1 << 20))
    for one in (
        thread(post(1), post(2, "bo", after=1)),
        thread(post(3, after=2, reactions=reactions(2, "ada", "bo"))),
        thread(post(4, after=3, files=(file(tmp_path, 1),))),
    ):
        for line, replies in thread_lines(one, "team", 1 << 20):
            shipment.add(one, line, replies, USER_IDS, "team")
    shipment.writer.close()
    return shipment


def seen(after: int, user_id: str = ADA, *, reacted: int = 0, files: int = 0) -> dict[str, object]:
    """A post as the server shows it `after` ms into the morning."""
    hanging = {
        "reactions": [{"user_id": who, "emoji_name": "tada"} for who in (ADA, BO)[:reacted]],
        "files": [{"id": str(number), "name": "notes.txt", "size": 13} for number in range(files)],
    }
    return {"id": f"post{after}", "user_id": user_id, "create_at": MORNING + after, "metadata": hanging}


class Room:
    """The channel's page, as it grows."""

    def __init__(self, http_server: HTTPServer) -> None:
        self.http = Http(http_server.url_for("/api/v4"))
        self._server = http_server

    def shows(self, *posts: dict[str, object]) -> None:
        newest_first = sorted(posts, key=lambda one: str(one["id"]), reverse=True)
        page = {"order": [one["id"] for one in newest_first], "posts": {one["id"]: one for one in posts}}
        self._server.clear()
        self._server.expect_request(f"/api/v4/channels/{ROOM.id}/posts").respond_with_json(page)


def test_a_post_is_told_once_when_it_has_what_was_sent_with_it(httpserver: HTTPServer, shipment: Shipment) -> None:
    room = Room(httpserver)
    arriving = Arriving(room.http, shipment)

    def news() -> list[int]:
        return [shipment.key(one.key) for page in arriving.look() for one in page]

    room.shows()
    assert news() == []
    room.shows(seen(0), seen(1, BO), seen(2, reacted=1), seen(3))
    assert news() == [2, 1]
    room.shows(seen(0), seen(1, BO), seen(2, reacted=2), seen(3))
    assert news() == [3]
    room.shows(seen(0), seen(1, BO), seen(2, reacted=2), seen(3, files=1))
    assert news() == [4]


def test_a_channel_that_is_through_is_not_looked_into_any_more(httpserver: HTTPServer, shipment: Shipment) -> None:
    room = Room(httpserver)
    arriving = Arriving(room.http, shipment)
    room.shows(seen(0), seen(1, BO))
    assert [len(page) for page in arriving.look()] == [2]
    for _ in range(10):
        assert list(arriving.look()) == []
    assert len(httpserver.log) == 1 + 3
