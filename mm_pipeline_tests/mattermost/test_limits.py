"""What the server would refuse is named before it is sent."""

from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.mattermost.limits import is_channel_name, is_email, is_username, refusal_of
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, NewEmoji, PostChannel, PostReaction
from mm_pipeline.mattermost.sendable import sendable
from mm_pipeline_tests.mattermost.threads import MORNING, file, post, reactions, thread


@pytest.mark.parametrize("name", ["a", "ada.b-c_9", "0", ".x", "here", "x" * 64])
def test_names_that_accounts_can_have(name: str) -> None:
    assert is_username(name)


@pytest.mark.parametrize("name", ["", "Ada", "a b", "ä", "x" * 65, "all", "channel", "matterbot", "system", "a\n"])
def test_names_that_accounts_cannot_have(name: str) -> None:
    assert not is_username(name)


@pytest.mark.parametrize("email", ["a@b", "a.b+c@people.invalid", "o'neil@x.org", "ü@x.org", "a@" + "b" * 126])
def test_addresses_that_the_server_takes(email: str) -> None:
    assert is_email(email)


@pytest.mark.parametrize(
    "email",
    [
        *("", "a", "@b", "a@", "x.18.@y.invalid", ".x@y.invalid", "a..b@y.invalid", "A@y.invalid", "a b@y.invalid"),
        *("<a@y.invalid>", "a@y.invalid.", "a@y@z", "a@" + "b" * 127, "a@b\n"),
    ],
)
def test_addresses_that_stop_a_job(email: str) -> None:
    assert not is_email(email)


@pytest.mark.parametrize("name", ["a", "a-", "9__b", "x" * 64])
def test_names_that_channels_can_have(name: str) -> None:
    assert is_channel_name(name)


@pytest.mark.parametrize("name", ["", "-a", "_a", "A", "a.b", "ä", "x" * 65, "a" * 26 + "__" + "b" * 26, "0f" * 20])
def test_names_that_channels_cannot_have(name: str) -> None:
    assert not is_channel_name(name)


@pytest.mark.parametrize(
    "fault",
    [
        {"username": "Ada"},
        {"email": "ada.@x.invalid"},
        {"email": ""},
        {"first_name": "x" * 65},
        {"position": "x" * 129},
        {"locale": "klingon"},
        {"auth_service": "gitlab"},
        {"auth_service": "bogus", "auth_data": "1"},
        {"last_name": "a\0b"},
        {"nickname": "\ud83d"},
    ],
)
def test_an_account_with_one_fault_is_refused_in_a_sentence(fault: dict[str, Any]) -> None:
    sound: dict[str, Any] = {"key": 1, "username": "ada", "email": "ada@x.invalid"}
    assert refusal_of(NewAccount(**sound)) is None
    said = refusal_of(NewAccount(**{**sound, **fault}))
    assert said is not None
    assert said.startswith("Mattermost refuses this account: ")


@pytest.mark.parametrize(
    "fault",
    [
        {"username": "Ada"},
        {"message": "x" * 16_384},
        {"message": "a\0b"},
        {"message": "half \ud83d"},
        {"create_at": 0},
        {"type": "system_party"},
        {"type": "custom_" + "x" * 20},
        {"props": {"a": {"b": ["c\0"]}}},
        {"props": {"a": "x" * 800_000}},
        {"reactions": (PostReaction(key=1, username="bo", emoji_name="x" * 65, create_at=MORNING + 1),)},
        {"reactions": (PostReaction(key=1, username="bo", emoji_name="tada", create_at=MORNING - 1),)},
    ],
)
def test_a_post_with_one_fault_is_refused_in_a_sentence(fault: dict[str, Any]) -> None:
    assert refusal_of(post(1)) is None
    said = refusal_of(post(1, **fault))
    assert said is not None
    assert said.startswith("Mattermost refuses this post: ")


def test_what_the_server_takes_to_the_last_character_passes(tmp_path: Path) -> None:
    files = tuple(file(tmp_path, key) for key in range(10))
    many = post(1, message="😀" * 16_383, type="custom_" + "x" * 19, files=files, reactions=reactions(0, "bo"))
    assert refusal_of(many) is None
    assert refusal_of(post(1, files=(*files, file(tmp_path, 11)))) is not None


def test_a_servers_own_limit_for_texts_counts() -> None:
    assert refusal_of(post(1, message="x" * 4_001), 4_000) is not None


@pytest.mark.parametrize(
    ("kind", "members", "passes"),
    [
        (ChannelKind.DIRECT, 1, True),
        (ChannelKind.DIRECT, 2, True),
        (ChannelKind.DIRECT, 3, False),
        (ChannelKind.GROUP, 2, False),
        (ChannelKind.GROUP, 3, True),
        (ChannelKind.GROUP, 8, True),
        (ChannelKind.GROUP, 9, False),
    ],
)
def test_direct_and_group_channels_have_as_many_people_as_the_server_wants(
    kind: ChannelKind, members: int, passes: bool
) -> None:
    people = tuple(f"person{number}" for number in range(members))
    assert (refusal_of(NewChannel(key=1, kind=kind, members=people)) is None) is passes
    assert (refusal_of(PostChannel(id="x", kind=kind, members=people)) is None) is passes


def test_an_emoji_needs_a_name_and_a_picture_that_the_server_takes(tmp_path: Path) -> None:
    picture, huge = tmp_path / "p.png", tmp_path / "h.png"
    picture.write_bytes(b"x")
    huge.write_bytes(b"x" * 600_000)
    sound = {"key": 1, "name": "party_parrot", "creator_id": "", "image": picture, "filename": "p.png"}
    assert refusal_of(NewEmoji(**sound)) is None
    for fault in ({"name": "party parrot"}, {"name": ""}, {"image": huge}, {"image": tmp_path / "none.png"}):
        assert refusal_of(NewEmoji(**{**sound, **fault})) is not None


# --- what of a thread can be sent


def test_a_bad_reply_is_left_out_alone() -> None:
    whole, refused = sendable(thread(post(1), post(2, message="a\0"), post(3)), 16_383)
    assert whole is not None
    assert [reply.key for reply in whole.replies] == [3]
    assert [one.key for one in refused] == [2]


def test_a_bad_root_takes_its_replies_with_it_and_they_say_so() -> None:
    whole, refused = sendable(thread(post(1, message="a\0"), post(2), post(3)), 16_383)
    assert whole is None
    assert [one.key for one in refused] == [1, 2, 3]
    assert "U+0000" in str(refused[0].error)
    assert "begins its thread" in str(refused[1].error)


def test_a_bad_reaction_does_not_cost_its_post() -> None:
    fine, early = reactions(0, "ada")[0], PostReaction(key=2, username="bo", emoji_name="tada", create_at=1)
    whole, refused = sendable(thread(post(1, reactions=(early, fine))), 16_383)
    assert whole is not None
    assert whole.root.reactions == (fine,)
    assert not refused


def test_people_whom_the_server_lacks_are_left_out_where_that_costs_nothing() -> None:
    root = post(1, "ada", reactions=reactions(0, "ghost", "ada"))
    whole, refused = sendable(
        thread(root, post(2, "ghost", after=1), post(3, "ada", after=2), followers=("ghost", "ada")), 16_383, {"ada"}
    )
    assert whole is not None
    assert whole.followers == ("ada",)
    assert [one.username for one in whole.root.reactions] == ["ada"]
    assert [(one.key, "ghost" in str(one.error)) for one in refused] == [(2, True)]


def test_a_reply_older_than_its_root_is_refused_because_the_server_would_move_it() -> None:
    whole, refused = sendable(thread(post(1, after=10), post(2, after=9)), 16_383)
    assert whole is not None
    assert [one.key for one in refused] == [2]


def test_a_file_whose_bytes_are_gone_is_named_before_it_costs_others_theirs(tmp_path: Path) -> None:
    gone = file(tmp_path, 5)
    gone.path.unlink()
    whole, refused = sendable(thread(post(1), post(2, files=(gone,))), 16_383)
    assert whole is not None
    assert [one.key for one in refused] == [2]
