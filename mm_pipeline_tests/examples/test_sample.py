"""The sample workspace holds at least three of everything a migration stumbles over. Reads the JSON alone, nothing of mm_pipeline."""

# ruff: noqa: E501 - the tables below are read line by line
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2] / "examples" / "workspace"
INDEXES = ("channels", "groups", "dms", "mpims")
#: Short names that Slack has and Mattermost 11.4 lacks, of those the sample uses.
UNKNOWN_TO_MATTERMOST = {
    "melting_face", "saluting_face", "face_with_peeking_eye", "face_holding_back_tears", "heart_hands", "shaking_face",
    "pink_heart", "moose", "goose", "heavy_equals_sign",
}  # fmt: skip

Json = dict[str, Any]


class Said(NamedTuple):
    """A message with where it lies."""

    folder: str
    day: str
    message: Json


def read(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


USERS: list[Json] = read("users.json")
EMOJI: dict[str, str] = read("emoji.json")
INDEX: dict[str, list[Json]] = {kind: read(f"{kind}.json") for kind in INDEXES}
ENTRIES = [entry for entries in INDEX.values() for entry in entries]
SAID = [
    Said(path.parent.name, path.stem, message)
    for path in sorted(ROOT.glob("*/*.json"))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", path.stem)
    for message in json.loads(path.read_text(encoding="utf-8"))
]
BY_PLACE = {(said.folder, said.message["ts"]): said for said in SAID}


def root_of(said: Said) -> Said | None:
    """The root of a reply; None for roots and for replies whose root was not exported."""
    thread_ts = said.message.get("thread_ts")
    return BY_PLACE.get((said.folder, thread_ts)) if thread_ts != said.message["ts"] else None


def is_reply(said: Said) -> bool:
    return said.message.get("thread_ts", said.message["ts"]) != said.message["ts"]


def files_of(message: Json) -> list[Json]:
    return message.get("files") or ([message["file"]] if "file" in message else [])


FILES = [file for said in SAID for file in files_of(said.message)]


def has_bytes(file: Json) -> bool:
    return (ROOT / "__uploads" / file["id"] / file.get("name", "")).is_file()


def elements(kind: str) -> list[Json]:
    """All rich_text elements of one type."""

    def walk(node: Any) -> Iterator[Json]:
        if isinstance(node, dict):
            if node.get("type") == kind:
                yield node
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    return list(walk([said.message.get("blocks") for said in SAID]))


def said_as(**wanted: object) -> list[Said]:
    return [said for said in SAID if all(said.message.get(key) == value for key, value in wanted.items())]


def holds(pattern: str) -> list[Said]:
    return [said for said in SAID if re.search(pattern, said.message.get("text") or "")]


def milliseconds(said: Said) -> tuple[str, str]:
    return said.folder, said.message["ts"][:-3]


KNOWN_USERS = {user["id"] for user in USERS}
FOLDERS = {said.folder for said in SAID}
INDEXED = {entry.get("name") for entry in ENTRIES} | {entry["id"] for entry in ENTRIES}
INDEXED |= {entry["name"].replace(":", "_") for entry in read("file_conversations.json")}
REACTIONS = [(said, reaction) for said in SAID for reaction in said.message.get("reactions", [])]
SAME_MS = Counter(milliseconds(said) for said in SAID)
SAME_MS_AND_TEXT = Counter((*milliseconds(said), said.message["text"]) for said in SAID)
NAMES_OF_BOT: dict[str, set[str]] = {}
for each in SAID:
    if each.message.get("bot_id") and "username" in each.message:  # old uploads have both, the bot_id null
        NAMES_OF_BOT.setdefault(each.message["bot_id"], set()).add(each.message["username"])
PICTURES = {path.stem: Image.open(io.BytesIO(path.read_bytes())) for path in (ROOT / "emojis").iterdir()}
GONE_ROOTS = {
    root.message["ts"] for said in SAID if (root := root_of(said)) and root.message.get("subtype") == "tombstone"
}
LISTS = elements("rich_text_list")


def own_picture(user: dict[str, Any]) -> list[Path]:
    """Return the picture that lies under the person's id, named as its address ends."""
    name = user["profile"]["image_original"].rpartition("/")[2]
    return [path for path in (ROOT / "__avatars" / user["id"]).glob("*") if path.name == name and Image.open(path)]


#: What the sample must hold -> what shows it. Each entry needs three.
THREE_OF: dict[str, Callable[[], list[Any]]] = {
    "direct messages": lambda: [e for e in INDEX["dms"] if len(set(e["members"])) == 2],
    "direct messages with oneself": lambda: [e for e in INDEX["dms"] if len(set(e["members"])) == 1],
    "group direct messages": lambda: [e for e in INDEX["mpims"] if 3 <= len(e["members"]) <= 8],
    "private channels": lambda: INDEX["groups"],
    "archived channels": lambda: [e for e in ENTRIES if e.get("is_archived")],
    "channels with a name beyond ASCII": lambda: [e for e in INDEX["channels"] if not e["name"].isascii()],
    "names that Mattermost refuses": lambda: [e for e in INDEX["channels"] if re.search(r"^[-_]|[-_]$|[^a-z0-9_-]", e["name"])],
    "topics with a mention": lambda: [e for e in ENTRIES if "<@U" in e.get("topic", {}).get("value", "")],
    "folders without an entry": lambda: sorted(FOLDERS - INDEXED),
    "files that are no days": lambda: list(ROOT.glob("*/canvas_in_the_conversation.json")),
    "pins": lambda: [pin for e in ENTRIES for pin in e.get("pins", []) if any(key[1] == pin["id"] for key in BY_PLACE)],
    "deactivated people": lambda: [u for u in USERS if u["deleted"]],
    "bots": lambda: [u for u in USERS if u["is_bot"]],
    "bots that write": lambda: [s for s in SAID if "user" in s.message and "bot_id" in s.message],
    "bridges": lambda: [bot for bot, names in NAMES_OF_BOT.items() if len(names) > 1],
    "bridged messages": lambda: [s for s in SAID if len(NAMES_OF_BOT.get(s.message.get("bot_id"), ())) > 1],
    "webhook messages without a user": lambda: [s for s in said_as(subtype="bot_message") if "user" not in s.message],
    "webhook messages without any name": lambda: [s for s in said_as(subtype="bot_message") if "username" not in s.message],
    "webhooks": lambda: sorted({s.message["bot_id"] for s in said_as(subtype="bot_message") if len(NAMES_OF_BOT.get(s.message.get("bot_id"), ())) < 2 and "bot_id" in s.message}),
    "people without e-mail": lambda: [u for u in USERS if not u["is_bot"] and "email" not in u["profile"]],
    "people with a picture of their own": lambda: [u for u in USERS if u["profile"].get("is_custom_image") and own_picture(u)],
    "people whose picture Slack drew": lambda: [u for u in USERS if u["profile"]["avatar_hash"].startswith("g")],
    "guests": lambda: [u for u in USERS if u.get("is_restricted")],
    "user names with capitals": lambda: [u for u in USERS if u["name"] != u["name"].lower()],
    "names beyond ASCII": lambda: [u for u in USERS if not u["profile"]["real_name"].isascii()],
    "people without a display name": lambda: [u for u in USERS if not u["profile"]["display_name"] and not u["is_bot"]],
    "authors whom users.json lacks": lambda: sorted({s.message["user"] for s in SAID if "user" in s.message} - KNOWN_USERS - {"USLACKBOT"}),
    "words of Slackbot": lambda: [s for s in said_as(user="USLACKBOT") if s.message["text"] and "subtype" not in s.message],
    "edited messages": lambda: [s for s in SAID if s.message.get("edited", {}).get("user", "").startswith("U")],
    "messages edited by a bot id": lambda: [s for s in SAID if s.message.get("edited", {}).get("user", "").startswith("B")],
    "replies with a reaction": lambda: [s for s, _ in REACTIONS if is_reply(s)],
    "replies on another day": lambda: [s for s in SAID if (root := root_of(s)) and root.day != s.day],
    "replies without their root": lambda: [s for s in SAID if is_reply(s) and root_of(s) is None],
    "roots that forgot their thread": lambda: [r for s in SAID if (r := root_of(s)) and "thread_ts" not in r.message],
    "tombstones with replies": lambda: sorted(GONE_ROOTS),
    "thread broadcasts": lambda: said_as(subtype="thread_broadcast"),
    "me_messages": lambda: said_as(subtype="me_message"),
    "messages whose UTC date is not the file's": lambda: [s for s in SAID if _utc_day(s.message["ts"]) != s.day],
    "pairs of one millisecond": lambda: [key for key, count in SAME_MS.items() if count > 1],
    "messages with the millisecond and words of another": lambda: [1 for n in SAME_MS_AND_TEXT.values() for _ in range(n) if n > 1],
    "messages with files": lambda: [s for s in SAID if files_of(s.message)],
    "files with bytes": lambda: [f for f in FILES if "name" in f and has_bytes(f)],
    "files whose bytes are missing": lambda: [f for f in FILES if f.get("mode") == "hosted" and not has_bytes(f)],
    "files hidden by the plan's limit": lambda: [f for f in FILES if f["mode"] == "hidden_by_limit"],
    "deleted files": lambda: [f for f in FILES if f["mode"] == "tombstone"],
    "external files": lambda: [f for f in FILES if f.get("is_external")],
    "files with names beyond ASCII or with blanks": lambda: [f for f in FILES if re.search(r"[^\x21-\x7e]", f.get("name", ""))],
    "legacy files in the singular": lambda: [s for s in SAID if "file" in s.message and s.message["subtype"] == "file_share"],
    "file comments": lambda: [s for s in said_as(subtype="file_comment") if "user" not in s.message],
    "emoji with a PNG": lambda: [p for p in PICTURES.values() if p.format == "PNG"],
    "emoji with a moving GIF": lambda: [p for p in PICTURES.values() if p.format == "GIF" and p.n_frames > 1],
    "emoji without a picture": lambda: [n for n, a in EMOJI.items() if not a.startswith("alias:") and n not in PICTURES],
    "aliases of custom emoji": lambda: [n for n, a in EMOJI.items() if a.removeprefix("alias:") in EMOJI],
    "aliases of standard emoji": lambda: [n for n, a in EMOJI.items() if a.startswith("alias:") and a[6:] not in EMOJI],
    "reactions with custom emoji": lambda: [r for _, r in REACTIONS if r["name"] in EMOJI],
    "reactions with a skin tone": lambda: [r for _, r in REACTIONS if "::skin-tone-" in r["name"]],
    "reactions that Mattermost lacks": lambda: [r for _, r in REACTIONS if r["name"] in UNKNOWN_TO_MATTERMOST],
    "reactions of several people": lambda: [r for _, r in REACTIONS if len(r["users"]) > 2],
    "words in blocks alone": lambda: [s for s in SAID if s.message.get("blocks") and not s.message["text"]],
    "blocks that are null": lambda: [s for s in SAID if "blocks" in s.message and s.message["blocks"] is None],
    "link previews": lambda: [s for s in SAID for a in s.message.get("attachments") or [] if "from_url" in a and "is_share" not in a],
    "shared messages": lambda: [s for s in SAID for a in s.message.get("attachments") or [] if a.get("is_share")],
    "bot attachments": lambda: [s for s in said_as(subtype="bot_message") if s.message.get("attachments")],
    "texts too long for one post": lambda: [s for s in SAID if len(s.message["text"]) > 16_383],
    "ordered lists": lambda: [e for e in LISTS if e["style"] == "ordered"],
    "lists in lists": lambda: [e for e in LISTS if e["indent"]],
    "lists that go on": lambda: [e for e in LISTS if e.get("offset")],
    "quotes": lambda: elements("rich_text_quote"),
    "code": lambda: elements("rich_text_preformatted"),
    "doctypes left unescaped": lambda: holds("<!DOCTYPE html>"),
    "links": lambda: elements("link"),
    "dates": lambda: elements("date"),
    "colors": lambda: elements("color"),
    "user groups": lambda: elements("usergroup"),
    "broadcasts": lambda: elements("broadcast"),
    "mentions": lambda: elements("user"),
    "channel links": lambda: elements("channel"),
    "legacy mentions with a label": lambda: holds(r"<@U\w+\|\w+>"),
    "escaped signs": lambda: holds("&(amp|lt|gt);"),
    "links to e-mail": lambda: [e for e in elements("link") if e["url"].startswith("mailto:")],
    "permalinks": lambda: holds(r"slack\.com/archives/"),
    "huddles": lambda: [s for s in SAID if "room" in s.message],
    "notices of joining": lambda: said_as(subtype="channel_join"),
    "notices of leaving": lambda: said_as(subtype="channel_leave"),
    "notices of a topic": lambda: said_as(subtype="channel_topic"),
    "notices of a purpose": lambda: [s for s in SAID if s.message.get("subtype") in ("channel_purpose", "group_purpose")],
    "notices of archiving": lambda: [s for s in SAID if s.message.get("subtype") in ("channel_archive", "group_archive")],
}  # fmt: skip

#: What is there at least once: three would not be credible, or one is the point.
ONE_OF: dict[str, Callable[[], list[Any]]] = {
    "a message with more than ten files": lambda: [s for s in SAID if len(files_of(s.message)) > 10],
    "a file that two channels share": lambda: [i for i, n in Counter(f for f, _ in {(f["id"], s.folder) for s in SAID for f in files_of(s.message)}).items() if n > 1],
    "a JPEG emoji": lambda: [p for p in PICTURES.values() if p.format == "JPEG"],
    "an alias of an alias": lambda: [n for n, a in EMOJI.items() if EMOJI.get(a.removeprefix("alias:"), "").startswith("alias:")],
    "an emoji name beyond ASCII": lambda: [n for n in EMOJI if not n.isascii()],
    "a user called admin": lambda: [u for u in USERS if u["name"] == "admin"],
    "a user name of one letter": lambda: [u for u in USERS if len(u["name"]) == 1],
    "a display name of two people": lambda: [n for n, c in Counter(u["profile"]["display_name"] for u in USERS).items() if n and c > 1],
    "a general channel": lambda: [e for e in INDEX["channels"] if e["is_general"] and e["name"] == "general"],
    "a random channel": lambda: [e for e in INDEX["channels"] if e["name"] == "random"],
    "a channel that nobody wrote in": lambda: [e for e in INDEX["channels"] if e["name"] not in FOLDERS],
    "a group direct message of eight": lambda: [e for e in INDEX["mpims"] if len(e["members"]) == 8],
    "a direct message with a bot": lambda: [e for e in INDEX["dms"] for u in USERS if u["is_bot"] and u["id"] in e["members"]],
    "a renamed channel": lambda: said_as(subtype="channel_name"),
    "a table": lambda: elements("table"),
    "a call": lambda: elements("call"),
    "a canvas notice": lambda: said_as(subtype="channel_canvas_updated"),
    "a mention of a channel that does not exist": lambda: holds("<#C06NOWHERE0"),
    "one person's two tones of one emoji": lambda: [
        s for s in SAID
        for n in Counter((r["name"].split("::")[0], u) for r in s.message.get("reactions", []) for u in r["users"]).values() if n > 1
    ],
    "a public message that shares a private one": lambda: [
        s for s in SAID for a in s.message.get("attachments") or [] if a.get("is_share") and a["channel_id"].startswith("D")
    ],
}  # fmt: skip


def _utc_day(ts: str) -> str:
    return datetime.fromtimestamp(int(ts[:10]), UTC).strftime("%Y-%m-%d")


@pytest.mark.parametrize("what", THREE_OF)
def test_the_sample_holds_three_of(what: str) -> None:
    found = THREE_OF[what]()
    assert len(found) >= 3, f"{what}: {len(found)}"


@pytest.mark.parametrize("what", ONE_OF)
def test_the_sample_holds(what: str) -> None:
    assert ONE_OF[what](), what


def test_the_sample_is_small_enough_to_read() -> None:
    assert 250 <= len(SAID) <= 450
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 1_500_000


def test_bytes_are_what_the_file_objects_say() -> None:
    for file in FILES:
        if "name" in file and has_bytes(file):
            content = (ROOT / "__uploads" / file["id"] / file["name"]).read_bytes()
            assert len(content) == file["size"], file["name"]
            if file["mimetype"].startswith("image/"):
                assert Image.open(io.BytesIO(content)).get_format_mimetype() == file["mimetype"]


def test_no_bytes_lie_there_unasked() -> None:
    asked = {(file["id"], file.get("name")) for file in FILES}
    assert {(path.parent.name, path.name) for path in (ROOT / "__uploads").glob("*/*")} <= asked


def test_every_ts_is_unique_in_its_folder_and_every_day_file_is_in_order() -> None:
    assert len(BY_PLACE) == len(SAID)
    for said in SAID:
        assert re.fullmatch(r"\d{10}\.\d{6}", said.message["ts"])
    by_day: dict[tuple[str, str], list[str]] = {}
    for said in SAID:
        by_day.setdefault((said.folder, said.day), []).append(said.message["ts"])
    assert all(stamps == sorted(stamps) for stamps in by_day.values())


def test_roots_count_their_replies_as_slack_does() -> None:
    for said in SAID:
        if "reply_count" not in said.message:
            continue
        replies = [s.message["ts"] for s in SAID if root_of(s) is said]
        assert said.message["reply_count"] == len(replies)
        assert said.message["latest_reply"] == max(replies)
        assert [reply["ts"] for reply in said.message["replies"]] == sorted(replies)


def _words(text: str) -> list[str]:
    for sign, plain in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(sign, plain)
    return re.findall(r"[^\W_]+", text)


def test_text_and_blocks_say_the_same() -> None:
    """Each word of each rich_text element stands in `text`, in the same order."""
    compared = 0
    for said in SAID:
        blocks = said.message.get("blocks") or []
        if not said.message["text"] or [block["type"] for block in blocks] != ["rich_text"]:
            continue
        text = iter(_words(said.message["text"]))
        for word in _words(" ".join(_told(blocks))):
            assert word in text, f"{word} of {said.folder} {said.message['ts']}"
        compared += 1
    assert compared > 200


def _told(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for value in node:
            yield from _told(value)
    elif isinstance(node, dict):
        yield from (str(node[key]) for key in ("url", "text", "name", "user_id", "channel_id", "value") if key in node)
        yield from _told(node.get("elements", []))


def test_an_emoji_in_blocks_is_standard_with_a_code_point_or_one_of_ours() -> None:
    for emoji in elements("emoji"):
        assert "unicode" in emoji or emoji["name"] in EMOJI, emoji


def test_nothing_in_the_sample_looks_like_a_secret() -> None:
    for path in ROOT.rglob("*.json"):
        for token in re.findall(r"xox[a-z]-[\w-]+", path.read_text(encoding="utf-8")):
            assert token == "xoxe-INVENTED"
