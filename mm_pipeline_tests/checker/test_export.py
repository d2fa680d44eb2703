"""How a raw export is read, whatever its publisher made of it. Needs no server."""

import json
import zipfile
from pathlib import Path
from typing import Any

from mm_pipeline_tests.checker.expected import bots_of, expected_posts
from mm_pipeline_tests.checker.export import Conversation, Export
from mm_pipeline_tests.checker.names import Names

NAMES = Names({}, {})


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in {"users.json": [], **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def said(ts: str, text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "ts": ts, "text": text, **more}


def conversations(export: Export) -> dict[str, Conversation]:
    return {conversation.id: conversation for conversation in export.conversations}


def test_times_that_collide_are_told_apart_in_the_order_of_their_ts(tmp_path: Path) -> None:
    days = {
        "a/2020-01-02.json": [said("1577923200.000900"), said("1577923200.000200"), said("1577923200.001000")],
        "a/2020-01-01.json": [said("1577923200.000100")],
    }
    export = Export(write(tmp_path, {"channels.json": [{"id": "C1", "name": "a"}], **days}))
    posts = expected_posts(export, conversations(export)["C1"], NAMES, {})
    assert [post.ts[-6:] for post in posts] == ["000100", "000200", "000900", "001000"]
    assert [post.ms - 1577923200000 for post in posts] == [0, 1, 2, 3]


def test_folders_find_their_entries_and_bare_folders_stand_for_themselves(tmp_path: Path) -> None:
    index = {
        "channels.json": [
            {"id": "C1", "name": "a"},
            {"id": "C9", "name": "p", "is_private": True},
            {"id": "C3", "name": "silent"},
        ],
        "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
        "file_conversations.json": [{"id": "C2", "name": "FC:F1:Type something"}],
        "huddle_transcripts.json": [""],
    }
    folders = {f"{name}/2020-01-01.json": [said("1.0")] for name in ("a", "p", "D1", "FC_F1_Type something", "lost")}
    found = conversations(Export(write(tmp_path, index | folders)))
    kinds = {id_: (conversation.kind, conversation.folder) for id_, conversation in found.items()}
    assert kinds == {
        "C1": ("public", "a"),
        "C9": ("private", "p"),
        "C3": ("public", ""),
        "D1": ("direct", "D1"),
        "C2": ("file", "FC_F1_Type something"),
        "folder:lost": ("unknown", "lost"),
    }


def test_only_day_files_hold_messages(tmp_path: Path) -> None:
    files = {
        "a/2020-01-01.json": [said("1.0"), {"type": "message"}, "", None],
        "a/canvas_in_the_conversation.json": [said("2.0")],
    }
    export = Export(write(tmp_path, files))
    assert [message["ts"] for message in export.messages(conversations(export)["folder:a"])] == ["1.0"]
    assert export.unreadable == []


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    export = Export(write(tmp_path, {"a/2020-01-01.json": "<html>", "a/2020-01-02.json": [said("not a time")]}))
    assert expected_posts(export, conversations(export)["folder:a"], NAMES, {}) == []
    assert export.unreadable == ["a/2020-01-01.json", "a not a time"]


def test_a_zip_of_a_folder_and_names_without_a_flag_are_read(tmp_path: Path) -> None:
    folder = "küche".encode()
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as packed:
        packed.writestr("acme/users.json", '[{"id": "U1"}]')
        packed.writestr("__MACOSX/acme/x/2020-01-01.json", "[]")
        packed.writestr("acme/k....e/2020-01-01.json", json.dumps([said("1.0")]))
    # Slack's zips hold UTF-8 names without the flag; Python's zipfile cannot write such names.
    raw = (tmp_path / "e.zip").read_bytes()
    (tmp_path / "e.zip").write_bytes(raw.replace(b"acme/k....e/", b"acme/" + folder + b"/"))
    export = Export(tmp_path / "e.zip")
    assert [user["id"] for user in export.users] == ["U1"]
    assert [conversation.name for conversation in export.conversations] == ["küche"]


def test_bots_comments_and_bridges_have_their_own_authors(tmp_path: Path) -> None:
    day = [
        said("1.0", subtype="file_comment", user=None, comment={"user": "U7", "comment": "nice"}),
        said("2.0", subtype="bot_message", user=None, bot_id="B1", username="Ann (bridge)"),
        said("3.0", subtype="bot_message", user=None, bot_id="B2"),
        said("4.0", bot_id="B1"),
    ]
    users = [{"id": "U9", "profile": {"bot_id": "B1"}}]
    export = Export(write(tmp_path, {"users.json": users, "a/2020-01-01.json": day}))
    posts = expected_posts(export, export.conversations[0], NAMES, bots_of(export.users))
    assert [(post.author, post.is_bot, post.shown_name) for post in posts] == [
        ("U7", False, ""),
        ("U9", True, "Ann (bridge)"),
        ("B2", True, ""),
        ("U1", False, ""),
    ]


def test_a_deleted_message_need_not_be_there_unless_it_was_answered(tmp_path: Path) -> None:
    day = [
        said("1.0", subtype="tombstone"),
        said("2.0", subtype="tombstone", thread_ts="2.0"),
        said("3.0", thread_ts="2.0"),
    ]
    export = Export(write(tmp_path, {"a/2020-01-01.json": day}))
    posts = expected_posts(export, export.conversations[0], NAMES, {})
    assert [post.optional for post in posts] == [True, False, False]
    assert [post.root_ts for post in posts] == ["", "", "2.0"]


def test_files_of_old_and_new_exports_know_their_bytes(tmp_path: Path) -> None:
    day = [
        said("1.0", subtype="file_share", file={"id": "F1", "name": "a.txt"}),
        said("2.0", files=[{"id": "F1", "name": "a.txt"}, {"id": "F2", "mode": "tombstone"}, {"id": "F1"}]),
        said("3.0", files=None, reactions=[{"name": "ok", "users": ["U1", "U1", "U2"], "count": 9}]),
    ]
    export = Export(write(tmp_path, {"a/2020-01-01.json": day, "__uploads/F1/a.txt": "abc", "emoji/oven.png": "png"}))
    old, new, none = expected_posts(export, export.conversations[0], NAMES, {})
    assert [(file.id, file.upload.size if file.upload else None) for file in old.files] == [("F1", 3)]
    assert [(file.id, file.names) for file in new.files] == [("F1", ("a.txt",)), ("F2", ())]
    assert none.files == []
    assert none.reactions == [("ok", "U1"), ("ok", "U2")]
    assert export.emoji_pictures == {"oven"}
