"""Archives are what the server can read: lines first and in its order, every file that a line names inside."""

import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from PIL import Image

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.archive import Archive
from mm_pipeline.mattermost.archive_writer import BARRIER_LINE, ArchiveWriter, lines_of, paths_of, remove_left
from mm_pipeline.mattermost.jobs import ImportJobs
from mm_pipeline.mattermost.limits import REPLIES_PER_LINE
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, NewEmoji, PostChannel, Thread
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.threads import file, post, thread
from mm_pipeline_tests.mattermost.world import World
from mm_pipeline_tests.mattermost_server.running import RunningServer

DM = PostChannel(id="dm" + "0" * 24, kind=ChannelKind.DIRECT, members=("ada", "bo"))


def writer_in(folder: Path, limit_bytes: int = 1 << 30) -> ArchiveWriter:
    return ArchiveWriter(folder / "a.zip", limit_bytes)


def bodies(archive: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(archive)]


def test_the_lines_are_the_first_entry_and_begin_with_the_version(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    # An attachment that ends in .jsonl would be taken for the lines if it stood first.
    writer.add("post", b'{"type":"post"}', paths_of([file(tmp_path, 1, "log.jsonl")]))
    writer.close()
    with ZipFile(writer.path) as archive:
        assert archive.namelist() == ["import.jsonl", "data/1/log.jsonl"]
        assert archive.read("import.jsonl") == b'{"type":"version","version":1}\n{"type":"post"}\n'
        assert archive.read("data/1/log.jsonl") == b"what was said"


def test_lines_stand_in_the_servers_order_whatever_the_order_they_came_in(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    for number, kind in enumerate(["direct_post", "post", "user", "channel", "post", "direct_channel", "emoji"]):
        writer.add(kind, json.dumps({"type": kind, "number": number}).encode(), {}, key=10 + number)
    writer.close()
    read = bodies(writer.path)
    expected = ["version", "emoji", "channel", "user", "post", "post", "direct_channel", "direct_post"]
    assert [line["type"] for line in read] == expected
    keys = writer.keys
    assert [keys[at] for at, line in enumerate(read, start=1)] == [0] + [10 + line["number"] for line in read[1:]]


def test_a_second_part_waits_behind_a_barrier_and_line_numbers_count_it(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    writer.add("post", b'{"n":1}', {}, key=1)
    writer.add("post", b'{"n":2}', {}, key=2, part=1)
    writer.add("post", b'{"n":3}', {}, key=3)
    writer.close()
    lines = list(lines_of(writer.path))
    assert lines[1:] == [b'{"n":1}', b'{"n":3}', BARRIER_LINE, b'{"n":2}']
    assert [writer.key_of(number) for number in range(8)] == [0, 0, 1, 3, 0, 2, 0, 0]


def test_it_knows_its_size_before_it_is_written(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    noise = bytes(range(256)) * 40
    for key in range(50):
        attached = file(tmp_path, key, f"grüße {key}.png", noise)
        writer.add("post", json.dumps({"key": key}).encode(), paths_of([attached]))
    expected = writer.size
    writer.close()
    assert writer.path.stat().st_size <= expected <= writer.path.stat().st_size * 1.1


def test_there_is_room_only_for_what_fits(tmp_path: Path) -> None:
    writer = writer_in(tmp_path, limit_bytes=20_000)
    attached = file(tmp_path, 1, content=b"x" * 15_000)
    assert writer.room_for(b"line", [attached])
    writer.add("post", b"line", paths_of([attached]))
    assert not writer.room_for(b"line", [file(tmp_path, 2, content=b"x" * 10_000)])


def test_a_file_that_two_lines_name_is_in_it_once(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    attached = paths_of([file(tmp_path, 1)])
    writer.add("post", b"{}", attached)
    writer.add("post", b"{}", attached, part=1)
    writer.close()
    with ZipFile(writer.path) as archive:
        assert archive.namelist() == ["import.jsonl", "data/1/notes.txt"]


def test_pictures_are_stored_and_texts_are_deflated(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    writer.add("post", b"{}", paths_of([file(tmp_path, 1, "A.JPG"), file(tmp_path, 2, "a.txt")]))
    writer.close()
    with ZipFile(writer.path) as archive:
        assert archive.getinfo("data/1/A.JPG").compress_type == ZIP_STORED
        assert archive.getinfo("data/2/a.txt").compress_type == ZIP_DEFLATED


def test_bytes_that_vanish_while_it_is_written_stop_the_run_in_a_sentence(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    attached = file(tmp_path, 1)
    writer.add("post", b"{}", paths_of([attached]))
    attached.path.unlink()
    with pytest.raises(AbortRun, match="state folder"):
        writer.close()


def test_archives_that_nobody_works_on_are_removed(tmp_path: Path) -> None:
    at_work = ArchiveWriter(tmp_path / "mine.zip", 1 << 20)
    at_work.close()
    (tmp_path / "left.zip").write_bytes(b"half an archi")
    remove_left(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.zip"]
    at_work.release()
    assert not list(tmp_path.iterdir())


# --- the archive transport


def whole_archive(folder: Path, *, bot_owner: str = "") -> tuple[Path, list[Refused]]:
    """A small workspace with one of everything, and what was refused of it."""
    archive = Archive(folder / "whole.zip", "crew", bot_owner=bot_owner)
    picture = folder / "parrot.png"
    picture.write_bytes(b"a picture")
    many = [post(100 + number, "bo", after=1 + number) for number in range(REPLIES_PER_LINE + 1)]
    accounts = [
        NewAccount(key=1, username="ada", email="ada@people.invalid", channels=("kitchen",), picture=picture),
        NewAccount(key=2, username="robot", is_bot=True, nickname="Robot", picture=picture),
        NewAccount(key=3, username="bo", email="bo.@people.invalid"),
    ]
    channels = [
        NewChannel(key=4, kind=ChannelKind.PUBLIC, name="kitchen"),
        NewChannel(key=5, kind=ChannelKind.DIRECT, members=("ada", "bo")),
    ]
    emoji = [NewEmoji(key=6, name="parrot", creator_id="", image=picture, filename="parrot.png")]
    threads = [
        thread(post(10, "ada", after=9, files=(file(folder, 7),)), channel=DM),
        thread(post(11), *many),
        thread(post(12, message="\0"), post(13)),
    ]
    refused = [
        *archive.add_threads(threads),
        *archive.add_emoji(emoji),
        *archive.add_channels(channels),
        *archive.add_accounts(accounts),
    ]
    archive.close()
    return folder / "whole.zip", refused


def test_a_whole_migration_is_one_file_in_the_servers_order(tmp_path: Path) -> None:
    path, refused = whole_archive(tmp_path, bot_owner="sysadmin")
    lines = bodies(path)
    assert [line["type"] for line in lines] == [
        *("version", "emoji", "channel", "user", "bot", "post", "direct_channel", "direct_post"),
        *("emoji", "post"),
    ]
    assert lines[3]["user"]["profile_image"] == "avatars/1.png"
    assert lines[4]["bot"] == {
        "username": "robot",
        "owner": "sysadmin",
        "display_name": "Robot",
        "profile_image": "avatars/2.png",
    }
    assert [one.key for one in refused] == [12, 13, 3]
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        avatars = {"data/avatars/1.png", "data/avatars/2.png"}
        assert set(archive.namelist()) == {"import.jsonl", "data/7/notes.txt", "data/emoji/6/parrot.png"} | avatars


def test_a_root_never_stands_twice_in_one_segment(tmp_path: Path) -> None:
    path, _ = whole_archive(tmp_path)
    types = [line["type"] for line in bodies(path)]
    assert types.count("post") == 2
    assert ("post", "post") not in set(pairwise(types))


def test_without_an_owner_bots_become_accounts_that_get_no_mail(tmp_path: Path) -> None:
    path, _ = whole_archive(tmp_path)
    users = [line["user"] for line in bodies(path) if line["type"] == "user"]
    assert [(user["username"], user["email"]) for user in users] == [
        ("ada", "ada@people.invalid"),
        ("robot", "robot@bot.invalid"),
    ]


def test_nothing_but_the_finished_file_is_left(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    archive = Archive(out / "whole.zip", "crew")
    list(archive.add_threads([thread(post(1))]))
    assert not (out / "whole.zip").exists()
    archive.close()
    assert [path.name for path in out.iterdir()] == ["whole.zip"]


def test_a_folder_that_cannot_be_written_to_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    archive = Archive(tmp_path / "file" / "whole.zip", "crew")
    with pytest.raises(AbortRun, match="cannot be written"):
        archive.close()


@pytest.mark.server
def test_a_real_server_takes_the_whole_file_in_one_job(mattermost: RunningServer, tmp_path: Path) -> None:
    world = World(mattermost, tmp_path)
    tail = world.ada.partition(".")[2]
    Image.new("RGB", (32, 32), "green").save(tmp_path / "leaf.png")
    face = tmp_path / "face.png"
    Image.new("RGB", (128, 128), "red").save(face)
    # 9.9 knows no bot lines (>= 10.3): there a bot is an account like any other.
    owner = world.http.get("/users/me")["username"] if world.server.version >= (10, 3) else ""
    archive = Archive(tmp_path / "whole.zip", world.team, bot_owner=owner)
    room = PostChannel(id="", kind=ChannelKind.PUBLIC, name=f"room-{tail}")
    dm = PostChannel(id="", kind=ChannelKind.DIRECT, members=(world.ada, world.bo))
    robot = f"robot.{tail}"
    accounts = [
        *(
            NewAccount(key=n, username=name, email=f"{name}@people.invalid", channels=(room.name,), picture=face)
            for n, name in enumerate(world.people)
        ),
        NewAccount(key=9, username=robot, is_bot=True, nickname="Robot", picture=face),
    ]
    many = [world.post(100 + n, world.bo, at=10 + n) for n in range(REPLIES_PER_LINE + 5)]
    threads = [
        Thread(channel=dm, root=world.post(1, at=1, files=(file(tmp_path, 5, "grüße.txt"),))),
        Thread(channel=room, root=world.post(2, at=2), replies=tuple(many), followers=(world.ada, world.bo)),
        Thread(channel=room, root=world.post(3, robot, at=3)),
    ]
    refused = [
        *archive.add_accounts(accounts),
        *archive.add_channels(
            [
                NewChannel(key=20, kind=ChannelKind.PUBLIC, name=room.name),
                NewChannel(key=21, kind=ChannelKind.DIRECT, members=dm.members),
            ]
        ),
        *archive.add_emoji(
            [NewEmoji(key=30, name=f"leaf_{tail}", creator_id="", image=tmp_path / "leaf.png", filename="leaf.png")]
        ),
        *archive.add_threads(threads),
    ]
    archive.close()
    assert not refused
    outcome = ImportJobs(world.http, MemoryJournal(), tmp_path).run(tmp_path / "whole.zip", 10, channel_lines=True)
    assert outcome.ok, outcome.error
    there = world.rest.channel_named(room.name)
    assert there is not None
    roots = "SELECT message FROM posts WHERE channelid = %(id)s AND rootid = '' AND type = '' ORDER BY createat"
    assert [row["message"] for row in world.rows(roots, id=there["id"])] == ["post 2", "post 3"]
    replies = "SELECT count(*) AS n FROM posts WHERE channelid = %(id)s AND rootid <> ''"
    assert world.rows(replies, id=there["id"])[0]["n"] == len(many)
    direct = world.rest.channel_of([account.id for account in world.rest.accounts_named(dm.members).values()])
    assert direct is not None
    assert [
        row["name"] for row in world.rows("SELECT name FROM fileinfo WHERE channelid = %(id)s", id=direct["id"])
    ] == ["grüße.txt"]
    assert world.http.get(f"/emoji/name/leaf_{tail}")["name"] == f"leaf_{tail}"
    made = world.rest.account_named(robot)
    assert made is not None
    assert made.is_bot is bool(owner)
    for account in (made, *world.rest.accounts_named(world.people).values()):
        with world.http.stream(f"{world.http.base_url}/users/{account.id}/image") as download:
            shown = Image.open(io.BytesIO(b"".join(download.chunks))).convert("RGB")
        assert shown.getpixel((64, 64)) == (255, 0, 0)
