"""What stands in the lines that a server imports."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mm_pipeline.mattermost import import_lines
from mm_pipeline.mattermost.limits import FILE_NAME_BYTES, LINE_BYTES, REPLIES_PER_LINE
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import FileAttachment, NewAccount, NewChannel, PostChannel
from mm_pipeline_tests.mattermost.threads import MORNING, file, post, reactions, thread


def read(line: bytes) -> tuple[str, dict[str, Any]]:
    """Take a line apart into its type and its fields."""
    whole = json.loads(line)
    assert b"\n" not in line
    kind = whole.pop("type")
    assert list(whole) == [kind]
    return kind, whole[kind]


def test_an_import_begins_with_the_version() -> None:
    assert json.loads(import_lines.version_line()) == {"type": "version", "version": 1}


def test_a_person_comes_with_all_memberships_and_neither_password_nor_read_counters() -> None:
    account = NewAccount(key=1, username="ada", email="ada@people.invalid", first_name="Ada", channels=("b", "a", "b"))
    kind, fields = read(import_lines.user_line(account, "crew"))
    assert kind == "user"
    assert fields == {
        "username": "ada",
        "email": "ada@people.invalid",
        "roles": "system_user",
        "first_name": "Ada",
        "teams": [
            {
                "name": "crew",
                "roles": "team_user",
                "channels": [{"name": "b", "roles": "channel_user"}, {"name": "a", "roles": "channel_user"}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("service", "data", "named"),
    [
        ("gitlab", "17", {"auth_service": "gitlab", "auth_data": "17"}),
        ("gitlab", "", {}),
        ("", "17", {}),
        ("", "", {}),
    ],
)
def test_single_sign_on_is_named_whole_or_not_at_all(service: str, data: str, named: dict[str, str]) -> None:
    account = NewAccount(key=1, username="ada", email="a@people.invalid", auth_service=service, auth_data=data)
    _, fields = read(import_lines.user_line(account, "crew"))
    assert {name: value for name, value in fields.items() if name.startswith("auth_")} == named


def test_a_deactivated_person_is_created_deactivated() -> None:
    account = NewAccount(key=1, username="bo", email="bo@people.invalid", delete_at=MORNING)
    assert read(import_lines.user_line(account, "crew"))[1]["delete_at"] == MORNING


def test_a_guest_is_one_everywhere() -> None:
    account = NewAccount(key=1, username="cy", email="c@people.invalid", roles="system_guest", channels=("a", "b"))
    _, fields = read(import_lines.user_line(account, "crew"))
    assert fields["roles"] == "system_guest"
    (team,) = fields["teams"]
    assert team["roles"] == "team_guest"
    assert team["channels"] == [{"name": "a", "roles": "channel_guest"}, {"name": "b", "roles": "channel_guest"}]


def test_a_guest_without_a_channel_is_outside_the_team() -> None:
    account = NewAccount(key=1, username="cy", email="c@people.invalid", roles="system_guest")
    _, fields = read(import_lines.user_line(account, "crew"))
    assert fields == {"username": "cy", "email": "c@people.invalid", "roles": "system_user"}


def test_people_and_bots_bring_their_pictures(tmp_path) -> None:
    person = NewAccount(key=7, username="ada", email="a@people.invalid", picture=tmp_path / "ada")
    bot = NewAccount(key=8, username="gate", is_bot=True, picture=tmp_path / "gate")
    assert read(import_lines.user_line(person, "crew"))[1]["profile_image"] == "avatars/7.png"
    assert read(import_lines.bot_line(bot, "root"))[1]["profile_image"] == "avatars/8.png"


def test_a_channel_without_a_display_name_shows_its_name() -> None:
    channel = NewChannel(key=1, kind=ChannelKind.PRIVATE, name="kitchen")
    assert read(import_lines.channel_line(channel, "crew")) == (
        "channel",
        {"team": "crew", "name": "kitchen", "type": "P", "display_name": "kitchen"},
    )


@pytest.mark.parametrize(
    ("members", "named"),
    [(("ada",), ["ada", "ada"]), (("ada", "ada"), ["ada", "ada"]), (("bo", "ada"), ["bo", "ada"])],
)
def test_a_note_to_self_names_its_one_person_twice(members: tuple[str, ...], named: list[str]) -> None:
    channel = NewChannel(key=1, kind=ChannelKind.DIRECT, members=members)
    assert read(import_lines.direct_channel_line(channel))[1]["members"] == named
    dm = PostChannel(id="x", kind=ChannelKind.DIRECT, members=members)
    kind, fields = read(import_lines.post_line(thread(post(1), channel=dm), ""))
    assert kind == "direct_post"
    assert fields["channel_members"] == named


def test_a_direct_channel_is_shown_to_its_members() -> None:
    channel = NewChannel(key=1, kind=ChannelKind.GROUP, members=("cy", "ada", "bo"), header="lunch")
    assert read(import_lines.direct_channel_line(channel)) == (
        "direct_channel",
        {"members": ["cy", "ada", "bo"], "shown_by": ["ada", "bo", "cy"], "header": "lunch"},
    )


def test_a_thread_carries_everything_that_hangs_on_its_posts(tmp_path) -> None:
    root = post(
        1,
        message="hello *you*",
        edit_at=MORNING + 9,
        is_pinned=True,
        type="me",
        props={"a": [1]},
        files=(file(tmp_path, 7, "grüße.txt"),),
        reactions=reactions(0, "bo"),
    )
    reply = post(2, "bo", after=5, files=(file(tmp_path, 8),), reactions=reactions(5, "ada"))
    kind, fields = read(import_lines.post_line(thread(root, reply, followers=("ada", "bo", "ada")), "crew"))
    assert kind == "post"
    assert fields == {
        "team": "crew",
        "channel": "kitchen",
        "user": "ada",
        "message": "hello *you*",
        "create_at": MORNING,
        "edit_at": MORNING + 9,
        "is_pinned": True,
        "type": "me",
        "props": {"a": [1]},
        "attachments": [{"path": "7/grüße.txt"}],
        "reactions": [{"user": "bo", "emoji_name": "tada", "create_at": MORNING + 1}],
        "replies": [
            {
                "user": "bo",
                "message": "post 2",
                "create_at": MORNING + 5,
                "attachments": [{"path": "8/notes.txt"}],
                "reactions": [{"user": "ada", "emoji_name": "tada", "create_at": MORNING + 6}],
            }
        ],
        # The same follower twice would end the job; one who has not seen the last reply would have it unread.
        "thread_followers": [
            {"user": "ada", "last_viewed": MORNING + 5, "unread_mentions": 0},
            {"user": "bo", "last_viewed": MORNING + 5, "unread_mentions": 0},
        ],
    }


def test_what_a_post_has_not_is_absent_so_that_nothing_is_taken_when_it_is_sent_again() -> None:
    _, fields = read(import_lines.post_line(thread(post(1)), "crew"))
    assert fields.keys() == {"team", "channel", "user", "message", "create_at"}


def test_more_replies_than_a_line_takes_go_on_in_further_lines_with_the_same_root() -> None:
    replies = [post(2 + number, after=number) for number in range(REPLIES_PER_LINE + 5)]
    lines = list(import_lines.thread_lines(thread(post(1), *replies), "crew"))
    bodies = [read(line)[1] for line, _ in lines]
    assert [len(body["replies"]) for body in bodies] == [REPLIES_PER_LINE, 5]
    assert [key for _, named in lines for key in (one.key for one in named)] == [one.key for one in replies]
    assert all({**body, "replies": 0} == {**bodies[0], "replies": 0} for body in bodies)


def test_long_replies_are_dealt_to_lines_that_the_server_can_read() -> None:
    replies = [post(2 + number, message="ö" * 16_000, after=number) for number in range(600)]
    lines = [line for line, _ in import_lines.thread_lines(thread(post(1), *replies), "crew")]
    assert sum(len(read(line)[1]["replies"]) for line in lines) == 600
    assert all(len(line) < LINE_BYTES + 100_000 for line in lines)


def test_files_are_dealt_to_lines_that_fit_into_an_archive(tmp_path) -> None:
    replies = [post(2 + n, after=n, files=(file(tmp_path, n, content=b"x" * 1000),)) for n in range(10)]
    lines = list(import_lines.thread_lines(thread(post(1), *replies), "crew", most_bytes=4_000))
    assert [len(named) for _, named in lines] == [3, 3, 3, 1]


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("notes.txt", "notes.txt"),
        ("a/b\\c.txt", "a_b_c.txt"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("", "file"),
        ("..", "file"),
        ("line\nbreak\x00.txt", "line_break_.txt"),
        (unicodedata.normalize("NFD", "grüße.txt"), unicodedata.normalize("NFC", "grüße.txt")),
        ("half \ud800.txt", "half _.txt"),
        ("ä" * 150 + ".pdf", "ä" * 98 + ".pdf"),
        ("x" * 300, "x" * 200),
        ("x." + "y" * 300, "x." + "y" * 198),
    ],
)
def test_a_file_keeps_its_visible_name_as_far_as_the_server_takes_it(name: str, cleaned: str) -> None:
    assert import_lines.file_name(name) == cleaned


@given(st.text())
def test_every_name_becomes_one_path_segment(name: str) -> None:
    cleaned = import_lines.file_name(name)
    assert cleaned not in ("", ".", "..")
    assert "/" not in cleaned
    assert "\\" not in cleaned
    assert 1 <= len(cleaned.encode()) <= FILE_NAME_BYTES
    assert import_lines.file_name(cleaned) == cleaned


def test_two_files_of_one_name_have_paths_of_their_own(tmp_path) -> None:
    one, two = (FileAttachment(key=key, name="same.png", path=tmp_path, size=0, sha256="") for key in (3, 4))
    assert {import_lines.file_path(one), import_lines.file_path(two)} == {"3/same.png", "4/same.png"}
