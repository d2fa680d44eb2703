"""What every transport promises of threads, reactions and files, on real servers: the stock one and the plugin alike."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mm_pipeline.mattermost.limits import REPLIES_PER_LINE
from mm_pipeline.mattermost.outgoing import Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.read_state import MARK_READ, MARK_THREADS, unread_threads
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.threads import file
from mm_pipeline_tests.mattermost.world import MORNING, World, by_key
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

#: Transport -> the import jobs that a stream of threads takes.
JOBS = {"stock": 1, "plugin": 0}


@pytest.fixture(scope="module", params=list(JOBS))
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def world(mattermost_with_plugin: RunningServer, transport: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(mattermost_with_plugin, tmp_path_factory.mktemp("work"))
    made.populate()
    return made


@pytest.fixture
def fresh(world: World, transport: str) -> Iterator[World]:
    """The same world with a journal of its own, and what sends to it by the transport."""
    before, world.journal = world.journal, MemoryJournal()
    if transport == "plugin":
        server = world.running
        world.sender = Plugin(server.url, server.token, world.team, world.journal, work_folder=world.work_folder)
    else:
        world.sender = world.new_sender()
    yield world
    world.journal = before


def everything(world: World, folder: Path) -> list[Thread]:
    """Threads in all four kinds of channels, with everything that can hang on a root and on a reply."""
    files = iter(
        [file(folder, key, name, b"bytes %d" % key) for key, name in enumerate(["a.txt", "grüße.txt", "b.txt"])]
    )
    rich: dict[str, Any] = {"is_pinned": True, "props": {"slack": "yes"}}
    root = world.post(1, at=1, edit_at=MORNING + 90, files=(next(files), next(files)), type="me", **rich)
    return [
        Thread(
            channel=world.room,
            root=msgspec.structs.replace(root, reactions=world.reactions(1, world.bo, world.cy)),
            replies=(
                world.post(2, world.bo, at=2, edit_at=MORNING + 91, files=(next(files),), **rich),
                world.post(3, world.cy, at=3, reactions=world.reactions(3, world.ada, world.di)),
                world.post(4, world.di, at=4),
            ),
            followers=(world.ada, world.bo),
        ),
        Thread(channel=world.attic, root=world.post(5, world.cy, at=1)),
        Thread(
            channel=world.dm,
            root=world.post(6, at=1),
            replies=(world.post(7, world.bo, at=2, reactions=world.reactions(2, world.ada), is_pinned=True),),
        ),
        Thread(channel=world.gm, root=world.post(8, world.cy, at=1)),
        Thread(channel=world.notes, root=world.post(9, at=1)),
    ]


def test_threads_end_equal_on_every_server(fresh: World, transport: str, tmp_path: Path) -> None:
    jobs = fresh.import_jobs()
    arrived, refused = by_key(fresh.sender.send_threads(everything(fresh, tmp_path)))
    assert not refused
    assert set(arrived) == set(range(1, 10))
    assert fresh.import_jobs() == jobs + JOBS[transport]
    nothing = {"edit": 0, "pinned": False, "type": "", "props": {}, "files": [], "reactions": []}
    rich = {"pinned": True, "props": {"slack": "yes"}}
    in_thread = {"root": "post 1"}
    assert fresh.posts_in(fresh.room) == [
        nothing
        | rich
        | {"author": "ada", "at": 1, "message": "post 1", "root": "", "edit": 90, "type": "me"}
        | {"files": ["a.txt", "grüße.txt"], "reactions": [("bo", "tada"), ("cy", "tada")]},
        nothing | rich | in_thread | {"author": "bo", "at": 2, "message": "post 2", "edit": 91, "files": ["b.txt"]},
        nothing
        | in_thread
        | {"author": "cy", "at": 3, "message": "post 3", "reactions": [("ada", "tada"), ("di", "tada")]},
        nothing | in_thread | {"author": "di", "at": 4, "message": "post 4"},
    ]
    assert [
        (post["message"], post["root"], post["pinned"], post["reactions"]) for post in fresh.posts_in(fresh.dm)
    ] == [
        ("post 6", "", False, []),
        ("post 7", "post 6", True, [("ada", "tada")]),
    ]
    assert [len(fresh.posts_in(channel)) for channel in (fresh.attic, fresh.gm, fresh.notes)] == [1, 1, 1]
    # What was read back is what is there.
    assert [one.name for one in arrived[2].files] == ["b.txt"]
    assert set(arrived[3].reactions) == {(fresh.ids[fresh.ada], "tada"), (fresh.ids[fresh.di], "tada")}
    # The job leaves everything unread until `finish`; the plugin brings it read.
    channels = {channel.id for channel in (fresh.room, fresh.attic, fresh.dm, fresh.gm, fresh.notes)}
    assert set(fresh.journal.owed(MARK_READ)) == (channels if transport == "stock" else set())
    unread = "SELECT 1 FROM channelmembers m JOIN channels c ON c.id = m.channelid WHERE c.id = ANY(%(ids)s) AND msgcount < totalmsgcount"
    assert bool(fresh.rows(unread, ids=list(channels))) == (transport == "stock")
    assert fresh.journal.owed(MARK_THREADS) == []  # their followers have seen them
    assert [unread_threads(fresh.rest, user_id) for user_id in fresh.ids.values()] == [[]] * 4
    assert not list(fresh.work_folder.iterdir())


def test_what_lies_deleted_keeps_its_ms_and_comes_again_a_ms_later(fresh: World) -> None:
    """A rollback may only hide posts, and moves what came of them by a ms (taking_back.py)."""

    def send(at: int) -> str:
        root = fresh.post(700, message="to be hidden", at=at, slack_id="C1:700.1")
        arrived, refused = by_key(fresh.sender.send_threads([Thread(channel=fresh.room, root=root)]))
        assert refused == {}
        return arrived[700].id

    first = send(7_000)
    fresh.http.delete(f"/posts/{first}")
    second = send(7_001)
    shown = fresh.rows(
        "SELECT id FROM posts WHERE message = 'to be hidden' AND channelid = %(id)s AND deleteat = 0", id=fresh.room.id
    )
    assert [row["id"] for row in shown] == [second]


def test_a_root_that_is_there_gets_new_replies_and_loses_nothing(fresh: World, transport: str, tmp_path: Path) -> None:
    attached = file(tmp_path, 70, "kept.txt")
    root = fresh.post(20, at=100, files=(attached,), reactions=fresh.reactions(100, fresh.bo), is_pinned=True)
    first, _ = by_key(fresh.sender.send_threads([Thread(channel=fresh.attic, root=root)]))
    fresh.http.put(f"/posts/{first[20].id}/patch", {"message": "edited on the server"})
    # The bytes are not prepared any more: they must come from the server, or it would delete them.
    known = fresh.post(20, at=100, id=first[20].id, message="as Slack has it")
    again = Thread(channel=fresh.attic, root=known, replies=(fresh.post(21, fresh.cy, at=101),))
    arrived, refused = by_key(fresh.sender.send_threads([again]))
    assert (set(arrived), refused) == ({21}, {})
    assert fresh.journal.owed(MARK_THREADS) == ([fresh.attic.id] if transport == "stock" else [])
    assert not list(fresh.work_folder.iterdir())
    root_now, reply = (post for post in fresh.posts_in(fresh.attic) if post["at"] in (100, 101))
    assert root_now["message"] == reply["root"] == "edited on the server"
    assert (root_now["files"], root_now["reactions"], root_now["pinned"]) == (["kept.txt"], [("bo", "tada")], True)
    kept = [one["id"] for one in fresh.http.get(f"/posts/{first[20].id}/files/info")]
    assert kept == [one.id for one in first[20].files]


def test_reactions_are_added_to_roots_and_replies_that_are_there(fresh: World, tmp_path: Path) -> None:
    attached = file(tmp_path, 80)
    root = fresh.post(30, at=200, reactions=fresh.reactions(200, fresh.bo))
    reply = fresh.post(31, fresh.bo, at=201, files=(attached,))
    first, _ = by_key(fresh.sender.send_threads([Thread(channel=fresh.gm, root=root, replies=(reply,))]))
    gone = fresh.post(32, id="x" * 26, reactions=fresh.reactions(0, fresh.bo))
    wish = [
        (fresh.gm, fresh.post(30, at=200, id=first[30].id, message="", reactions=fresh.reactions(200, fresh.cy))),
        (
            fresh.gm,
            fresh.post(
                31,
                fresh.bo,
                at=201,
                id=first[31].id,
                message="",
                files=(attached,),
                reactions=fresh.reactions(201, fresh.ada, "ghost"),
            ),
        ),
        (fresh.gm, gone),
    ]
    arrived, refused = by_key(fresh.sender.add_reactions(wish))
    assert set(refused) == {32}
    assert {user for user, _ in arrived[30].reactions} == {fresh.ids[fresh.bo], fresh.ids[fresh.cy]}
    assert {user for user, _ in arrived[31].reactions} == {fresh.ids[fresh.ada]}
    root_now, reply_now = (post for post in fresh.posts_in(fresh.gm) if post["at"] in (200, 201))
    assert reply_now["root"] == root_now["message"] == "post 30"
    assert reply_now["files"] == ["notes.txt"]


def test_more_kinds_of_reactions_than_people_may_add_by_hand_are_kept(fresh: World) -> None:
    """ServiceSettings.UniqueEmojiReactionLimitPerPost is 50: it binds people, not the import."""
    names = sorted(name for name in MATTERMOST_EMOJI if name.isalpha())[:60]
    loved = fresh.post(
        35, at=250, reactions=tuple(r for n in names for r in fresh.reactions(250, fresh.bo, emoji_name=n))
    )
    arrived, refused = by_key(fresh.sender.send_threads([Thread(channel=fresh.attic, root=loved)]))
    assert not refused
    assert sorted(name for _, name in arrived[35].reactions) == names


def test_a_file_is_its_authors_and_of_its_messages_day(fresh: World, tmp_path: Path) -> None:
    root = fresh.post(36, at=260, files=(file(tmp_path, 90, "of-ada.txt"),))
    reply = fresh.post(37, fresh.bo, at=261, files=(file(tmp_path, 91, "of-bo.txt"),))
    _, refused = by_key(fresh.sender.send_threads([Thread(channel=fresh.attic, root=root, replies=(reply,))]))
    assert not refused
    found = fresh.rows(
        "SELECT name, creatorid, createat FROM fileinfo WHERE name LIKE 'of-%%' AND channelid = %(id)s",
        id=fresh.attic.id,
    )
    assert {row["name"]: (row["creatorid"], row["createat"]) for row in found} == {
        "of-ada.txt": (fresh.ids[fresh.ada], MORNING + 260),
        "of-bo.txt": (fresh.ids[fresh.bo], MORNING + 261),
    }


def test_a_thread_with_more_replies_than_one_line_takes_arrives_whole(fresh: World, transport: str) -> None:
    replies = tuple(fresh.post(1000 + n, at=301 + n, message=f"r{n}") for n in range(REPLIES_PER_LINE + 10))
    thread = Thread(channel=fresh.notes, root=fresh.post(40, at=300), replies=replies)
    jobs = fresh.import_jobs()
    arrived, refused = by_key(fresh.sender.send_threads([thread]))
    assert not refused
    assert len(arrived) == 1 + len(replies)
    assert fresh.import_jobs() == jobs + JOBS[transport]
    roots = [post for post in fresh.posts_in(fresh.notes) if post["at"] >= 300 and not post["root"]]
    assert [post["message"] for post in roots] == ["post 40"]


def test_what_the_server_would_refuse_is_named_without_a_job(fresh: World) -> None:
    jobs = fresh.import_jobs()
    nowhere = msgspec.structs.replace(fresh.room, id="n" * 26)
    threads = [
        Thread(channel=fresh.room, root=fresh.post(70, at=700, message="nul \0")),
        Thread(channel=fresh.room, root=fresh.post(71, "nobody.at.all", at=701), replies=(fresh.post(72, at=702),)),
        Thread(channel=nowhere, root=fresh.post(73, at=703)),
        Thread(channel=fresh.room, root=fresh.post(74, at=704, id="x" * 26), replies=(fresh.post(75, at=705),)),
    ]
    arrived, refused = by_key(fresh.sender.send_threads(threads))
    assert not arrived
    assert set(refused) == {70, 71, 72, 73, 75}
    assert "nobody.at.all" in refused[71]
    assert fresh.import_jobs() == jobs


def test_a_reaction_on_a_post_that_somebody_has_looked_at_is_shown_at_once(fresh: World) -> None:
    """The server remembers a post's reactions for half an hour, and the call that clears its caches leaves them out."""
    root = fresh.post(1, at=900, reactions=fresh.reactions(900, fresh.bo))
    arrived, _ = by_key(fresh.sender.send_threads([Thread(channel=fresh.room, root=root)]))
    post_id = arrived[1].id

    def shown() -> list[list[str]]:
        post = fresh.http.get(f"/posts/{post_id}")
        listed = fresh.http.get(f"/posts/{post_id}/reactions")
        return [sorted(one["user_id"] for one in reactions) for reactions in (post["metadata"]["reactions"], listed)]

    assert shown() == [[fresh.ids[fresh.bo]]] * 2
    more = msgspec.structs.replace(root, id=post_id, reactions=fresh.reactions(900, fresh.bo, fresh.cy))
    by_key(fresh.sender.add_reactions([(fresh.room, more)]))
    assert shown() == [sorted([fresh.ids[fresh.bo], fresh.ids[fresh.cy]])] * 2
