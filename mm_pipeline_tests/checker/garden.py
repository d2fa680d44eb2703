"""A tiny export of invented people, and the import archive into which it was turned by hand.

No code turns the one into the other: the checker is tested against two things that were each written down.
"""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PLAN = b"two rows of beans, one of peas\n"
#: More than a post of 16,383 characters takes; where it is cut, and what stands in the archive where a post's id belongs.
BEANS = " ".join(f"bean{number}" for number in range(2000))
CUT = BEANS.index("bean1600")
POST_ID = "THE-ID-OF-THE-POST"

#: When the export begins; the posts of the archive say how much later they are.
AT = 1700000000000

#: The ts of the export's messages by the time of their posts; of what came into being on the way there is none.
TS = {
    0: "1700000000.000100",
    1000: "1700000001.000000",
    2000: "1700000002.000000",
    10123: "1700000010.123456",
    20123: "1700000020.123456",
    30000: "1700000030.000100",
    30001: "1700000030.000200",
    40999: "1700000040.999999",
    **{seconds * 1000: f"{1700000000 + seconds}.000000" for seconds in range(50, 151, 10)},
}
_LINK = "https://garden.slack.com/archives/"

Json = dict[str, Any]


class Garden:
    """The export and the archive; `mark` is part of every name that is unique on a server."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.team = f"garden-{mark}"

    def write_export(self, folder: Path) -> Path:
        """Write the Slack export as an unpacked folder."""
        for name, content in self._export().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return folder

    @property
    def bots(self) -> tuple[str, str]:
        """The names of the bot accounts that must be there before the archive: an older server's job has no bot line."""
        return f"rain.{self.mark}", f"slackbot.{self.mark}"

    def archive(self) -> bytes:
        """Return the Mattermost import archive."""
        return self._archive(self._lines())

    def archive_of_lost_reactions(self) -> bytes:
        """Return the archive with what a server before 10.4 drops from replies: the reply as a post of its own."""
        reply = _traced("C01", self._reply())
        return self._archive([{"type": "version", "version": 1}, self._post("beds", reply)])

    def _archive(self, lines: list[Json]) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("import.jsonl", "\n".join(json.dumps(line) for line in lines) + "\n")
            archive.writestr("data/plan.txt", PLAN)
            archive.writestr("data/rose.png", PIXEL)
        return target.getvalue()

    def _export(self) -> dict[str, Any]:
        mark = self.mark
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
        users[1]["locale"] = "de-DE"
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
            "beds/2023-11-14.json": self._beds(),
            "beds/canvas_in_the_conversation.json": [{"id": "F77", "name": "Untitled"}],
            "kitchen/2023-11-14.json": [_said("U02", "1700000000.000100", "Soup &lt; stew")],
            "D01/2023-11-14.json": [_said("U01", "1700000001.000000", "only for you")],
            "mpdm-a--b--c-1/2023-11-14.json": [_said("U03", "1700000002.000000", "the three of us")],
            "__uploads/F01/plan.txt": PLAN,
            f"emoji/rose_{mark}.png": PIXEL,
        }

    def _beds(self) -> list[Json]:
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
            {"name": f"rose_{self.mark}", "users": ["U02", "U03"], "count": 2},
            {"name": "donkey", "users": ["U02"], "count": 1},
        ]
        photo = {"id": "F02", "name": "roses in june.jpg", "url_private": "https://files.slack.com/x"}
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
            _said(
                "U01", "1700000140.000000", f"as <{_LINK}C01/p1700000020123456|he said>, and <{_LINK}C77/p{'1' * 16}>"
            ),
            _said("U02", "1700000150.000000", BEANS),
        ]

    def _lines(self) -> list[Json]:
        mark = self.mark
        alice, bob, carol, rain, slackbot = (f"{name}.{mark}" for name in ("alice", "bob", "carol", "rain", "slackbot"))
        hello = f"**Good morn**ing @{bob} :wave_medium_light_skin_tone: [the beds](https://garden.example/beds?row=2)"
        roses = [(bob, "+1_medium_light_skin_tone"), (bob, f"rose_{mark}"), (carol, f"rose_{mark}"), (bob, "donkey")]
        reactions = [{"user": who, "emoji_name": name, "create_at": AT + 10124} for who, name in roses]
        card = {"title": "Today", "fields": [{"title": "fell", "value": "12 mm"}]}
        webhook = {"from_webhook": "true", "override_username": "Gauge North", "attachments": [card]}
        topic = {"username": alice, "new_header": f"Ask @{bob} & wait"}
        links = f"as [he said](http://mm.example/{self.team}/pl/{POST_ID}), and {_LINK}C77/p{'1' * 16}"
        question, answer = _post(bob, 80000, "what did you delete?"), _post(alice, 90000, "to an old question")
        in_beds = [
            _post(alice, 0, f"{alice} joined", type="system_join_channel", props={"username": alice}),
            _post(alice, 10123, hello, is_pinned=True, reactions=reactions, replies=[self._reply()]),
            _post(bob, 30000, "first of two"),
            _post(alice, 30001, "second of two"),
            _post(alice, 40999, "see the plan", attachments=[{"path": "plan.txt"}]),
            _post(bob, 50000, "*roses in june.jpg* and another file are not in the export"),
            _post(rain, 60000, "rain", props=webhook),
            _post(slackbot, 70000, "deleted", replies=[question]),
            _post(alice, 1690000000000 - AT, "not exported", replies=[answer]),
            _post(carol, 100000, "late frost", edit_at=AT + 101000),
            _post(alice, 120000, f"{alice} changed it", type="system_header_change", props=topic),
            _post(bob, 130000, "*waters everything*", type="me"),
            _post(alice, 140000, links),
            _post(bob, 150000, BEANS[:CUT], replies=[_post(bob, 150001, BEANS[CUT:])]),
        ]
        followers = {10123: [alice, bob], 70000: [bob], 1690000000000 - AT: [alice]}
        for post in in_beds:
            post["thread_followers"] = [
                {"user": name, "last_viewed": AT + 90000, "unread_mentions": 0}
                for name in followers.get(post["create_at"] - AT, [])
            ]
        return [
            {"type": "version", "version": 1},
            {"type": "emoji", "emoji": {"name": f"rose_{mark}", "image": "rose.png"}},
            {"type": "emoji", "emoji": {"name": "donkey", "image": "rose.png"}},
            self._channel("beds", "O", header=f"Ask @{bob} & wait", purpose="What grows"),
            self._channel("kitchen", "P", deleted_at=AT + 200000),
            self._user("alice", ["beds", "kitchen"]),
            self._user("bob", ["beds", "kitchen"], nickname="bobby", position="Keeps the shed", locale="de"),
            self._user("carol", ["beds"], delete_at=AT + 200000),
            *(self._post("beds", _traced("C01", post)) for post in in_beds),
            self._post("kitchen", _traced("C02", _post(bob, 0, "Soup < stew"))),
            _direct_post([alice, bob], _traced("D01", _post(alice, 1000, "only for you"))),
            _direct_post([alice, bob, carol], _traced("G01", _post(carol, 2000, "the three of us"))),
        ]

    def _reply(self) -> Json:
        heart = {"user": f"alice.{self.mark}", "emoji_name": "heart", "create_at": AT + 20124}
        return _post(f"bob.{self.mark}", 20123, "Rows **two** and three", reactions=[heart])

    def _user(self, name: str, channels: list[str], **more: Any) -> Json:
        memberships = [{"name": self.team, "channels": [{"name": channel} for channel in channels]}]
        user = {"username": f"{name}.{self.mark}", "email": f"{name}.{self.mark}@garden.example", "teams": memberships}
        return {"type": "user", "user": user | {"first_name": name.title()} | more}

    def _channel(self, name: str, kind: str, **more: Any) -> Json:
        channel = {"team": self.team, "name": name, "display_name": name, "type": kind}
        return {"type": "channel", "channel": channel | more}

    def _post(self, channel: str, post: Json) -> Json:
        return {"type": "post", "post": {"team": self.team, "channel": channel} | post}


def _said(user: str, ts: str, text: str) -> Json:
    return {"type": "message", "user": user, "ts": ts, "text": text}


def _post(user: str, after_ms: int, message: str, **more: Any) -> Json:
    return {"user": user, "create_at": AT + after_ms, "message": message, **more}


def _traced(channel: str, post: Json) -> Json:
    """The post and its replies with props that say which message each is."""
    for one in (post, *post.get("replies", [])):
        ts = TS.get(one["create_at"] - AT)
        one["props"] = one.get("props", {}) | ({"slack_ts": ts, "slack_channel": channel} if ts else {})
    return post


def _direct_post(members: list[str], post: Json) -> Json:
    return {"type": "direct_post", "direct_post": {"channel_members": members, **post}}
