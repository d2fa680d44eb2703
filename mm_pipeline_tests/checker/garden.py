"""The tiny Slack export, and the import archive into which it was turned by hand.

No code turns the one into the other: the checker is tested against two things that were each written down.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from mm_pipeline_tests.checker.slack_garden import BEANS, CUT, LINK, NOT_HERE, PIXEL, PLAN, ROSES, garden_export

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
    145000: "1700000145.000000",
    **{seconds * 1000: f"{1700000000 + seconds}.000000" for seconds in range(50, 151, 10)},
}

#: Stands in the archive where a post's id belongs.
POST_ID = "THE-ID-OF-THE-POST"

Json = dict[str, Any]


class Garden:
    """The export and the archive; `mark` is part of every name that is unique on a server."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.team = f"garden-{mark}"

    def write_export(self, folder: Path) -> Path:
        """Write the Slack export as an unpacked folder."""
        for name, content in garden_export(self.mark).items():
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

    def _lines(self) -> list[Json]:
        mark = self.mark
        alice, bob, carol, rain, slackbot = (f"{name}.{mark}" for name in ("alice", "bob", "carol", "rain", "slackbot"))
        hello = f"**Good morn**ing @{bob} :wave_medium_light_skin_tone: [the beds](https://garden.example/beds?row=2)"
        roses = [(bob, "+1_medium_light_skin_tone"), (bob, f"rose_{mark}"), (carol, f"rose_{mark}"), (bob, "donkey")]
        reactions = [{"user": who, "emoji_name": name, "create_at": AT + 10124} for who, name in roses]
        card = {"title": "Today", "fields": [{"title": "fell", "value": "12 mm"}]}
        webhook = {"from_webhook": "true", "override_username": "Gauge North", "attachments": [card]}
        topic = {"username": alice, "new_header": f"Ask @{bob} & wait"}
        links = f"as [he said](http://mm.example/{self.team}/pl/{POST_ID}), and {LINK}{NOT_HERE}"
        question, answer = _post(bob, 80000, "what did you delete?"), _post(alice, 90000, "to an old question")
        in_beds = [
            _post(alice, 0, f"{alice} joined", type="system_join_channel", props={"username": alice}),
            _post(alice, 10123, hello, is_pinned=True, reactions=reactions, replies=[self._reply()]),
            _post(bob, 30000, "first of two"),
            _post(alice, 30001, "second of two"),
            _post(alice, 40999, "see the plan", attachments=[{"path": "plan.txt"}]),
            _post(bob, 50000, f"[roses in june.jpg]({ROSES}): not part of the export; a file: deleted"),
            _post(rain, 60000, "rain", props=webhook),
            _post(slackbot, 70000, "deleted", replies=[question]),
            _post(alice, 1690000000000 - AT, "not exported", replies=[answer]),
            _post(carol, 100000, "late frost", edit_at=AT + 101000),
            _post(alice, 120000, f"{alice} set the channel topic", type="system_header_change", props=topic),
            _post(bob, 130000, "*waters everything*", type="me"),
            _post(alice, 140000, links),
            _post(bob, 145000, f"all of it: http://mm.example/{self.team}/channels/beds"),
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
