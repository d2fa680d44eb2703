"""A plugin that is killed in the middle of a batch: the server's connections are clean, and the batch comes once."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.importer import PLUGIN_ID
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.world import World, by_key
from mm_pipeline_tests.mattermost_server.binary import VERSIONS
from mm_pipeline_tests.mattermost_server.plugin_process import kill_plugin
from mm_pipeline_tests.plugin.test_again import some_threads

pytestmark = pytest.mark.server

_WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'mm_pipeline'"
_LEFT_OPEN = (
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)
_PATIENCE_S = 60.0


@pytest.mark.parametrize("version", VERSIONS)
def test_no_connection_of_the_server_is_left_in_a_transaction(
    version: str, fresh_mattermost: FreshMattermost, plugin_bundle: Path, tmp_path: Path
) -> None:
    # A server of its own: a statement that ran when the plugin died leaves others of the server's a connection with its
    # answer on it, and their next request may fail.
    server = fresh_mattermost(version)
    ServerPlugin(server.url, server.token).install(plugin_bundle)
    world = World(server, tmp_path)
    world.populate()
    threads = some_threads(world, tmp_path)

    def send() -> dict[int, str]:
        api = Plugin(server.url, server.token, world.team, MemoryJournal(), work_folder=tmp_path)
        arrived, refused = by_key(api.send_threads(threads))
        assert not refused
        return {key: one.id for key, one in arrived.items()}

    with psycopg.connect(server.database_url) as locked, psycopg.connect(server.database_url, autocommit=True) as seen:
        locked.execute("LOCK TABLE threadmemberships IN SHARE MODE")
        with ThreadPoolExecutor(1) as beside:
            sending = beside.submit(send)
            until = time.monotonic() + _PATIENCE_S
            while not seen.execute(_WAITS).fetchone():
                assert time.monotonic() < until
                time.sleep(0.05)
            kill_plugin(server, PLUGIN_ID)
            locked.rollback()
            ServerPlugin(server.url, server.token).install(plugin_bundle)
            with suppress(PipelineError):
                sending.result(_PATIENCE_S)
        assert seen.execute(_LEFT_OPEN).fetchall() == []
    sent = send()
    assert len(set(sent.values())) == 30
    query = "SELECT id FROM posts WHERE channelid = ANY(%(ids)s) AND type = ''"
    there = [row["id"] for row in world.rows(query, ids=[world.room.id, world.attic.id])]
    assert sorted(there) == sorted(sent.values())
    assert send() == sent
