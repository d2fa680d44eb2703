"""What the plugin keeps of people, channels and threads that the stock road cannot, and what is sent to it twice."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.on_server import ChannelKind, PostArrived
from mm_pipeline.mattermost.ours import EDITED
from mm_pipeline.mattermost.outcome import Done
from mm_pipeline.mattermost.outgoing import NewChannel, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.world import MORNING, World
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def world(mattermost_with_plugin: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(mattermost_with_plugin, tmp_path_factory.mktemp("work"))
    world.populate()
    return world


@pytest.fixture
def api(world: World, tmp_path: Path) -> Plugin:
    world.journal = MemoryJournal()
    return Plugin(world.running.url, world.running.token, world.team, world.journal, work_folder=tmp_path)


def test_channels_keep_who_made_them_and_when(world: World, api: Plugin) -> None:
    tail = secrets.token_hex(4)
    early = NewChannel(key=1, kind=ChannelKind.PUBLIC, name=f"early-{tail}", slack_id="C1")
    kept: dict[str, Any] = {"creator": world.bo, "create_at": MORNING}
    known = NewChannel(key=2, kind=ChannelKind.PRIVATE, name=f"known-{tail}", slack_id="C2", **kept)
    direct = NewChannel(key=3, kind=ChannelKind.DIRECT, members=(world.cy, world.di), slack_id="D1", **kept)
    # The step of the people makes channels before it is known who made them in Slack.
    list(api.create_accounts([], [early]))
    told = NewChannel(key=1, kind=ChannelKind.PUBLIC, name=early.name, slack_id="C1", **kept)
    made = {one.key: one.id for one in api.open_channels([told, known, direct]) if isinstance(one, Done)}
    for channel_id in made.values():
        there = world.http.get(f"/channels/{channel_id}")
        assert (there["creator_id"], there["create_at"]) == (world.ids[world.bo], MORNING)
    # What somebody else made is theirs.
    other = NewChannel(key=1, kind=ChannelKind.PUBLIC, name=early.name, creator=world.ada, slack_id="C1")
    list(api.open_channels([other]))
    assert world.http.get(f"/channels/{made[1]}")["creator_id"] == world.ids[world.bo]


def test_ids_may_be_longer_than_the_plugin_s_own(world: World, api: Plugin) -> None:
    tail, long = secrets.token_hex(4), f"T0FERN:folder:{'a long name ' * 20}"
    rooms = [
        NewChannel(key=n, kind=ChannelKind.PRIVATE, name=f"long{n}-{tail}", slack_id=f"{long}{n}", members=(world.ada,))
        for n in (1, 2)
    ]
    made = [one.id for one in api.open_channels(rooms) if isinstance(one, Done)]
    assert len(set(made)) == 2


def test_who_is_sent_at_the_same_time_and_again_comes_once(world: World) -> None:
    importer = Importer(world.running.url, world.running.token)
    tail, team = secrets.token_hex(4), world.server.team_id
    people = [
        {"identity": f"U{n}{tail}", "username": f"p{n}.{tail}", "email": f"p{n}.{tail}@people.invalid"}
        | {"channel_ids": [world.room.id]}
        for n in range(60)
    ]
    rooms = [
        {
            "identity": f"C{n}{tail}",
            "type": "O",
            "name": f"c{n}-{tail}",
            "display_name": "C",
            "members": [world.ids[world.ada]],
        }
        for n in range(50)
    ]
    with ThreadPoolExecutor(4) as together:
        sent = [together.submit(importer.accounts, team, people[::order]) for order in (1, -1)]
        made = [together.submit(importer.channels, team, rooms[::order]) for order in (1, -1)]
        accounts = [one.result()[::order] for one, order in zip(sent, (1, -1), strict=True)]
        channels = [one.result()[::order] for one, order in zip(made, (1, -1), strict=True)]
    for first, second in (accounts, channels):
        assert [one.id for one in first] == [one.id for one in second]
        assert len({one.id for one in first}) == len(first)
    assert importer.accounts(team, people) == accounts[0]
    rows = world.rows("SELECT 1 FROM channelmembers WHERE userid = ANY(%(ids)s)", ids=[one.id for one in accounts[0]])
    assert len(rows) == 60
    # One whom somebody has removed for good comes anew, and who is called otherwise by now is somebody else.
    gone, renamed = accounts[0][:2]
    world.execute("DELETE FROM users WHERE id = %(id)s", id=gone.id)
    world.execute(
        "UPDATE users SET username = %(name)s, email = %(name)s WHERE id = %(id)s",
        name=f"x.{tail}@y.invalid",
        id=renamed.id,
    )
    again = importer.accounts(team, people[:3])
    assert [one.answer for one in again] == ["created"] * 3
    assert [one.id == before.id for one, before in zip(again, accounts[0], strict=False)] == [False, False, True]


def test_followers_and_the_props_of_replies_are_kept_on_every_server(world: World, api: Plugin) -> None:
    marked = world.post(61, world.bo, at=61, props={"slack_ts": "1700000000.000061"})
    thread = Thread(channel=world.attic, root=world.post(60, at=60), replies=(marked,), followers=(world.ada, world.bo))
    ids = {one.key: one.id for one in api.send_threads([thread])}  # type: ignore[union-attr]
    assert world.http.get(f"/posts/{ids[61]}")["props"] == marked.props
    follow = "SELECT userid, following, lastviewed, unreadmentions FROM threadmemberships WHERE postid = %(id)s"
    seen = {"following": True, "lastviewed": MORNING + 61, "unreadmentions": 0}
    assert sorted(world.rows(follow, id=ids[60]), key=lambda row: row["userid"]) == [
        {"userid": user_id, **seen} for user_id in sorted((world.ids[world.ada], world.ids[world.bo]))
    ]


def test_a_text_is_put_right_as_if_it_had_been_sent_so(world: World, api: Plugin) -> None:
    root = world.post(1, at=1, message="see #old", edit_at=MORNING + 5)
    reply = world.post(2, world.bo, at=2, message="see #old")
    theirs = world.post(3, at=3, message="of a person")
    threads = [Thread(channel=world.room, root=root, replies=(reply,)), Thread(channel=world.room, root=theirs)]
    ids = {one.key: one.id for one in api.send_threads(threads)}  # type: ignore[union-attr]
    history = "SELECT count(*) AS n FROM posts WHERE channelid = %(id)s"
    before, channel = world.rows(history, id=world.room.id), world.http.get(f"/channels/{world.room.id}")
    world.http.put(f"/posts/{ids[3]}/patch", {"message": "changed by a person"})
    api.archive_channel(world.room.id)
    api.finish()
    assert api.replace_text(ids[1], "see #old", "see #new", MORNING + 5) == ""
    assert api.replace_text(ids[2], "another text", "edited in Slack", 0, MORNING + 9) == ""
    assert api.replace_text(ids[2], "whatever", "edited in Slack") == ""
    assert api.replace_text(ids[3], "of a person", "ours", 0) == "it was edited in Mattermost, too"
    assert api.replace_text("x" * 26, "a", "b") == "it was deleted in Mattermost"
    assert "no such text" in api.replace_text(ids[1], "see #new", "x" * 20_000)
    posts = {key: world.http.get(f"/posts/{ids[key]}") for key in (1, 2, 3)}
    assert [(one["message"], one["edit_at"], one["hashtags"]) for one in (posts[1], posts[2])] == [
        ("see #new", MORNING + 5, "#new"),
        ("edited in Slack", MORNING + 9, ""),
    ]
    assert posts[3]["message"] == "changed by a person"
    assert set(api._journal.owed(EDITED)) == {f"{ids[1]} {MORNING + 5}", f"{ids[2]} {MORNING + 9}"}
    assert world.rows(history, id=world.room.id)[0]["n"] == before[0]["n"] + 1  # the old text of the person's
    now = world.http.get(f"/channels/{world.room.id}")
    assert now["total_msg_count"] == channel["total_msg_count"]


def test_a_text_that_somebody_edits_in_that_very_moment_is_told_as_theirs(world: World, api: Plugin) -> None:
    root = world.post(20, at=20, message="a draft")
    (sent,) = api.send_threads([Thread(channel=world.room, root=root)])
    assert isinstance(sent, PostArrived)
    with psycopg.connect(world.running.database_url) as editor, ThreadPoolExecutor(1) as beside:
        editor.execute("UPDATE posts SET message = 'by hand', editat = %s WHERE id = %s", [MORNING + 50, sent.id])
        replaced = beside.submit(api.replace_text, sent.id, "a draft", "as Slack has it", 0)
        until = time.monotonic() + 30
        while not world.rows("SELECT 1 FROM pg_locks WHERE NOT granted") and not replaced.done():
            assert time.monotonic() < until
            time.sleep(0.05)
        editor.commit()
        assert replaced.result() == "it was edited in Mattermost, too"
    assert world.http.get(f"/posts/{sent.id}")["message"] == "by hand"
    assert api._journal.owed(EDITED) == []
