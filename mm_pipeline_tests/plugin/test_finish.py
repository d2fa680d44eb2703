"""What an import job left unread the plugin marks read as the REST API does, row by row; what people had not read stays so."""

from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.mattermost.on_server import PostArrived
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.read_state import KEEP_UNREAD, MARK_READ, MARK_THREADS
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.people_of import unread_of
from mm_pipeline_tests.mattermost.world import World
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.table_rows import rows_of

pytestmark = pytest.mark.server


def finished(kind: type[Stock], server: RunningServer, folder: Path) -> tuple[World, list[list[dict[str, Any]]]]:
    """A world whose threads came by job and grew by another, finished by a transport; and the rows of its people."""
    folder.mkdir()
    world = World(server, folder)
    world.populate()
    # The administrator joins and says something: unread by all others, and it stays so.
    world.http.post(f"/channels/{world.attic.id}/members", {"user_id": world.rest.me.id})
    world.http.post("/posts", {"channel_id": world.attic.id, "message": "news"})
    world.execute(
        "UPDATE channelmembers SET mentioncount = 0, mentioncountroot = 0 WHERE channelid = %(id)s", id=world.attic.id
    )
    api = Stock(server.url, server.token, world.team, world.journal, work_folder=folder / "work")
    first = Thread(
        channel=world.room, root=world.post(1, at=1), replies=(world.post(2, world.bo, at=2),), followers=(world.ada,)
    )
    others = [Thread(channel=channel, root=world.post(3, at=3)) for channel in (world.attic, world.dm)]
    arrived = list(api.send_threads([first, *others]))
    assert not [one for one in arrived if isinstance(one, Refused)]
    (root,) = [one.id for one in arrived if isinstance(one, PostArrived) and one.key == 1]
    grown = Thread(channel=world.room, root=world.post(1, at=1, id=root), replies=(world.post(4, world.cy, at=9),))
    assert len(list(api.send_threads([grown]))) == 1
    assert world.journal.owed(MARK_READ)
    assert world.journal.owed(KEEP_UNREAD)
    assert world.journal.owed(MARK_THREADS) == [world.room.id]
    kind(server.url, server.token, world.team, world.journal, work_folder=folder / "finish").finish()
    for task in (MARK_READ, KEEP_UNREAD, MARK_THREADS):
        assert world.journal.owed(task) == []
    return world, [rows_of(world, table) for table in ("channelmembers", "threadmemberships")]


def test_the_plugin_finishes_what_jobs_have_brought_as_the_stock_road_does(
    mattermost_with_plugin: RunningServer, tmp_path: Path
) -> None:
    by_rest, wanted = finished(Stock, mattermost_with_plugin, tmp_path / "stock")
    by_plugin, told = finished(Plugin, mattermost_with_plugin, tmp_path / "plugin")
    for rows in (wanted, told):
        for row in rows[0]:
            del row["lastupdateat"]  # of two moments of today, one
    assert told[0] == wanted[0]
    for world in (by_rest, by_plugin):
        unread = {
            one for user_id in world.ids.values() for one, *_ in unread_of(world.http, user_id, world.rest.team_id)
        }
        assert unread == {world.attic.id}
    # REST marks a thread seen now, the plugin up to its last reply: nothing of it is new in either.
    seen = [[(row["userid"], row["following"], row["unreadmentions"]) for row in rows[1]] for rows in (told, wanted)]
    assert seen[0] == seen[1]
    behind = (
        "SELECT 1 FROM threadmemberships m JOIN threads t ON t.postid = m.postid "
        "WHERE t.channelid = %(id)s AND m.lastviewed < t.lastreplyat"
    )
    assert by_plugin.rows(behind, id=by_plugin.room.id) == []
