"""The server's plugins are told of no imported message and no reaction, so that none answers what was said years ago."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outcome import Done
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.threads import thread
from mm_pipeline_tests.mattermost.world import World, by_key
from mm_pipeline_tests.mattermost_server.listener import Listener, bundle
from mm_pipeline_tests.mattermost_server.running import RunningServer

#: Hooks are called from threads of the server's own, after it has answered.
LATE_S = 3
NEWCOMERS = {"UserHasBeenCreated", "ChannelHasBeenCreated"}
#: Transport -> the hooks that it may have called: ours tells nobody even of people and channels.
MAY_BE_HEARD: dict[type[Stock], set[str]] = {Stock: NEWCOMERS, Plugin: set()}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return bundle(tmp_path_factory.mktemp("listener"))


@pytest.fixture
def listener(mattermost_with_plugin: RunningServer, packed: bytes) -> Iterator[Listener]:
    listener = Listener(mattermost_with_plugin, packed)
    yield listener
    listener.remove()


@pytest.mark.parametrize("kind", MAY_BE_HEARD)
def test_plugins_hear_of_new_people_and_channels_and_of_nothing_that_was_said(
    mattermost_with_plugin: RunningServer, listener: Listener, kind: type[Stock], tmp_path: Path
) -> None:
    world = World(mattermost_with_plugin, tmp_path)
    world.populate()
    time.sleep(LATE_S)
    listener.forget()
    api = kind(world.running.url, world.running.token, world.team, world.journal, work_folder=tmp_path / "work")
    attic = NewChannel(key=1, kind=ChannelKind.PUBLIC, name=f"new-{world.ada[4:]}", display_name="New", slack_id="C1")
    mail, rooms = f"eve-{world.ada}@people.invalid", (attic.name,)
    eve = NewAccount(key=2, username=f"eve-{world.ada}", email=mail, channels=rooms, slack_id="U1")
    pair = NewChannel(key=3, kind=ChannelKind.DIRECT, members=(eve.username, world.ada), slack_id="D1")
    outcomes = [*api.create_accounts([eve], [attic]), *api.open_channels([attic, pair])]
    assert {type(one) for one in outcomes} == {Done}, outcomes
    root = world.post(1, message=f"look @{world.bo} @all", reactions=world.reactions(0, world.bo, world.cy))
    reply = world.post(2, world.bo, f"yes @{world.ada}", at=10)
    said = [thread(root, reply, channel=world.room), thread(world.post(3, message=f"@{world.bo}"), channel=world.dm)]
    arrived, refused = by_key(api.send_threads(said))
    assert (sorted(arrived), refused) == ([1, 2, 3], {})
    api.finish()
    time.sleep(LATE_S)
    assert {hook for hook, _ in listener.heard()} <= MAY_BE_HEARD[kind]

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
