"""Files come through the plugin in parts, go on where they broke off, and come once."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.importer_files import ImporterFiles
from mm_pipeline.mattermost.on_server import PostArrived, SeenFile
from mm_pipeline.mattermost.outgoing import FileAttachment, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline_tests.mattermost.threads import file
from mm_pipeline_tests.mattermost.world import MORNING, World
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.test_access import ask

pytestmark = pytest.mark.server

_MIB = 1 << 20


@pytest.fixture(scope="module")
def world(mattermost_with_plugin: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(mattermost_with_plugin, tmp_path_factory.mktemp("work"))
    world.populate()
    return world


def described(world: World, **fields: Any) -> dict[str, Any]:
    description = {
        "identity": secrets.token_hex(8),
        "channel_id": world.room.id,
        "user_id": world.ids[world.ada],
        "name": "notes.txt",
        "size": 5,
        "create_at": MORNING,
    }
    return description | fields


def test_a_file_that_broke_off_goes_on_and_is_not_sent_twice(world: World, tmp_path: Path) -> None:
    content = secrets.token_bytes(13 * _MIB)
    large = file(tmp_path, 1, "large.bin", content)
    importer = Importer(world.running.url, world.running.token)
    where = ("a post of ada's", world.room.id, world.ids[world.ada], MORNING)
    identity = f"{where[0]}:0:{large.size}"
    begun = importer.begin_file(described(world, identity=identity, name=large.name, size=large.size))
    importer.send_part(begun.id, content[: 6 * _MIB])
    assert importer.begin_file(described(world, identity=identity, name=large.name, size=large.size)).offset == 6 * _MIB
    seen = ImporterFiles(importer).bring(*where, [large])
    assert seen == (SeenFile(id=begun.id, name="large.bin", size=large.size),)
    assert ImporterFiles(importer).bring(*where, [large]) == seen
    (row,) = world.rows("SELECT path FROM fileinfo WHERE id = %(id)s", id=begun.id)
    assert (world.running.files / row["path"]).read_bytes() == content


@pytest.mark.parametrize("size", [5, 0])
def test_a_file_that_many_begin_at_the_same_time_begins_once(world: World, size: int) -> None:
    def begin(identity: str) -> str:
        return (
            Importer(world.running.url, world.running.token)
            .begin_file(described(world, identity=identity, size=size))
            .id
        )

    uploads = "SELECT count(*) AS there FROM uploadsessions"
    identities = [secrets.token_hex(8) for _ in range(10)]
    (before,) = world.rows(uploads)
    with ThreadPoolExecutor(8) as together:
        begun = list(together.map(begin, [identity for identity in identities for _ in range(8)]))
    assert [len(set(begun[at : at + 8])) for at in range(0, 80, 8)] == [1] * 10
    (after,) = world.rows(uploads)
    assert after["there"] - before["there"] == (10 if size else 0)
    assert len(set(begun)) == 10


def test_a_file_that_the_server_does_not_take_costs_no_post(world: World, tmp_path: Path) -> None:
    api = Plugin(world.running.url, world.running.token, world.team, world.journal, work_folder=tmp_path)
    path = tmp_path / "huge"
    with path.open("wb") as sparse:
        sparse.truncate(100 * _MIB + 1)  # FileSettings.MaxFileSize, and one more
    files = (FileAttachment(key=1, name="huge.bin", path=path, size=100 * _MIB + 1), file(tmp_path, 2, "small.txt"))
    (one,) = api.send_threads([Thread(channel=world.room, root=world.post(1, at=1, files=files))])
    assert isinstance(one, PostArrived)
    assert [seen.name for seen in one.files] == ["small.txt"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "../up"}, 400),
        ({"name": ".."}, 400),
        ({"name": "a\0b"}, 400),
        ({"name": ""}, 400),
        ({"size": -1}, 400),
        ({"size": "5"}, 400),
        ({"create_at": 0}, 400),
        ({"identity": ""}, 400),
        ({"channel_id": "'; DROP TABLE posts; --"}, 400),
        ({"user_id": "x" * 26}, 404),
        ({"more": 1}, 400),
    ],
    ids=str,
)
def test_a_description_that_is_not_as_it_must_be_is_refused(world: World, fields: dict[str, Any], status: int) -> None:
    before = world.rows("SELECT count(*) FROM uploadsessions")
    assert ask(world.running, "POST", "files", described(world, **fields)).status_code == status
    assert world.rows("SELECT count(*) FROM uploadsessions") == before


def test_bytes_come_only_to_uploads_of_the_plugins_own(world: World) -> None:
    theirs = world.http.post(
        "/uploads", {"channel_id": world.room.id, "filename": "of-a-person.txt", "file_size": 5, "type": "attachment"}
    )
    for upload in (theirs["id"], "x" * 26, "'; --"):
        assert ask(world.running, "POST", f"files/{upload}", b"hello").status_code == 404
