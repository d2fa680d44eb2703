"""Threads through the server plugin, by import job, and as bare rows by COPY: messages per second on one fresh server.

Sends what is made here and nothing else: reading an export, rendering and statuses are not in it.
"""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from copied import copied
from figures import Figure, at_least, figure
from processes import cpu_seconds
from server import fresh_server

from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, Post, PostChannel, PostReaction, Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from plugin.build import build, of_this_machine

#: Of what COPY takes for the same rows.
BOUND_SHARE = 0.35
#: Programs of a server, by how their names begin; what is left is Mattermost's own.
_PROGRAMS = {"the server's PostgreSQL": "postgres", "the plugin": "plugin-linux-"}
#: Making more accounts takes longer than sending.
MOST_PEOPLE = 40
_MORNING = 1_600_000_000_000
#: A thread of a real export (facts: 29,768 roots, 73,288 replies, 37,172 reactions): replies, and reactions to the root.
_REPLIES, _REACTIONS = (0, 0, 1, 3, 8), (0, 1, 2)
_WORDS = [
    "tea",
    "kettle",
    "market",
    "cup",
    "window",
    "and",
    "of",
    "the",
    "to",
    "we",
    "could",
    "bring",
    "home",
    "early",
    "letter",
    "garden",
    "today",
    "perhaps",
]


def sending(messages: int, people: int, folder: Path, version: str) -> Iterator[Figure]:
    """Send the same number of messages each way, one after the other."""
    with fresh_server(folder / "server", version) as told:
        url, token, team = told["MM_URL"], told["MM_TOKEN"], told["MM_TEAM"]
        ServerPlugin(url, token).install(build(folder / "bundle", of_this_machine()))
        journal = MemoryJournal()
        plugin = Plugin(url, token, team, journal, work_folder=folder / "work")
        stock = Stock(url, token, team, journal, work_folder=folder / "work")
        names = [f"person{n}" for n in range(min(people, MOST_PEOPLE))]
        channels = _channels(stock, names)
        before = _cpu(folder / "server")
        by_plugin = _rate(lambda: plugin.send_threads(_threads(messages, channels[:5], names)))
        spent = {what: seconds - before[what] for what, seconds in _cpu(folder / "server").items()}
        yield figure("through the plugin", by_plugin, "messages/s")
        for what, seconds in spent.items():
            yield figure(f"... CPU of {what}, a second", seconds * by_plugin / messages, "s")
        by_job = _rate(lambda: stock.send_threads(_threads(messages, channels[5:], names)))
        yield figure("by import job, with its wait and reading back", by_job, "messages/s")
        posts, seconds = copied(told["MM_DATABASE"], [channel.id for channel in channels[:5]])
        by_copy = posts / seconds
        yield figure("the same rows by COPY", by_copy, "messages/s")
        yield figure("plugin over job", by_plugin / by_job, "")
        yield at_least("plugin over COPY", by_plugin / by_copy, "", BOUND_SHARE)


def _cpu(server: Path) -> dict[str, float]:
    """Return the CPU seconds that each has spent so far: this process, and the programs of a server."""
    spent = {what: cpu_seconds(server, program) for what, program in _PROGRAMS.items()}
    return {"this process": time.process_time(), **spent, "Mattermost": cpu_seconds(server) - sum(spent.values())}


def _channels(stock: Stock, people: list[str]) -> list[PostChannel]:
    """Make the people and ten rooms that hold them all."""
    names = [f"room{n}" for n in range(10)]
    accounts = [
        NewAccount(key=key, username=name, email=f"{name}@people.invalid", channels=tuple(names))
        for key, name in enumerate(people)
    ]
    rooms = [NewChannel(key=key, kind=ChannelKind.PUBLIC, name=name) for key, name in enumerate(names)]
    for _ in stock.create_accounts(accounts, rooms):
        pass
    return [
        PostChannel(id=found.id, kind=ChannelKind.PUBLIC, name=name)
        for name in names
        if (found := stock.channel_named(name))
    ]


def _threads(messages: int, channels: list[PostChannel], people: list[str]) -> Iterator[Thread]:
    """Yield threads of so many messages in all, the same ones each time."""
    chance, keys = random.Random(1), itertools.count(1)
    left = messages
    while left > 0:
        replies = min(chance.choice(_REPLIES), left - 1)
        left -= 1 + replies
        root = _post(chance, next(keys), people)
        reactions = tuple(
            PostReaction(key=0, username=name, emoji_name="tada", create_at=root.create_at + 1)
            for name in chance.sample(people, chance.choice(_REACTIONS))
        )
        yield Thread(
            channel=chance.choice(channels),
            root=Post(
                key=root.key,
                username=root.username,
                message=root.message,
                create_at=root.create_at,
                reactions=reactions,
            ),
            replies=tuple(_post(chance, next(keys), people) for _ in range(replies)),
            followers=(root.username,) if replies else (),
        )


def _post(chance: random.Random, key: int, people: list[str]) -> Post:
    text = " ".join(chance.choices(_WORDS, k=20))
    return Post(
        key=key,
        username=chance.choice(people),
        message=text,
        create_at=_MORNING + 1000 * key,
        props={"slack_ts": str(key)},
        slack_id=str(key),
    )


def _rate(send: Callable[[], Iterator[object]]) -> float:
    began = time.perf_counter()
    arrived = sum(1 for _ in send())
    return arrived / (time.perf_counter() - began)
