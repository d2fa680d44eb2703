"""What the plugin writes equals what the server's own import job writes: the same threads, row by row and column by column."""

import io
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.on_server import PostArrived
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import Post, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.shown import everything_in
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.threads import file
from mm_pipeline_tests.mattermost.world import MORNING, World, by_key
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.differences import ABSENT, Place, differences
from mm_pipeline_tests.plugin.table_rows import TABLES, rows_of

pytestmark = pytest.mark.server

#: What a world has alone, or says of today: table -> columns.
ASIDE = {
    "posts": {"id"},
    "channels": {"id", "name", "displayname"},
    "channelmembers": {"lastupdateat"},
    # Of a file's text the job reads nothing; an upload is read, as the server's settings say, so that search finds it.
    "fileinfo": {"id", "content"},
}
_DM, _NOTES = ("posts", "dm", f"{MORNING + 2}"), ("posts", "notes", f"{MORNING + 1}")
_IN_THREAD = ("threadmemberships", "<to #market & <home>>")
#: What is different, and why: place -> (the job's, the plugin's). Nothing else is.
DIFFERENT: dict[str, dict[Place, tuple[Any, Any]]] = {
    "a text is put right by REST as an edit of today, with the old one beside it; by the plugin as if it had been sent so": {
        (*_DM, "", "editat"): ("now", 0),
        (*_NOTES, "", "editat"): ("now", 0),
        (*_DM, "<17 as #edited later>"): ("a row", ABSENT),
        (*_NOTES, "<19 as #edited later>"): ("a row", ABSENT),
        ("posts", "dm", f"{MORNING + 1}", "", "updateat"): ("now", MORNING + 32),  # the root of what was edited
    },
    "an edit of today is the latest of its channel, and is read with it": {
        ("channels", "dm", "lastpostat"): ("now", MORNING + 120),
        ("channels", "notes", "lastpostat"): ("now", MORNING + 1),
        ("channelmembers", "dm", "ada", "lastviewedat"): ("now", MORNING + 120),
        ("channelmembers", "dm", "bo", "lastviewedat"): ("now", MORNING + 120),
    },
    "a new reply has no hashtags by the job, but gets them as soon as it is touched; by the plugin it has none then, either": {
        (*_DM, "", "hashtags"): ("#edited", ""),
        ("posts", "room", f"{MORNING + 2}", "", "hashtags"): ("#hashtag", ""),
    },
    "a reaction that is there already touches its post by the job; what is sent twice is nothing to the plugin": {
        ("posts", "gm", f"{MORNING + 1}", "", "updateat"): ("now", MORNING + 33),
    },
    "REST reads a thread as of today": {
        (*_IN_THREAD, "ada", "lastviewed"): ("now", MORNING + 31),
        ("threadmemberships", '<é 🎉 \\ " \u202e \n end  >', "ada", "lastviewed"): ("now", MORNING + 34),
    },
    "REST has all be unread from a post on, and ours behind it count; the plugin leaves as many unread as there were": {
        ("channelmembers", "attic", "di", "msgcount"): (1, 2),
        ("channelmembers", "attic", "di", "lastviewedat"): (MORNING + 2, MORNING + 1),
    },
}
#: What tells the rows of a table from each other.
KEYS = {
    "posts": ("channelid", "createat", "originalid"),
    "reactions": ("postid", "userid", "emojiname"),
    "threads": ("postid",),
    "threadmemberships": ("postid", "userid"),
    "channels": ("id",),
    "channelmembers": ("channelid", "userid"),
    "fileinfo": ("postid", "name"),
}


def picture(kind: str, size: tuple[int, int], orientation: int = 1) -> bytes:
    drawn, told = io.BytesIO(), Image.Exif()
    told[0x0112] = orientation
    Image.linear_gradient("L").resize(size).convert("RGB").save(drawn, kind, exif=told)
    return drawn.getvalue()


#: Name -> bytes. Each lies on a post of its own but the first two: a post's files have no order.
FILES = {
    "large.png": picture("PNG", (1500, 1200)),
    "on its side.jpg": picture("JPEG", (300, 200), orientation=6),
    "small.jpg": picture("JPEG", (200, 100)),
    "dot.gif": picture("GIF", (1, 1)),
    "grüße an alle.txt": b"what was said",
    "no picture.png": b"only called so",
    "bare": b"without an ending",
    "drawn.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>',
    "empty.txt": b"",
}


def file_threads(world: World, folder: Path) -> list[Thread]:
    """A thread whose posts carry files of all sorts, in a room and in a direct channel."""
    files = [file(folder, key, name, content) for key, (name, content) in enumerate(FILES.items(), 1)]
    replies = [
        world.post(100 + n, world.bo, at=100 + n, files=(one,), message="") for n, one in enumerate(files[2:], 1)
    ]
    noted = world.post(120, at=120, files=(file(folder, 50, "note.txt", b"note"),))
    return [
        Thread(channel=world.room, root=world.post(100, at=100, files=tuple(files[:2])), replies=tuple(replies)),
        Thread(channel=world.dm, root=noted),
    ]


def threads_of(world: World) -> list[Thread]:
    """Threads in all kinds of channels, with everything that can hang on a root and on a reply but files."""
    rich: dict[str, Any] = {
        "is_pinned": True,
        "props": {"slack": "yes", "attachments": [{"text": "a card", "color": "red"}]},
    }
    root = world.post(1, at=1, edit_at=MORNING + 90, message="to #market & <home>", type="me", **rich)
    return [
        Thread(
            channel=world.room,
            root=msgspec.structs.replace(root, reactions=world.reactions(1, world.bo, world.cy)),
            replies=(
                world.post(2, world.bo, at=2, edit_at=MORNING + 91, message="no #hashtag of a reply"),
                world.post(4, world.di, at=4),
                world.post(5, world.bo, at=5),
            ),
            followers=(world.ada, world.bo),
        ),
        Thread(channel=world.attic, root=world.post(11, world.cy, at=1, message='é 🎉 \\ " \u202e \n end  ')),
        Thread(channel=world.attic, root=world.post(12, world.cy, at=2, type="system_join_channel")),
        Thread(channel=world.attic, root=world.post(13, world.cy, at=3, type="system_header_change")),
        Thread(channel=world.dm, root=world.post(16, at=1), replies=(world.post(17, world.bo, at=2),)),
        Thread(channel=world.gm, root=world.post(18, world.cy, at=1, reactions=world.reactions(1, world.ada))),
        Thread(channel=world.notes, root=world.post(19, at=1)),
    ]


def moved(kind: type[Stock] | type[Plugin], server: RunningServer, folder: Path) -> World:
    """A new world with these threads in it, sent by a transport and finished."""
    folder.mkdir()
    world = World(server, folder)
    world.populate()
    api = kind(server.url, server.token, world.team, world.journal, work_folder=folder)
    outcomes = list(api.send_threads([*threads_of(world), *file_threads(world, folder)]))
    assert [one for one in outcomes if isinstance(one, Refused)] == []
    assert len(outcomes) == 11 + 9
    # Files come later to posts that are there: one that has none, and one that has one.
    ids = {one.key: one.id for one in outcomes if isinstance(one, PostArrived)}
    late = file(folder, 60, "late.png", picture("PNG", (40, 30)))
    bare = world.post(11, world.cy, at=1, id=ids[11], message="", files=(late,))
    noted = world.post(120, at=120, id=ids[120], files=(file(folder, 50, "note.txt", b"note"), late))
    for with_late in ((world.attic, bare), (world.dm, noted)) * 2:
        (outcome,) = api.add_reactions([with_late])
        assert isinstance(outcome, PostArrived)
        assert sorted(one.name for one in outcome.files) == sorted(one.name for one in with_late[1].files)
        outcomes.append(outcome)
    api.finish()
    come_later(world, api, ids)
    for one in outcomes:
        assert isinstance(one, PostArrived)
        if one.files:
            world.http.get(
                f"/posts/{one.id}/files/info"
            )  # the server draws the mini previews when somebody first looks
    return world


def come_later(world: World, api: Stock, ids: dict[int, str]) -> None:
    """Send what a later export has for posts that are there: replies, reactions, texts. Some people have not read all."""
    in_the_middle = {
        "at": MORNING + 3,
        "post": ids[1],
        "bo": world.ids[world.bo],
        "di": world.ids[world.di],
        "attic": world.attic.id,
    }
    world.execute(
        "UPDATE threadmemberships SET lastviewed = %(at)s WHERE postid = %(post)s AND userid = %(bo)s", **in_the_middle
    )
    world.execute(
        "UPDATE channelmembers SET msgcount = msgcount - 1, msgcountroot = msgcountroot - 1, lastviewedat = %(at)s - 2 "
        "WHERE channelid = %(attic)s AND userid = %(di)s",
        **in_the_middle,
    )
    world.http.delete(f"/users/{world.ids[world.cy]}/posts/{ids[1]}/reactions/tada")
    world.rest.invalidate_caches()

    def there(key: int, username: str = "", **more: Any) -> Post:
        return world.post(key, username, id=ids[key], message="", **more)

    replies = [
        Thread(
            channel=world.room,
            root=there(1, at=1),
            replies=(world.post(30, world.cy, at=30), world.post(31, world.bo, at=31)),
        ),
        Thread(channel=world.dm, root=there(16, at=1), replies=(world.post(32, at=32),)),
        Thread(channel=world.gm, root=there(18, world.cy, at=1), replies=(world.post(33, world.bo, at=33),)),
        Thread(
            channel=world.attic,
            root=there(11, world.cy, at=1),
            replies=(world.post(34, at=34),),
            followers=(world.ada,),
        ),
    ]
    arrived, refused = by_key(api.send_threads(replies))
    assert (sorted(arrived), refused) == ([30, 31, 32, 33, 34], {})
    reacted = [
        (world.room, there(1, at=1, reactions=world.reactions(1, world.bo, world.cy, world.di))),
        (world.room, there(2, world.bo, at=2, reactions=world.reactions(2, world.ada))),
        (world.gm, there(18, world.cy, at=1, reactions=world.reactions(1, world.ada))),
    ]
    arrived, refused = by_key(api.add_reactions(reacted))
    assert (sorted(arrived), refused) == ([1, 2, 18], {})
    for key, text in ((17, "as #edited later"), (19, "as #edited later")):
        assert api.replace_text(ids[key], f"post {key}", f"{key} {text}") == ""
    api.finish()


def test_the_rows_of_the_plugin_are_those_of_the_import_job(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    by_job = moved(Stock, mattermost_with_plugin, tmp_path / "job")
    by_plugin = moved(Plugin, mattermost_with_plugin, tmp_path / "plugin")
    assert by_plugin.import_jobs() >= 1  # people and channels still come by job
    found, compared = {}, set(TABLES)
    for table in TABLES:
        rows = rows_of(by_job, table), rows_of(by_plugin, table)
        if table == "threadmemberships" and mattermost_with_plugin.version == "9.9":
            assert rows[0] == []  # the job of a 9.9 knows no followers; the plugin keeps them
            compared.remove(table)
            continue
        found |= differences(table, KEYS[table], *rows, aside=ASIDE.get(table, ()))
    assert found == {
        place: values for different in DIFFERENT.values() for place, values in different.items() if place[0] in compared
    }
    assert stored_files(by_plugin) == stored_files(by_job)
    importer = Importer(mattermost_with_plugin.url, mattermost_with_plugin.token)
    for channel in (by_job.room, by_job.attic, by_job.dm, by_job.gm, by_job.notes):
        # What the plugin counts is what the server shows, whatever the size of its pages.
        shown = sorted(everything_in(by_job.http, channel.id), key=lambda post: (-post.create_at, post.id))
        for most in (1, 3, 10_000):
            counted = importer.posts_of(channel.id, most=most)
            assert sorted(counted, key=lambda post: (-post.create_at, post.id)) == shown


def stored_files(world: World) -> list[tuple[str, bytes]]:
    """What lies in the file store of the world's files, with thumbnails and previews, by the name it has there."""
    query = "SELECT path, thumbnailpath, previewpath FROM fileinfo WHERE channelid = ANY(%(ids)s)"
    rows = world.rows(query, ids=[world.room.id, world.dm.id])
    paths = [path for row in rows for path in row.values() if path]
    return sorted((path.rsplit("/", 1)[1], (world.running.files / path).read_bytes()) for path in paths)
