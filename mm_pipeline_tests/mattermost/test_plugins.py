"""The server's plugins are told of no imported message and no reaction, so that none answers what was said years ago."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_pipeline_tests.mattermost.threads import thread
from mm_pipeline_tests.mattermost.world import World, by_key
from mm_pipeline_tests.mattermost_server.listener import Listener, bundle
from mm_pipeline_tests.mattermost_server.running import RunningServer

#: Hooks are called from threads of the server's own, after it has answered.
LATE_S = 3
NEWCOMERS = {"UserHasBeenCreated", "ChannelHasBeenCreated"}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return bundle(tmp_path_factory.mktemp("listener"))


@pytest.fixture
def listener(mattermost: RunningServer, packed: bytes) -> Iterator[Listener]:
    listener = Listener(mattermost, packed)
    yield listener
    listener.remove()


def test_plugins_hear_of_new_people_and_channels_and_of_nothing_that_was_said(
    mattermost: RunningServer, listener: Listener, tmp_path: Path
) -> None:
    world = World(mattermost, tmp_path)
    time.sleep(LATE_S)
    listener.forget()
    world.populate()
    root = world.post(1, message=f"look @{world.bo} @all", reactions=world.reactions(0, world.bo, world.cy))
    reply = world.post(2, world.bo, f"yes @{world.ada}", at=10)
    said = [thread(root, reply, channel=world.room), thread(world.post(3, message=f"@{world.bo}"), channel=world.dm)]
    arrived, refused = by_key(world.sender.send_threads(said))
    assert (sorted(arrived), refused) == ([1, 2, 3], {})
    time.sleep(LATE_S)
    assert {hook for hook, _ in listener.heard()} <= NEWCOMERS

    # Silence is worth something only where a word would have been heard.
    admin = world.rest.me.id
    world.rest.add_to_channel(world.room.id, [admin], in_one_call=False)
    post = world.http.post("/posts", {"channel_id": world.room.id, "message": "hello"})
    world.http.post("/reactions", {"user_id": admin, "post_id": post["id"], "emoji_name": "tada"})
    wanted = {("MessageHasBeenPosted", post["id"]), ("ReactionHasBeenAdded", post["id"])}
    until = time.monotonic() + 20
    while not wanted <= set(listener.heard()):
        assert time.monotonic() < until, listener.heard()
        time.sleep(0.2)
