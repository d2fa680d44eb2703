"""What is sent twice comes once: one after the other, at the same time, and after the post was deleted for good."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mm_pipeline.mattermost.on_server import PostArrived
from mm_pipeline.mattermost.outgoing import FileAttachment, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.threads import file
from mm_pipeline_tests.mattermost.world import World, by_key
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.table_rows import TABLES, rows_of

pytestmark = pytest.mark.server


def some_threads(world: World, folder: Path) -> list[Thread]:
    """Threads in two rooms, with replies, reactions, followers and a file."""
    attached = file(folder, 1)
    return [
        Thread(
            channel=room,
            root=world.post(
                10 * n + place, at=100 * n, slack_id=f"{place}:{n}", reactions=world.reactions(100 * n, world.bo)
            ),
            replies=tuple(
                world.post(
                    1000 + 10 * n + place + 100 * r,
                    world.cy,
                    at=100 * n + r,
                    slack_id=f"{place}:{n}:{r}",
                    files=(attached,) if (n, r) == (1, 1) else (),
                )
                for r in (1, 2)
            ),
            followers=(world.ada,),
        )
        for n in range(1, 6)
        for place, room in enumerate((world.room, world.attic))
    ]


def test_a_post_that_was_there_gets_the_files_that_are_new_and_none_is_told_that_hangs_on_nothing(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    server, world = mattermost_with_plugin, World(mattermost_with_plugin, tmp_path)
    world.populate()

    def send(*files: FileAttachment) -> list[str]:
        api = Plugin(server.url, server.token, world.team, MemoryJournal(), work_folder=tmp_path)
        (one,) = api.send_threads([Thread(channel=world.room, root=world.post(1, at=1, files=files))])
        assert isinstance(one, PostArrived)
        hanging = {info["id"] for info in world.http.get(f"/posts/{one.id}/files/info")}
        assert {seen.id for seen in one.files} <= hanging
        return [seen.name for seen in one.files]

    eleven = [file(tmp_path, key, f"{key}.txt", b"%d" % key) for key in range(1, 12)]
    assert send(eleven[0]) == ["1.txt"]
    assert send(*eleven[:2]) == ["1.txt", "2.txt"]
    assert send(*eleven[1:10]) == [f"{key}.txt" for key in range(2, 11)]
    assert send(*eleven[1:]) == [f"{key}.txt" for key in range(2, 11)]  # a post has room for ten


def test_what_is_sent_at_the_same_time_and_again_comes_once(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    server, world = mattermost_with_plugin, World(mattermost_with_plugin, tmp_path)
    world.populate()
    threads = some_threads(world, tmp_path)

    def send(order: int) -> dict[int, str]:
        api = Plugin(server.url, server.token, world.team, MemoryJournal(), work_folder=tmp_path)
        arrived, refused = by_key(api.send_threads(threads[::order]))
        assert not refused
        return {key: one.id for key, one in arrived.items()}

    with ThreadPoolExecutor(2) as together:
        first, second = together.map(send, (1, -1))
    assert first == second
    assert len(set(first.values())) == 30
    for room in (world.room, world.attic):
        there = world.http.get(f"/channels/{room.id}")
        assert (there["total_msg_count"], len(world.posts_in(room))) == (15, 15)
        assert there["total_msg_count_root"] == 5

    before = {table: rows_of(world, table) for table in TABLES}
    changed = "SELECT max(updateat) FROM posts WHERE channelid = %(id)s"
    last = world.rows(changed, id=world.room.id)
    assert send(1) == first
    assert {table: rows_of(world, table) for table in TABLES} == before
    assert world.rows(changed, id=world.room.id) == last

    # Somebody takes a thread back for good, the way an undo does: it is to come again.
    gone = first[10]
    world.execute("DELETE FROM posts WHERE id = %(id)s OR rootid = %(id)s", id=gone)
    again = send(1)
    assert again[10] != gone
    assert {key for key in again if again[key] != first[key]} == {10, 1110, 1210}

    # A server that was set back to a snapshot has none of what was sent last.
    api = Plugin(server.url, server.token, world.team, MemoryJournal(), work_folder=tmp_path)
    assert not api.was_set_back(lambda: [gone, first[20]])
    assert api.was_set_back(lambda: [gone, first[1110]])
    assert not api.was_set_back(list)
