"""A tiny Slack export of invented people, written down by hand. Knows nothing of what is to become of it."""

import base64
from typing import Any

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PLAN = b"two rows of beans, one of peas\n"
#: More than a post of 16,383 characters takes; where it is cut.
BEANS = " ".join(f"bean{number}" for number in range(2000))
CUT = BEANS.index("bean1600")
LINK = "https://garden.slack.com/archives/"
ROSES = "https://garden.slack.com/files/U02/F02/roses_in_june.jpg"
NOT_HERE = "C77/p1111111111111111"

Json = dict[str, Any]


def garden_export(mark: str) -> dict[str, Any]:
    """Return file name -> content: bytes, or what becomes JSON."""
    people = [("U01", "alice", False), ("U02", "bob", False), ("U03", "carol", True)]
    users: list[Json] = [
        {
            "id": id_,
            "name": f"{name}.{mark}",
            "deleted": gone,
            "profile": {"real_name": name.title(), "email": f"{name.title()}.{mark}@garden.example"},
        }
        for id_, name, gone in people
    ]
    users[1]["profile"] |= {"display_name": "bobby", "title": "Keeps the shed"}
    users[1] |= {"locale": "de-DE", "tz": "Europe/Lisbon"}
    users.append({"id": "U09", "name": f"rain.{mark}", "is_bot": True, "profile": {"bot_id": "B01"}})
    beds = {"id": "C01", "name": "beds", "members": ["U01", "U02", "U03", "U404"], "is_archived": False}
    beds |= {"topic": {"value": "Ask <@U02> &amp; wait"}, "purpose": {"value": "What grows"}}
    beds |= {"pins": [{"id": "1700000010.123456", "type": "C"}]}
    kitchen = {"id": "C02", "name": "kitchen", "members": ["U01", "U02"], "is_archived": True}
    return {
        "users.json": users,
        "channels.json": [beds],
        "groups.json": [kitchen],
        "dms.json": [{"id": "D01", "members": ["U01", "U02"]}],
        "mpims.json": [{"id": "G01", "name": "mpdm-a--b--c-1", "members": ["U01", "U02", "U03"]}],
        "canvases.json": [""],
        "beds/2023-11-14.json": _beds(mark),
        "beds/canvas_in_the_conversation.json": [{"id": "F77", "name": "Untitled"}],
        "kitchen/2023-11-14.json": [_said("U02", "1700000000.000100", "Soup &lt; stew")],
        "D01/2023-11-14.json": [_said("U01", "1700000001.000000", "only for you")],
        "mpdm-a--b--c-1/2023-11-14.json": [_said("U03", "1700000002.000000", "the three of us")],
        "__uploads/F01/plan.txt": PLAN,
        f"emoji/rose_{mark}.png": PIXEL,
    }


def _beds(mark: str) -> list[Json]:
    root, deleted = "1700000010.123456", "1700000070.000000"
    inline = [
        {"type": "text", "text": "Good ", "style": {"bold": True}},
        {"type": "text", "text": "morn", "style": {"bold": True}},
        {"type": "text", "text": "ing "},
        {"type": "user", "user_id": "U02"},
        {"type": "emoji", "name": "wave", "skin_tone": 3},
        {"type": "link", "url": "https://garden.example/beds?row=2", "text": "the beds"},
    ]
    hello = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inline}]}
    reactions = [
        {"name": "+1::skin-tone-3", "users": ["U02"], "count": 1},
        {"name": f"rose_{mark}", "users": ["U02", "U03"], "count": 2},
        {"name": "donkey", "users": ["U02"], "count": 1},
    ]
    photo = {"id": "F02", "name": "roses in june.jpg", "permalink": ROSES}
    return [
        {**_said("U01", "1700000000.000100", "<@U01> has joined the channel"), "subtype": "channel_join"},
        {**_said("U01", root, "ignored"), "blocks": [hello], "thread_ts": root, "reactions": reactions},
        {
            **_said("U02", "1700000020.123456", "Rows *two* and three"),
            "thread_ts": root,
            "reactions": [{"name": "heart", "users": ["U01"]}],
        },
        _said("U02", "1700000030.000100", "first of two"),
        _said("U01", "1700000030.000200", "second of two"),
        {**_said("U01", "1700000040.999999", "see the plan"), "files": [{"id": "F01", "name": "plan.txt"}]},
        {**_said("U02", "1700000050.000000", ""), "files": [photo, {"id": "F03", "mode": "tombstone"}]},
        {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B01",
            "username": "Gauge North",
            "ts": "1700000060.000000",
            "text": "rain",
            "attachments": [{"title": "Today", "fields": [{"title": "fell", "value": "12 mm"}]}],
        },
        {**_said("USLACKBOT", deleted, "This message was deleted."), "subtype": "tombstone", "thread_ts": deleted},
        {**_said("U02", "1700000080.000000", "what did you delete?"), "thread_ts": deleted},
        {**_said("U01", "1700000090.000000", "to an old question"), "thread_ts": "1690000000.000000"},
        {**_said("U03", "1700000100.000000", "late frost"), "edited": {"user": "U03", "ts": "1700000101.000000"}},
        {**_said("USLACKBOT", "1700000110.000000", "gone for good"), "subtype": "tombstone"},
        {
            **_said("U01", "1700000120.000000", "<@U01> set the channel topic: Ask <@U02> &amp; wait"),
            "subtype": "channel_topic",
            "topic": "Ask <@U02> &amp; wait",
        },
        {**_said("U02", "1700000130.000000", "waters everything"), "subtype": "me_message"},
        _said("U01", "1700000140.000000", f"as <{LINK}C01/p1700000020123456|he said>, and <{LINK}{NOT_HERE}>"),
        _said("U02", "1700000145.000000", f"all of it: <{LINK}C01>"),
        _said("U02", "1700000150.000000", BEANS),
    ]


def _said(user: str, ts: str, text: str) -> Json:
    return {"type": "message", "user": user, "ts": ts, "text": text}
