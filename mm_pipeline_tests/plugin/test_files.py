"""Files come through the plugin in parts, go on where they broke off, and come once."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.http import ApiError
from mm_pipeline.mattermost import broken_line
from mm_pipeline.mattermost.importer import Importer, UploadState
from mm_pipeline.mattermost.importer_files import ImporterFiles, identities
from mm_pipeline.mattermost.on_server import PostArrived, SeenFile
from mm_pipeline.mattermost.outgoing import FileAttachment, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline_tests.chaos.faulty_line import FAULTS
from mm_pipeline_tests.mattermost.threads import file
from mm_pipeline_tests.mattermost.world import MORNING, World
from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.test_access import ask, state_of

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
    importer, where, large, begun = half_sent(world, tmp_path, 13 * _MIB, 6 * _MIB)
    content = large.path.read_bytes()
    assert importer.begin_file(begun_as(world, where[0], large)).offset == 6 * _MIB
    seen = ImporterFiles(importer).bring(*where, [large])
    assert seen == (SeenFile(id=begun.id, name="large.bin", size=large.size),)
    assert ImporterFiles(importer).bring(*where, [large]) == seen
    assert bytes_of(world, begun.id) == content


def test_a_file_begins_anew_when_the_server_died_between_the_bytes_and_their_number(
    world: World, tmp_path: Path
) -> None:
    importer, where, large, begun = half_sent(world, tmp_path, 20 * _MIB, 8 * _MIB)
    content = large.path.read_bytes()
    with no_updates_of(world, "uploadsessions"), pytest.raises(ApiError, match="update"):
        importer.send_part(begun.id, 8 * _MIB, content[8 * _MIB : 16 * _MIB])
    (lies,) = list(world.running.files.rglob(f"{begun.id}/large.bin"))
    (told,) = world.rows("SELECT fileoffset FROM uploadsessions WHERE id = %(id)s", id=begun.id)
    assert (lies.stat().st_size, told["fileoffset"]) == (16 * _MIB, 8 * _MIB)
    (seen,) = ImporterFiles(importer).bring(*where, [large])
    assert bytes_of(world, seen.id) == content
    assert not lies.exists()
    assert world.rows("SELECT id FROM uploadsessions WHERE id = %(id)s", id=begun.id) == []


def test_a_part_that_another_request_has_brought_meanwhile_is_not_appended(world: World, tmp_path: Path) -> None:
    importer, where, large, begun = half_sent(world, tmp_path, 13 * _MIB, 6 * _MIB)
    content = large.path.read_bytes()
    with pytest.raises(ApiError, match="Begin the file again"):
        importer.send_part(begun.id, 0, content[: 6 * _MIB])
    ImporterFiles(importer).bring(*where, [large])
    assert bytes_of(world, begun.id) == content


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in ("slow", "429")])
def test_a_bad_line_costs_the_part_that_was_under_way_and_not_the_run(
    world: World, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broken_line, "_WAIT_S", 0.1)
    content = secrets.token_bytes(20 * _MIB)
    sent: list[int] = []

    def breaks_each_part_once(request: Request, ask: Callable[[], Answer]) -> Answer | Cut:
        if "/files/" not in request.place:
            return ask()
        part = int(request.path.rpartition("=")[2]) // broken_line.PART_BYTES
        sent.append(part)
        return FAULTS[fault](ask) if sent.count(part) == 1 else ask()

    proxy = Proxy(world.running.url, breaks_each_part_once)
    try:
        importer = Importer(proxy.url, world.running.token)
        (seen,) = ImporterFiles(importer).bring(*post_of(world), [file(tmp_path, 1, "large.bin", content)])
    finally:
        proxy.close()
    assert bytes_of(world, seen.id) == content
    assert sent.count(0) <= 2  # it did not begin anew


def test_a_file_whose_end_was_cut_off_gets_its_name_and_size_when_it_is_asked_for_again(
    world: World, tmp_path: Path
) -> None:
    drawn = file(tmp_path, 1, "drawn.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>')
    where = post_of(world)
    files = ImporterFiles(Importer(world.running.url, world.running.token))
    (seen,) = files.bring(*where, [drawn])
    row = "SELECT name, extension, mimetype, width, height FROM fileinfo WHERE id = %(id)s"
    whole = world.rows(row, id=seen.id)
    # As the server leaves it until the plugin has named and measured it.
    world.execute(
        "UPDATE fileinfo SET name = 'file', extension = '', mimetype = '', width = 0, height = 0 WHERE id = %(id)s",
        id=seen.id,
    )
    assert files.bring(*where, [drawn]) == (seen,)
    assert world.rows(row, id=seen.id) == whole
    assert whole[0]["name"] == "drawn.svg"


def test_a_file_takes_no_place_of_another_one_that_is_as_long(world: World, tmp_path: Path) -> None:
    tea, jam = (file(tmp_path, key, "note.txt", content) for key, content in enumerate([b"tea!", b"jam!"]))
    where = post_of(world)
    files = ImporterFiles(Importer(world.running.url, world.running.token))
    both = files.bring(*where, [tea, jam])
    (alone,) = files.bring(*where, [jam])  # the other one is not at hand any more
    assert alone == both[1]
    assert bytes_of(world, alone.id) == b"jam!"


def test_two_files_that_are_alike_are_two(world: World, tmp_path: Path) -> None:
    alike = [file(tmp_path, key, "note.txt", b"tea!") for key in (1, 2)]
    where = post_of(world)
    files = ImporterFiles(Importer(world.running.url, world.running.token))
    seen = files.bring(*where, alike)
    assert len({one.id for one in seen}) == 2
    assert files.bring(*where, alike) == seen


def post_of(world: World) -> tuple[str, str, str, int]:
    """A post of ada's that has no files yet: its identity, channel, author, ms."""
    return secrets.token_hex(8), world.room.id, world.ids[world.ada], MORNING


def half_sent(
    world: World, tmp_path: Path, size: int, sent: int
) -> tuple[Importer, tuple[str, str, str, int], FileAttachment, UploadState]:
    """A file (bytes) of which the server has a first part: the way there, the post, the file, and what was answered at its beginning."""
    large = file(tmp_path, 1, "large.bin", secrets.token_bytes(size))
    importer, where = Importer(world.running.url, world.running.token), post_of(world)
    begun = importer.begin_file(begun_as(world, where[0], large))
    importer.send_part(begun.id, 0, large.path.read_bytes()[:sent])
    return importer, where, large, begun


def begun_as(world: World, post: str, one: FileAttachment) -> dict[str, Any]:
    """What the plugin is told of a post's only file."""
    (identity,) = identities(post, [one])
    return described(world, identity=identity, name=one.name, size=one.size)


def bytes_of(world: World, file_id: str) -> bytes:
    """What the server's store has of a file."""
    (row,) = world.rows("SELECT path FROM fileinfo WHERE id = %(id)s", id=file_id)
    return (world.running.files / row["path"]).read_bytes()


@contextmanager
def no_updates_of(world: World, table: str) -> Iterator[None]:
    """Have the server's database refuse to change a table, as one that is away does."""
    function = "CREATE FUNCTION is_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'away'; END $$"
    world.execute(f"{function}; CREATE TRIGGER is_away BEFORE UPDATE ON {table} EXECUTE FUNCTION is_away()")
    try:
        yield
    finally:
        world.execute("DROP FUNCTION is_away CASCADE")


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
    files = (
        FileAttachment(key=1, name="huge.bin", path=path, size=100 * _MIB + 1, sha256=""),
        file(tmp_path, 2, "small.txt"),
    )
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


def test_a_description_that_is_too_large_is_refused(world: World) -> None:
    before = state_of(world)
    said = ask(world.running, "POST", "files", described(world, name="n" * (64 << 10)))
    assert (said.status_code, said.json()["id"]) == (413, "com.mm-pipeline.importer.too_large.error")
    assert state_of(world) == before


def test_what_comes_beyond_the_size_that_was_told_is_not_kept(world: World) -> None:
    begun = ask(world.running, "POST", "files", described(world, size=5)).json()
    done = ask(world.running, "POST", f"files/{begun['id']}?offset=0", b"hello" + b"!" * _MIB).json()
    assert done == {"id": begun["id"], "offset": 5, "is_done": True}
    (row,) = world.rows("SELECT path, size FROM fileinfo WHERE id = %(id)s", id=begun["id"])
    assert (row["size"], (world.running.files / row["path"]).read_bytes()) == (5, b"hello")
    # One that is done takes nothing more.
    assert ask(world.running, "POST", f"files/{begun['id']}", b"more").status_code == 404
    assert (world.running.files / row["path"]).read_bytes() == b"hello"
