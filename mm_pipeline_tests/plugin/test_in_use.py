"""People write in the very channels, and in the very threads, while batches come in through the plugin: all of it is there and counted."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline.http import Http
from mm_pipeline.mattermost.outgoing import PostChannel, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import new_person, session_of
from mm_pipeline_tests.mattermost.world import World, by_key
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

#: What comes in: batches, each with so many threads and a reply to an old one. What a person writes meanwhile in a room.
BATCHES, THREADS, POSTS = 12, 10, 30
_COUNTED = """
SELECT c.totalmsgcount, c.totalmsgcountroot, c.lastpostat, c.lastrootpostat FROM channels c WHERE c.id = %(id)s
"""
_THERE = """
SELECT count(*) FILTER (WHERE type = '') AS totalmsgcount, count(*) FILTER (WHERE type = '' AND rootid = '') AS totalmsgcountroot,
       max(createat) AS lastpostat, max(createat) FILTER (WHERE rootid = '') AS lastrootpostat
FROM posts WHERE channelid = %(id)s AND deleteat = 0
"""
_COUNTED_THREADS = """
SELECT postid, replycount, lastreplyat, ARRAY(SELECT jsonb_array_elements_text(participants) ORDER BY 1) AS participants
FROM threads WHERE channelid = %(id)s ORDER BY 1
"""
_THERE_THREADS = """
SELECT rootid AS postid, count(*) AS replycount, max(createat) AS lastreplyat,
       array_agg(DISTINCT userid::text ORDER BY userid::text) AS participants
FROM posts WHERE channelid = %(id)s AND rootid <> '' AND deleteat = 0 GROUP BY rootid ORDER BY 1
"""
_UNREAD = """
SELECT c.totalmsgcount - m.msgcount AS messages, c.totalmsgcountroot - m.msgcountroot AS roots, m.mentioncount AS mentions
FROM channelmembers m JOIN channels c ON c.id = m.channelid WHERE c.id = %(id)s AND m.userid = %(user)s
"""
#: A reply as the server writes one: the post and the thread's count in one transaction.
_REPLY = """
INSERT INTO posts (id, createat, updateat, editat, deleteat, ispinned, userid, channelid, rootid, originalid, message, type, props,
                   hashtags, filenames, fileids, hasreactions, remoteid)
SELECT %(id)s, %(at)s, %(at)s, 0, 0, FALSE, %(user)s, channelid, id, '', 'in this moment', '', '{}', '', '[]', '[]', FALSE, ''
FROM posts WHERE id = %(root)s
"""
_WAITS = """
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND position(%(what)s IN query) > 0
"""
_IS_THERE = "SELECT 1 FROM threads WHERE postid = %(what)s AND lastreplyat = 1700000000002"
_PATIENCE_S = 60.0


def send(world: World, threads: list[Thread]) -> dict[int, str]:
    """Have a batch come in; return the ids of its posts."""
    server = world.running
    api = Plugin(server.url, server.token, world.team, MemoryJournal(), work_folder=world.work_folder)
    arrived, refused = by_key(api.send_threads(threads))
    assert not refused
    return {key: one.id for key, one in arrived.items()}


def must_be_counted_as_they_are(world: World, room: PostChannel) -> None:
    """Have the server's counts be those of what is there."""
    assert world.rows(_COUNTED, id=room.id) == world.rows(_THERE, id=room.id)
    assert world.rows(_COUNTED_THREADS, id=room.id) == world.rows(_THERE_THREADS, id=room.id)


def batches_of(world: World, old: dict[str, str], first: int) -> Iterator[list[Thread]]:
    """Threads for both rooms; each batch has a reply to an old one, too."""
    for batch in range(first, first + BATCHES):
        at = 1_000 * (batch + 1)
        yield [
            thread
            for place, room in enumerate((world.room, world.attic))
            for key in [10 * at + 5_000 * place]
            for thread in (
                *(
                    Thread(
                        channel=room,
                        root=world.post(key + n, at=at + 2 * n),
                        replies=(world.post(key + 1_000 + n, world.bo, at=at + 2 * n + 1),),
                    )
                    for n in range(THREADS)
                ),
                Thread(
                    channel=room,
                    root=world.post(1, world.di, id=old[room.id], message="", at=1),
                    replies=(world.post(key + 2_000, world.cy, at=at + 500),),
                ),
            )
        ]


def written_by(person: Http, room: PostChannel, old: str) -> list[str]:
    """Have a person write into a room: by itself, into a thread of his own, into an old one; and a last word."""
    ids: list[str] = []
    for n in range(POSTS):
        root = ("", ids[0] if ids else "", old)[n % 3]
        ids.append(person.post("/posts", {"channel_id": room.id, "message": f"today {n}", "root_id": root})["id"])
    return ids


def test_what_people_write_meanwhile_is_there_and_counted_beside_what_comes_in(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    world = World(mattermost_with_plugin, tmp_path)
    world.populate()
    rooms = (world.room, world.attic)
    # Two people who reply to one thread in one moment are counted wrongly by the server itself: each has a thread of his own.
    theirs, ours = (
        send(world, [Thread(channel=room, root=world.post(n, world.di, at=at)) for n, room in enumerate(rooms)])
        for at in (1, 2)
    )
    people = [new_person(world.http, name) for name in ("nora", "olga")]
    world.rest.add_to_team([one["id"] for one in people])
    sessions = [session_of(world.running.url, one) for one in people]
    for room, one in zip(rooms, people, strict=True):
        world.rest.add_to_channel(room.id, [one["id"]], in_one_call=False)

    def come_in(first: int) -> None:
        for threads in batches_of(world, {room.id: ours[n] for n, room in enumerate(rooms)}, first):
            send(world, threads)

    with ThreadPoolExecutor(4) as together:
        coming = [together.submit(come_in, n * BATCHES) for n in range(2)]
        writing = [together.submit(written_by, sessions[n], room, theirs[n]) for n, room in enumerate(rooms)]
        written = [one.result() for one in writing]
        for one in coming:
            one.result()

    brought = 2 + 2 * BATCHES * (2 * THREADS + 1)
    for room, mine, person, session in zip(rooms, written, people, sessions, strict=True):
        mine.append(session.post("/posts", {"channel_id": room.id, "message": "that was that"})["id"])
        there = world.rows("SELECT id, userid FROM posts WHERE channelid = %(id)s AND type = ''", id=room.id)
        assert {row["id"] for row in there if row["userid"] == person["id"]} == set(mine)
        assert len(there) == brought + len(mine)
        must_be_counted_as_they_are(world, room)
        # Nothing of ours is unread, and everything of hers is: but for herself.
        unread = {"messages": POSTS + 1, "roots": POSTS // 3 + 1, "mentions": 0}
        for user_id in world.ids.values():
            assert world.rows(_UNREAD, id=room.id, user=user_id) == [unread]
        assert world.rows(_UNREAD, id=room.id, user=person["id"]) == [{"messages": 0, "roots": 0, "mentions": 0}]
        session.close()


class Meeting:
    """A thread into which a batch brings a reply, while a person's is written as the server does it: read the count, add one."""

    def __init__(self, server: RunningServer, folder: Path) -> None:
        self.world = World(server, folder)
        self.world.populate()
        root, reply = self.world.post(1), self.world.post(2, self.world.bo, at=1)
        self.root = send(self.world, [Thread(channel=self.world.room, root=root, replies=(reply,))])[1]

    def come_in(self) -> None:
        known, reply = self.world.post(1, id=self.root, message=""), self.world.post(3, self.world.cy, at=2)
        send(self.world, [Thread(channel=self.world.room, root=known, replies=(reply,))])

    def insert(self, theirs: "psycopg.Connection[Any]") -> None:
        reply = {"id": self.root[::-1], "root": self.root, "user": self.world.ids[self.world.di]}
        theirs.execute(_REPLY, reply | {"at": 1_800_000_000_000})

    def count(self, theirs: "psycopg.Connection[Any]") -> None:
        """Write down one more than there was when it was read; there is nobody else yet for the server."""
        theirs.execute("UPDATE threads SET replycount = 2 WHERE postid = %s", [self.root])

    def wait_for(self, what: str, query: str = _WAITS) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not self.world.rows(query, what=what):
            assert time.monotonic() < until
            time.sleep(0.05)

    def must_be_counted(self) -> None:
        (counted,), (there,) = (
            self.world.rows(query, id=self.world.room.id) for query in (_COUNTED_THREADS, _THERE_THREADS)
        )
        assert counted == there
        assert there["replycount"] == 3


def test_a_reply_that_somebody_writes_as_a_batch_comes_in_is_counted(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    meeting = Meeting(mattermost_with_plugin, tmp_path)
    with psycopg.connect(mattermost_with_plugin.database_url) as theirs, ThreadPoolExecutor(1) as beside:
        meeting.insert(theirs)
        meeting.count(theirs)
        coming = beside.submit(meeting.come_in)
        meeting.wait_for("mm_pipeline")
        theirs.commit()
        coming.result()
    meeting.must_be_counted()


def test_a_reply_that_waits_for_a_batch_takes_nothing_from_its_count(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    meeting, url = Meeting(mattermost_with_plugin, tmp_path), mattermost_with_plugin.database_url
    with psycopg.connect(url) as theirs, psycopg.connect(url) as held, ThreadPoolExecutor(2) as beside:
        held.execute("LOCK TABLE channelmembers IN SHARE MODE")  # the batch counts threads before it
        coming = beside.submit(meeting.come_in)
        meeting.wait_for("mm_pipeline")
        meeting.insert(theirs)
        counting = beside.submit(lambda: (meeting.count(theirs), theirs.commit()))
        meeting.wait_for("UPDATE threads SET replycount = 2")
        held.rollback()
        counting.result()
        coming.result()
    meeting.must_be_counted()


def test_a_reply_whose_count_is_written_down_after_a_batch_takes_nothing_from_it(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    meeting = Meeting(mattermost_with_plugin, tmp_path)
    with psycopg.connect(mattermost_with_plugin.database_url) as theirs, ThreadPoolExecutor(1) as beside:
        meeting.insert(theirs)  # and reads the count
        coming = beside.submit(meeting.come_in)
        meeting.wait_for(meeting.root, _IS_THERE)
        time.sleep(0.5)  # whoever counted at once would have counted by now
        meeting.count(theirs)
        theirs.commit()
        coming.result()
    meeting.must_be_counted()
