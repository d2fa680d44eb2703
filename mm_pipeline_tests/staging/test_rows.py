"""What of an export becomes which row."""

import pytest

from mm_pipeline.model import shard_of
from mm_pipeline.staging import emoji_of_downloads, emoji_of_slack, stage_emoji
from mm_pipeline.staging.raw import RawWriter

from .conftest import message, person

DAY = "garden/2024-05-01.json"


def test_each_person_channel_message_file_and_reaction_is_a_row(base, files, write):
    files[DAY] = [
        message(
            "1714550400.000100",
            files=[{"id": "F01", "name": "a.png", "user": "U0BEN"}, {"id": "F02", "name": "b.png"}],
            reactions=[{"name": "tada", "users": ["U0BEN", "U0CLEO"], "count": 2}],
        )
    ]
    staged = base.stage(write(files))
    assert staged.seen == staged.added == {"user": 3, "channel": 1, "message": 1, "attachment": 2, "reaction": 2}
    assert staged.workspace == "T0FERN"
    assert staged.warnings == []
    root = "C0GARDEN:1714550400.000100"
    said = base.rows("message")[root]
    assert (said["user_slack_id"], said["channel_slack_id"], said["parent_slack_id"]) == ("U0ADA", "C0GARDEN", None)
    assert said["create_at"] == 1714550400000
    assert said["shard"] == shard_of("C0GARDEN")
    assert said["raw_data"]["files"][0]["name"] == "a.png"
    attachments = base.rows("attachment")
    assert set(attachments) == {f"{root}:F01", f"{root}:F02"}
    assert attachments[f"{root}:F01"]["user_slack_id"] == "U0BEN"
    assert attachments[f"{root}:F01"]["parent_slack_id"] == root
    reaction = base.rows("reaction")[f"{root}:tada:U0CLEO"]
    assert reaction["raw_data"] == {"name": "tada", "user": "U0CLEO"}
    assert {row["shard"] for t in ("attachment", "reaction", "channel") for row in base.rows(t).values()} == {
        shard_of("C0GARDEN")
    }
    assert base.rows("user")["U0BEN"]["shard"] == shard_of("U0BEN")
    assert base.rows("channel")["C0GARDEN"]["user_slack_id"] == "U0ADA"


def test_a_folder_gives_the_same_rows_as_a_zip(base, files, write):
    base.stage(write(files), "zip")
    base.stage(write(files, folder=True), "folder")
    same = "SELECT count(*), count(DISTINCT (entity_type, slack_id, raw_hash, create_at)) FROM entities"
    assert base.execute(same) == [(10, 5)]


def test_a_reply_hangs_on_its_root_whatever_file_either_lies_in(base, files, write):
    files["garden/2024-05-02.json"] = [message("1714550401.000000", thread_ts="1714550401.000000")]
    files[DAY] = [
        message("1714650000.000000", thread_ts="1714550401.000000"),
        message("1714650009.000000", thread_ts=""),
    ]
    base.stage(write(files))
    parents = {row["slack_id"]: row["parent_slack_id"] for row in base.rows("message").values()}
    assert parents == {
        "C0GARDEN:1714550401.000000": None,
        "C0GARDEN:1714650000.000000": "C0GARDEN:1714550401.000000",
        "C0GARDEN:1714650009.000000": None,
    }


def test_the_singular_file_of_old_exports_is_an_attachment_too(base, files, write):
    comment = {
        "subtype": "file_comment",
        "file": {"id": "F09"},
        "comment": {"id": "Fc1", "user": "U0CLEO", "comment": "nice"},
    }
    files[DAY] = [
        {"type": "message", "ts": "1.000100", "text": "", **comment},
        message("2.000000", file={"name": "no id"}, files=[{"id": "F09"}, {"id": "F09"}]),
    ]
    base.stage(write(files))
    assert set(base.rows("attachment")) == {
        "C0GARDEN:1.000100:F09",
        "C0GARDEN:2.000000:F09",
        "C0GARDEN:2.000000:index:2",
    }
    assert base.rows("message")["C0GARDEN:1.000100"]["user_slack_id"] == "U0CLEO"


@pytest.mark.parametrize(
    ("said", "author", "row"),
    [
        ({"user": "U0GHOST", "user_profile": {"name": "ghost", "real_name": "A Ghost"}}, "U0GHOST", "A Ghost"),
        ({"bot_id": "B0KNOWN", "username": "crow"}, "U0CROW", None),
        ({"bot_id": "B0NEW", "username": "owl"}, "B0NEW", "owl"),
        ({"bot_id": "B0NEW", "bot_profile": {"id": "B0NEW", "name": "Owl"}, "username": "x"}, "B0NEW", "x"),
        ({"username": "wren"}, "name:wren", "wren"),
        ({"user": "USLACKBOT", "subtype": "tombstone"}, "USLACKBOT", "Slackbot"),
        ({}, "name:unknown", "Unknown (Slack names nobody)"),
    ],
)
def test_the_author_is_found_and_gets_a_row_if_no_list_has_them(base, files, write, said, author, row):
    files["users.json"].append(person("U0CROW", "crow", is_bot=True, profile={"bot_id": "B0KNOWN"}))
    files[DAY] = [{"type": "message", "ts": "1714550400.000100", "text": "", **said}]
    base.stage(write(files))
    assert [m["user_slack_id"] for m in base.rows("message").values()] == [author]
    unlisted = {k: v["raw_data"] for k, v in base.rows("user").items() if v["raw_data"].get("unlisted")}
    assert {k: v["real_name"] for k, v in unlisted.items()} == ({author: row} if row else {})
    if author and author.startswith("B0"):
        assert unlisted[author]["is_bot"] is True


def test_who_only_reacted_gets_a_row_and_who_is_only_named_does_not(base, files, write):
    files["channels.json"][0] |= {"creator": "U0GONE", "members": ["U0LOST"]}
    files[DAY] = [
        message("1.0", "<@U0NAMED> hi", reactions=[{"name": "+1::skin-tone-2", "users": ["U0REACT"], "count": 3}])
    ]
    staged = base.stage(write(files))
    assert set(base.rows("user")) == {"U0ADA", "U0BEN", "U0CLEO", "U0REACT"}
    assert set(base.rows("reaction")) == {"C0GARDEN:1.0:+1::skin-tone-2:U0REACT"}
    assert staged.warnings == ["garden: 2 reactions by people whom the export does not name (Slack stops at 50)."]


def test_the_kind_of_a_conversation_comes_from_its_file_and_its_flags_never_from_its_id(base, files, write):
    files["channels.json"] += [{"id": "G0OPEN", "name": "open"}, {"id": "C0SHUT", "name": "shut", "is_private": True}]
    files["groups.json"] = [
        {"id": "C0PRIV", "name": "priv"},
        {"id": "G0OLD", "name": "mpdm-ada--ben-1", "is_private": False},
    ]
    files["dms.json"] = [{"id": "D0AB", "members": ["U0ADA", "U0BEN"]}]
    files["mpims.json"] = [{"id": "C0MANY", "name": "mpdm-ada--ben--cleo-1"}]
    base.stage(write(files))

    def flags(row):
        return "".join(str(int(row["raw_data"][flag])) for flag in ("is_private", "is_im", "is_mpim"))

    assert {slack_id: flags(row) for slack_id, row in base.rows("channel").items()} == {
        "C0GARDEN": "000",
        "G0OPEN": "000",
        "C0SHUT": "100",
        "C0PRIV": "100",
        "G0OLD": "101",
        "D0AB": "110",
        "C0MANY": "101",
    }


def test_a_conversation_listed_as_open_and_as_private_is_private(base, files, write):
    files["groups.json"] = [{"id": "C0GARDEN", "name": "garden"}]
    staged = base.stage(write(files))
    assert base.rows("channel")["C0GARDEN"]["raw_data"]["is_private"] is True
    assert "listed twice" in staged.warnings[0]


def test_folders_are_found_by_id_by_name_and_by_the_name_that_a_folder_may_have(base, files, write):
    files["dms.json"] = [{"id": "D0AB", "members": ["U0ADA", "U0BEN"]}]
    files["file_conversations.json"] = [{"id": "C0CANVAS", "name": "FC:F01:Type something", "members": ["U0ADA"]}, ""]
    files["channels.json"].append({"id": "C0UML", "name": "gärten"})
    files["D0AB/2024-05-01.json"] = files["FC_F01_Type something/2024-05-01.json"] = [message("1.0")]
    files["ga\u0308rten/2024-05-01.json"] = [message("1.0")]
    base.stage(write(files))
    assert {"D0AB:1.0", "C0CANVAS:1.0", "C0UML:1.0"} <= set(base.rows("message"))
    assert base.rows("channel")["C0CANVAS"]["raw_data"]["is_private"] is True


@pytest.mark.parametrize(
    ("folder", "is_im", "is_mpim"),
    [("orchard", False, False), ("D0123ABCD9", True, False), ("mpdm-ada--ben-1", False, True)],
)
def test_a_folder_that_no_index_knows_is_a_private_channel_of_those_who_wrote_there(
    base, files, write, folder, is_im, is_mpim
):
    files[f"{folder}/2024-05-01.json"] = [message("1.0", user="U0BEN"), message("2.0", user="U0ADA")]
    base.stage(write(files))
    assert base.rows("channel")[f"folder:{folder}"]["raw_data"] == {
        "name": folder,
        "unlisted": True,
        "members": ["U0ADA", "U0BEN"],
        "is_private": True,
        "is_im": is_im,
        "is_mpim": is_mpim,
    }
    assert f"folder:{folder}:1.0" in base.rows("message")


def test_canvases_and_folders_without_messages_are_no_channels(base, files, write):
    files["lounge/canvas_in_the_conversation.json"] = [{"id": "F01", "mode": "quip", "created": 1}]
    files["__uploads/F01/index.json"] = {}
    files["attachments/report.json"] = [{"rows": 3}]
    files["lists.json"] = files["huddle_transcripts.json"] = [""]
    staged = base.stage(write(files))
    assert set(base.rows("channel")) == {"C0GARDEN"}
    assert [w for w in staged.warnings if "1 canvas(es) not exported" in w]


def test_custom_emoji_come_with_picture_or_alias(base, files, write):
    files["emoji.json"] = {
        "fern": "https://emoji.slack-edge.com/T0/fern/1.png",
        "moss": "alias:fern",
        "odd": 7,
    }
    files["emojis/fern.png"] = files["emojis/only-file.gif"] = b"picture"
    staged = base.stage(write(files))
    emoji = base.rows("custom_emoji")
    assert {name: row["raw_data"] for name, row in emoji.items()} == {
        "fern": {"name": "fern", "url": "https://emoji.slack-edge.com/T0/fern/1.png", "file": "emojis/fern.png"},
        "moss": {"name": "moss", "alias": "fern"},
        "only-file": {"name": "only-file", "file": "emojis/only-file.gif"},
    }
    assert emoji["moss"]["parent_slack_id"] == "fern"
    assert emoji["fern"]["shard"] == shard_of("fern")
    assert any("'odd'" in warning for warning in staged.warnings)


def test_custom_emoji_that_the_export_lacks_come_from_downloads_and_from_slack(base, files, write):
    files["emoji.json"] = {"fern": "https://emoji.slack-edge.com/T0/fern/1.png"}
    base.stage(write(files), "T0FERN")
    told = {"name": "reed", "is_alias": 1, "alias_for": "fern", "url": "https://emoji.slack-edge.com/T0/fern/1.png"}
    downloads = write(
        {
            "index.json": {"fern": "alias:moss", "moss": "https://emoji.slack-edge.com/T0/moss.gif", "reed": told},
            "emojis/moss.gif": b"picture",
            "emojis/only-file.png": b"picture",
        },
        folder=True,
    )
    assert stage_emoji(emoji_of_downloads(downloads), base.connect, "T0FERN") == 3
    assert stage_emoji(emoji_of_slack({"moss": "alias:fern", "ivy": "alias:moss"}), base.connect, "T0FERN") == 1
    emoji = base.rows("custom_emoji")
    assert {name: row["raw_data"] for name, row in emoji.items()} == {
        "fern": {"name": "fern", "url": "https://emoji.slack-edge.com/T0/fern/1.png"},
        "moss": {"name": "moss", "url": "https://emoji.slack-edge.com/T0/moss.gif", "file": "emojis/moss.gif"},
        "reed": {"name": "reed", "alias": "fern"},
        "only-file": {"name": "only-file", "file": "emojis/only-file.png"},
        "ivy": {"name": "ivy", "alias": "moss"},
    }


def test_tokens_of_file_urls_are_kept_apart_from_the_rows(base, files, write):
    url = "https://files.slack.com/files-pri/T0-F01/a.png"
    text = f"<{url}?t=xoxe-11-aa&amp;pub=1> and https://video.example.com/watch?t=42s"
    files[DAY] = [
        message(
            "1.0",
            text,
            files=[
                {
                    "id": "F01",
                    "url_private": f"{url}?t=xoxe-11-aa",
                    "thumb_64": f"{url}?token=plain22&x=1",
                    "w": f"{url}?x=1&t=xoxe-33",
                }
            ],
        )
    ]
    base.stage(write(files))
    raw = base.rows("attachment")["C0GARDEN:1.0:F01"]["raw_data"]
    assert raw == {"id": "F01", "url_private": url, "thumb_64": f"{url}?x=1", "w": f"{url}?x=1"}
    said = base.rows("message")["C0GARDEN:1.0"]["raw_data"]
    assert said["files"] == [raw]
    assert said["text"] == f"<{url}?pub=1> and https://video.example.com/watch?t=42s"
    tokens = base.execute("SELECT workspace, token FROM export_tokens ORDER BY token")
    assert tokens == [("T0FERN", "plain22"), ("T0FERN", "xoxe-11-aa"), ("T0FERN", "xoxe-33")]


def test_raw_data_is_slacks_object_without_what_jsonb_refuses(base, files, write):
    files[DAY] = (
        b'[{"ts":"1.0","user":"U0ADA","text":"a\\u0000b\\ud83dc \\ud83d\\ude00 \\\\ud83d","x":12345678901234567890123,"n":null}]'
    )
    base.stage(write(files))
    assert base.rows("message")["C0GARDEN:1.0"]["raw_data"] == {
        "ts": "1.0",
        "user": "U0ADA",
        "text": "abc 😀 \\ud83d",
        "x": 12345678901234567890123,
        "n": None,
    }


def test_a_nul_alone_is_taken_out_wherever_it_stands(base, files, write):
    files[DAY] = [message("1.0", "a\0b", user="U0\0ADA", **{"k\0": ["\0"]})]
    base.stage(write(files))
    row = base.rows("message")["C0GARDEN:1.0"]
    assert row["raw_data"] == {"type": "message", "user": "U0ADA", "text": "ab", "ts": "1.0", "k": [""]}
    assert row["user_slack_id"] == "U0ADA"


def test_the_hash_of_an_object_does_not_depend_on_how_it_was_written():
    assert (
        RawWriter().of({"a": 1, "b": {"c": "é", "d": 2}}).hash == RawWriter().of({"b": {"d": 2, "c": "é"}, "a": 1}).hash
    )


def test_postgresql_plans_for_the_rows_that_are_there_as_soon_as_many_came(base, files, write):
    base.stage(write(files))
    known = "SELECT coalesce(max(n_distinct), 0) FROM pg_stats WHERE tablename = 'entities' AND attname = 'create_at'"
    assert base.execute(known) == [(0,)]
    files[DAY] += [message(f"17145504{n // 100:02}.{n % 100:02}0000") for n in range(1000)]
    base.stage(write(files))
    assert base.execute(known) != [(0,)]
