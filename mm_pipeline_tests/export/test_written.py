"""What an export becomes, line by line: staging, plan, rendering and lines together, on PostgreSQL, without a server."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline_tests.end_to_end.small_export import MORNING, Files, garden, message
from mm_pipeline_tests.export.written import Written, written

MS = 1000
Write = Callable[..., Written]


@pytest.fixture
def write(database: str, tmp_path: Path) -> Write:
    def write(files: Files, **more: Any) -> Written:
        return written(files, database, tmp_path, **more)

    return write


def saying(*messages: dict[str, Any], **changes: Any) -> Files:
    """The garden with only these messages in it."""
    return garden() | {"garden/2024-05-01.json": list(messages)} | changes


def ms(at: int) -> int:
    """The ms of a message `at` seconds into the morning."""
    return (MORNING + at) * MS


def ts(at: int) -> str:
    return f"{MORNING + at}.000100"


def upload(file_id: str, name: str, content: bytes = b"bytes") -> tuple[dict[str, Any], Files]:
    """A Slack file, and its bytes in the export."""
    file = {"id": file_id, "mode": "hosted", "name": name, "title": name, "size": len(content)}
    return file, {f"__uploads/{file_id}/{name}": content}


# --- people


def test_people_come_with_their_channels_and_what_slack_knows_of_them(write: Write) -> None:
    files = garden()
    files["users.json"][0]["profile"] |= {"real_name": "Ada Fern", "display_name": "Ferny", "title": "Gardener"}
    ada = next(user for user in write(files).of("user") if user["username"] == "ada")
    assert (ada["email"], ada["first_name"], ada["last_name"]) == ("ada@people.example", "Ada", "Fern")
    assert (ada["nickname"], ada["position"]) == ("Ferny", "Gardener")
    assert [channel["name"] for channel in ada["teams"][0]["channels"]] == ["garden"]


def test_who_was_deactivated_keeps_the_name_on_every_message_and_is_deactivated(write: Write) -> None:
    files = saying(message(1, "before I went", "U0GONE"))
    files["users.json"].append(
        {"id": "U0GONE", "name": "gone", "deleted": True, "profile": {}, "updated": 1_690_000_000}
    )
    made = write(files)
    assert made.post("before I went")["user"] == "gone"
    assert {user["username"]: user.get("delete_at") for user in made.of("user")}["gone"] == 1_690_000_000_000


def test_who_wrote_or_reacted_has_an_account_who_is_only_a_member_or_named_has_none(write: Write) -> None:
    files = saying(
        message(1, "hi <@U0NAMED|the plumber>", "U0WROTE", reactions=[{"name": "tada", "users": ["U0LIKED"]}])
    )
    files["channels.json"][0] |= {"members": ["U0ADA", "U0LURKER"], "creator": "U0MAKER"}
    made = write(files)
    people = {person.slack_id for person in made.plan.people}
    assert people == {"U0ADA", "U0BEN", "U0CLEO", "U0WROTE", "U0LIKED"}
    assert made.post("hi the plumber")["user"] == next(p.username for p in made.plan.people if p.slack_id == "U0WROTE")
    (channel,) = made.plan.channels
    assert "1 of its people is known by nothing but an id" in channel.note


def test_a_bridge_has_one_account_and_every_name_that_it_carried(write: Write) -> None:
    bridge = {"subtype": "bot_message", "bot_id": "B0BRIDGE", "icons": {"image_48": "https://gate.example/i.png"}}
    said = [
        {key: value for key, value in message(n, f"from {name}", **bridge, username=name).items() if key != "user"}
        for n, name in enumerate(["Ines (@ines:gate)", "Jon (@jon:gate)"])
    ]
    made = write(saying(*said))
    ines, jon = made.post("from Ines"), made.post("from Jon")
    assert ines["user"] == jon["user"]
    assert [post["props"]["override_username"] for post in (ines, jon)] == ["Ines (@ines:gate)", "Jon (@jon:gate)"]
    assert ines["props"] | {"from_webhook": "true", "override_icon_url": "https://gate.example/i.png"} == ines["props"]


def test_where_the_server_shows_no_other_name_the_text_says_it(write: Write) -> None:
    said = message(1, "water is on", subtype="bot_message", bot_id="B0GATE", username="Gate *keeper*")
    made = write(saying(said), server={"username_override": False})
    post = made.post("water is on")
    assert post["message"] == "**Gate \\*keeper\\***:\nwater is on"
    assert "override_username" not in post["props"]


# --- channels


def test_kinds_names_topics_and_people_of_channels(write: Write) -> None:
    files = garden()
    files["channels.json"][0] |= {"topic": {"value": "ask <@U0BEN>"}, "purpose": {"value": "what grows"}}
    files["groups.json"] = [{"id": "C0SHED", "name": "shed", "members": ["U0ADA"]}]
    files["dms.json"] = [{"id": "D0PAIR", "members": ["U0ADA", "U0BEN"]}, {"id": "D0SELF", "members": ["U0ADA"]}]
    files["mpims.json"] = [
        {"id": "G0ONE", "name": "mpdm-a-1", "members": ["U0ADA", "U0BEN", "U0CLEO"]},
        {"id": "G0TWO", "name": "mpdm-b-1", "members": ["U0CLEO", "U0BEN", "U0ADA"]},
    ]
    files["D0SELF/2024-05-01.json"] = [message(1, "buy seeds")]
    files["mpdm-b-1/2024-05-01.json"] = [message(2, "to all three")]
    made = write(files)
    channels = {channel["name"]: channel for channel in made.of("channel")}
    assert {name: channel["type"] for name, channel in channels.items()} == {"garden": "O", "shed": "P"}
    assert (channels["garden"]["header"], channels["garden"]["purpose"]) == ("ask @ben", "what grows")
    assert made.post("buy seeds")["channel_members"] == ["ada", "ada"]
    assert made.post("to all three")["channel_members"] == ["ada", "ben", "cleo"]


def test_an_archived_channel_comes_with_its_messages_and_is_archived_last(write: Write) -> None:
    files = garden()
    files["channels.json"][0]["is_archived"] = True
    made = write(files)
    assert made.post("seed number 39")["channel"] == "garden"
    (channel,) = made.plan.channels
    assert channel.archived


# --- messages


def test_a_message_keeps_author_time_edited_mark_and_where_it_stood_in_slack(write: Write) -> None:
    made = write(saying(message(5, "late frost", "U0BEN", edited={"user": "U0BEN", "ts": f"{MORNING + 90}.000000"})))
    post = made.post("late frost")
    assert (post["user"], post["create_at"], post["edit_at"]) == ("ben", ms(5), ms(90))
    assert post["props"] == {"slack_ts": ts(5), "slack_channel": "C0GARDEN"}


def test_pins_come_from_the_channels_list_and_from_the_message(write: Write) -> None:
    files = saying(
        message(1, "listed"),
        message(2, "says so itself", pinned_to=["C0GARDEN"]),
        message(3, "elsewhere", pinned_to=["C0X"]),
    )
    files["channels.json"][0]["pins"] = [{"id": ts(1), "type": "C", "user": "U0ADA"}, {"id": "7.0"}, None]
    made = write(files)
    assert [post.get("is_pinned", False) for post in made.posts()] == [True, True, False]


def test_notices_are_mattermosts_own(write: Write) -> None:
    made = write(
        saying(
            message(1, "<@U0BEN> has joined the channel", "U0BEN", subtype="channel_join"),
            message(2, "set the channel topic: weeds", subtype="channel_topic", topic="weeds"),
        )
    )
    joined, topic = made.posts()
    assert (joined["type"], joined["props"]["username"]) == ("system_join_channel", "ben")
    assert (topic["type"], topic["props"]["new_header"]) == ("system_header_change", "weeds")


def test_me_is_a_message_of_that_kind(write: Write) -> None:
    post = write(saying(message(1, "is digging", subtype="me_message"))).post("is digging")
    assert (post["type"], post["message"]) == ("me", "*is digging*")


def test_messages_of_one_millisecond_have_one_each_in_their_order(write: Write) -> None:
    said = [message(1, f"number {n}") | {"ts": f"{MORNING}.00010{n}"} for n in range(4)]
    made = write(saying(*said))
    assert [(post["message"], post["create_at"] - ms(0)) for post in made.posts()] == [
        (f"number {n}", n) for n in range(4)
    ]


def test_a_text_that_is_too_long_goes_on_in_its_thread_and_loses_nothing(write: Write) -> None:
    words = " ".join(f"word{n}" for n in range(6000))
    root, *more = write(
        saying(message(1, words, thread_ts=ts(1)), message(2, "and so?", "U0BEN", thread_ts=ts(1)))
    ).posts()
    parts = [post["message"] for post in more if post["user"] == "ada"]
    assert max(len(root["message"]), *map(len, parts)) <= 16_383
    assert " ".join([root["message"], *parts]).split() == words.split()
    assert {post["root"] for post in more} == {root["message"]}
    assert len({post["create_at"] for post in (root, *more)}) == 1 + len(more)


# --- threads


def test_a_deleted_root_stands_for_its_replies_and_goes_alone_without_any(write: Write) -> None:
    gone = {"subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
    made = write(
        saying(
            message(1, "This message was deleted.", thread_ts=ts(1), reply_count=1) | gone,
            message(2, "I had answered", thread_ts=ts(1)),
            message(3, "This message was deleted.") | gone,
        )
    )
    assert [(post["message"], post["root"]) for post in made.posts()] == [
        ("This message was deleted.", ""),
        ("I had answered", "This message was deleted."),
    ]


def test_replies_whose_root_is_absent_hang_on_one_that_says_so(write: Write) -> None:
    reply = {"thread_ts": ts(-500), "parent_user_id": "U0CLEO"}
    made = write(saying(message(2, "first answer", **reply), message(3, "second answer", "U0BEN", **reply)))
    root, first, second = made.posts()
    assert "not in the Slack export" in root["message"]
    assert (root["user"], root["create_at"]) == ("cleo", ms(-500))
    assert first["root"] == second["root"] == root["message"]


def test_a_reply_that_claims_to_be_older_than_its_root_keeps_its_time(write: Write) -> None:
    made = write(saying(message(1, "too early", thread_ts=ts(2)), message(2, "the root", thread_ts=ts(2))))
    assert {post["message"]: (post["create_at"], post["root"]) for post in made.posts()} == {
        "too early": (ms(1), ""),
        "the root": (ms(2), ""),
    }


def test_who_wrote_in_a_thread_follows_it_and_has_seen_its_end(write: Write) -> None:
    made = write(saying(message(1, "the root", thread_ts=ts(1)), message(2, "a reply", "U0BEN", thread_ts=ts(1))))
    (line,) = made.of("post")
    assert line["thread_followers"] == [
        {"user": name, "last_viewed": ms(2), "unread_mentions": 0} for name in ("ada", "ben")
    ]


def test_a_reply_that_was_shown_in_the_channel_too_stands_in_its_thread(write: Write) -> None:
    said = message(2, "for everybody", "U0BEN", subtype="thread_broadcast", thread_ts=ts(1))
    post = write(saying(message(1, "the root", thread_ts=ts(1)), said)).post("for everybody")
    assert (post["root"], post["message"]) == ("the root", "for everybody\n\n*Also sent to the channel.*")


def test_a_reply_keeps_its_card_its_file_and_its_reactions(write: Write) -> None:
    file, content = upload("F0PLAN", "plan.txt")
    card = {"title": "Order 17", "text": "two spades", "fields": [{"title": "Price", "value": "10"}]}
    said = message(
        2, "see", thread_ts=ts(1), attachments=[card], files=[file], reactions=[{"name": "+1", "users": ["U0BEN"]}]
    )
    reply = write(saying(message(1, "the root", thread_ts=ts(1)), said, **content)).post("two spades")
    assert reply["root"] == "the root"
    assert "> **Order 17**\n> two spades\n> **Price** 10" in reply["message"]
    assert [file["path"].rpartition("/")[2] for file in reply["attachments"]] == ["plan.txt"]
    assert [one["emoji_name"] for one in reply["reactions"]] == ["+1"]


# --- reactions and emoji


def test_reactions_keep_their_tones_and_are_never_older_than_their_message(write: Write) -> None:
    reactions = [
        {"name": "+1::skin-tone-2", "users": ["U0BEN"]},
        {"name": "+1::skin-tone-5", "users": ["U0BEN", "U0CLEO"]},
        {"name": "handshake::skin-tone-2", "users": ["U0BEN"]},
        {"name": "handshake::skin-tone-3", "users": ["U0BEN"]},
    ]
    said = [message(1, f"number {n}", reactions=reactions) | {"ts": f"{MORNING}.00010{n}"} for n in range(3)]
    for post in write(saying(*said)).posts():
        assert [(one["user"], one["emoji_name"]) for one in post["reactions"]] == [
            ("ben", "+1_light_skin_tone"),
            ("ben", "+1_medium_dark_skin_tone"),
            ("cleo", "+1_medium_dark_skin_tone"),
            ("ben", "handshake"),
        ]
        assert {one["create_at"] for one in post["reactions"]} == {post["create_at"] + 1}


def test_a_post_keeps_more_than_fifty_kinds_of_reactions(write: Write) -> None:
    names = sorted(name for name in MATTERMOST_EMOJI if name.isalpha())[:60]
    said = message(1, "loved", reactions=[{"name": name, "users": ["U0BEN"]} for name in names])
    assert sorted(one["emoji_name"] for one in write(saying(said)).post("loved")["reactions"]) == names


def test_custom_emoji_come_with_their_picture_and_text_and_reactions_know_their_new_name(write: Write) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (32, 32), "green").save(picture, "PNG")
    emoji = {"emoji.json": {"canada": "https://emoji.example/c.png", "leaf": "alias:canada", "yes": "alias:+1"}}
    said = message(
        1, "oh :canada: :leaf:", reactions=[{"name": "leaf", "users": ["U0BEN"]}, {"name": "yes", "users": ["U0BEN"]}]
    )
    made = write(saying(said, **emoji, **{"emojis/canada.png": picture.getvalue()}))
    (line,) = made.of("emoji")
    assert (line["name"], line["image"] in made.entries) == ("canada-custom", True)
    post = made.post("oh ")
    assert post["message"] == "oh :canada-custom: :canada-custom:"
    assert [one["emoji_name"] for one in post["reactions"]] == ["canada-custom", "+1"]


# --- text that needs to know who is who


def test_mentions_have_the_names_that_people_and_channels_get_in_mattermost(write: Write) -> None:
    files = saying(message(1, "<@U0BEN> wait for <@U0ULI|ueli> in <#C0SHED|shed> <!channel>"))
    files["users.json"][1]["name"] = "Ben Zwei"
    files["channels.json"].append({"id": "C0SHED", "name": "Schüppli", "members": ["U0BEN"]})
    assert write(files).post("wait for")["message"] == "@ben-zwei wait for ueli in ~schuppli @channel"


def test_a_user_group_has_the_handle_that_any_message_names(write: Write) -> None:
    group = {"type": "usergroup", "usergroup_id": "S0CREW"}
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": "dear "}, group]}
    bare = message(2, "dear <!subteam^S0CREW>", blocks=[{"type": "rich_text", "elements": [section]}])
    made = write(saying(message(1, "who is in <!subteam^S0CREW|@crew>?"), bare))
    assert [post["message"] for post in made.posts()] == ["who is in @crew?", "dear @crew"]


# --- files


def test_files_keep_their_names_and_the_eleventh_goes_on_in_the_thread(write: Write) -> None:
    files, contents = zip(*(upload(f"F0{n:02}", f"план {n}.pdf", b"%d" % n) for n in range(11)), strict=True)
    made = write(saying(message(1, "eleven", files=list(files)), **{k: v for one in contents for k, v in one.items()}))
    root, more = made.posts()
    names = [file["path"].rpartition("/")[2] for post in (root, more) for file in post["attachments"]]
    assert names == [f"план {n}.pdf" for n in range(11)]
    assert (len(root["attachments"]), more["root"], more["user"]) == (10, "eleven", "ada")
    assert {file["path"] for post in (root, more) for file in post["attachments"]} == set(made.entries)


def test_a_file_shared_in_two_messages_hangs_on_both_and_its_bytes_are_kept_once(write: Write, tmp_path: Path) -> None:
    file, content = upload("F0MAP", "map.png", b"a map of the garden")
    made = write(saying(message(1, "here", files=[file]), message(2, "again", "U0BEN", files=[file]), **content))
    assert [len(post["attachments"]) for post in made.posts()] == [1, 1]
    assert len([path for path in (tmp_path / "state" / "content").rglob("*") if path.is_file()]) == 1


def test_a_file_that_cannot_come_is_said_in_its_message(write: Write) -> None:
    lost = {
        "id": "F0FAR",
        "mode": "hosted",
        "name": "far.mp4",
        "size": 9,
        "permalink": "https://x.slack.com/files/U/F0FAR",
    }
    post = write(saying(message(1, "look", files=[lost, {"id": "F0HID", "mode": "hidden_by_limit"}]))).post("look")
    assert "[far.mp4](https://x.slack.com/files/U/F0FAR)" in post["message"]
    assert "hidden by Slack's plan limit" in post["message"]
    assert "attachments" not in post


def test_the_single_file_of_old_exports_hangs_on_its_message(write: Write) -> None:
    file, content = upload("F0OLD", "old.txt")
    made = write(saying(message(1, "shared a file: old.txt", subtype="file_share", upload=True, file=file), **content))
    assert [one["path"].rpartition("/")[2] for one in made.posts()[0]["attachments"]] == ["old.txt"]


# --- hostile texts


def test_nul_is_in_no_line(write: Write) -> None:
    made = write(saying(message(1, "a\0b"), message(2, "c", attachments=[{"text": "d\0e"}])))
    assert [post["message"] for post in made.posts()] == ["ab", "c\n\n> de"]


def test_what_has_nothing_to_say_says_that(write: Write) -> None:
    assert [post["message"] for post in write(saying(message(1, ""), message(2, " \n"))).posts()] == ["(no text)"] * 2
