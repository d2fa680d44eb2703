"""The generator of benchmark exports: the same bytes for the same arguments, as many messages as asked, shaped as Slack shapes them."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

GENERATE = Path(__file__).parents[2] / "benchmarks" / "generate.py"

Json = dict[str, Any]


def generate(output: Path, *arguments: str) -> Json:
    command = [sys.executable, "-B", str(GENERATE), *arguments, "--output", str(output)]
    counts: Json = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return counts


class Export:
    """What lies in a generated zip, read back."""

    def __init__(self, path: Path, counts: Json) -> None:
        self.counts = counts
        with ZipFile(path) as archive:
            self.users: list[Json] = json.loads(archive.read("users.json"))
            self.channels: list[Json] = json.loads(archive.read("channels.json"))
            self.days: dict[str, list[Json]] = {
                name: json.loads(archive.read(name)) for name in archive.namelist() if "/" in name
            }
        self.by_place = {(name.split("/")[0], m["ts"]): m for name, messages in self.days.items() for m in messages}
        self.messages = [message for messages in self.days.values() for message in messages]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    path = tmp_path_factory.mktemp("generated") / "export.zip"
    return Export(path, generate(path, "--messages", "3000", "--people", "60", "--channels", "7"))


def is_reply(message: Json) -> bool:
    return bool(message.get("thread_ts", message["ts"]) != message["ts"])


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", "5"), ("again", "5"), ("other", "6")):
        generate(tmp_path / name, "--messages", "300", "--people", "20", "--seed", seed)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "again").read_bytes()
    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(("messages", "people", "channels"), [(1, 1, 1), (1, 3, 2), (17, 1, 5), (999, 40, 3)])
def test_it_makes_as_many_as_asked(tmp_path: Path, messages: int, people: int, channels: int) -> None:
    asked = ("--messages", str(messages), "--people", str(people), "--channels", str(channels))
    made = Export(tmp_path / "z", generate(tmp_path / "z", *asked))
    assert (len(made.messages), len(made.users), len(made.channels)) == (messages, people, channels)


def test_it_says_what_it_made(export: Export) -> None:
    assert export.counts["messages"] == len(export.messages) == 3000
    assert export.counts["replies"] == sum(map(is_reply, export.messages))
    given = [reaction["users"] for message in export.messages for reaction in message.get("reactions", [])]
    assert export.counts["reactions"] == sum(map(len, given))
    assert export.counts["files"] == sum(len(message.get("files", [])) for message in export.messages)


def test_the_shares_are_those_of_real_exports(export: Export) -> None:
    replies = sum(map(is_reply, export.messages)) / len(export.messages)
    blocks = sum("blocks" in message for message in export.messages) / len(export.messages)
    subtypes = Counter(message.get("subtype") for message in export.messages)
    assert 0.5 < replies < 0.75
    assert 0.7 < blocks < 0.95
    assert subtypes["bot_message"] > 30
    assert subtypes["channel_join"] > 20
    assert 2 <= sum(user["deleted"] for user in export.users) <= 15
    assert any("::skin-tone-" in reaction["name"] for m in export.messages for reaction in m.get("reactions", []))


def test_no_two_messages_of_a_channel_share_a_ts_and_days_are_in_order(export: Export) -> None:
    assert len(export.by_place) == len(export.messages)
    for messages in export.days.values():
        assert [message["ts"] for message in messages] == sorted(message["ts"] for message in messages)


def test_every_reply_comes_after_its_root_which_names_it(export: Export) -> None:
    for (folder, ts), message in export.by_place.items():
        if is_reply(message):
            root = export.by_place[folder, message["thread_ts"]]
            assert root["ts"] < ts
            assert {"user": message["user"], "ts": ts} in root["replies"]
        elif "replies" in message:
            assert message["reply_count"] == len(message["replies"])
            assert message["latest_reply"] == message["replies"][-1]["ts"]
            assert all((folder, reply["ts"]) in export.by_place for reply in message["replies"])


def test_people_write_where_they_are_members_and_everybody_is_in_general(export: Export) -> None:
    members = {channel["name"]: set(channel["members"]) for channel in export.channels}
    assert members["general"] == {user["id"] for user in export.users}
    for (folder, _), message in export.by_place.items():
        assert message.get("user", "USLACKBOT") in members[folder] | {"USLACKBOT"}


def test_pins_point_at_messages(export: Export) -> None:
    for channel in export.channels:
        assert all((channel["name"], pin["id"]) in export.by_place for pin in channel.get("pins", []))


def test_nonsense_is_refused_in_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, str(GENERATE), "--messages", "0", "--people", "5", "--output", str(tmp_path / "z")]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "must be at least 1" in refused.stderr
