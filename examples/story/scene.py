"""Tell one conversation: say, reply, notice, pin; the scene keeps Slack's times, threads and index entry. Holds no words of its own."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from story.cast import BOTS, NAMES, SLACKBOT, STRANGERS, TEAM, Json, short_profile, slack_id, user_id
from story.markup import rich

#: The workspace's time zone cuts the day files, so an evening's UTC date is the next day.
HALIFAX = timezone(timedelta(hours=-3))

Mark = Callable[[Json], None]  #: what is done to a message after it was said

SCENES: dict[str, "Scene"] = {}


class Scene:
    """One conversation, in the order in which it is told.

    `kind` is the index file it stands in (channels, groups, dms, mpims, file_conversations) or "" for a folder that no index knows.
    """

    def __init__(
        self, kind: str, folder: str, members: str = "", *, id: str = "", year: int = 2024, **entry: object
    ) -> None:
        self.kind, self.folder, self.year = kind, folder, year
        self.id = id or slack_id("C", sha256(folder.encode()).hexdigest())
        self.members = [user_id(key) for key in members.split()]
        self.entry, self.pins = entry, list[Json]()
        self.messages = list[Json]()
        self.root: Json = {}
        SCENES[folder] = self

    def ts(self, when: str) -> str:
        """Turn "04-08 08:02", "04-08 08:02:11" or "04-08 08:02:11.123456" of the workspace's clock into a Slack ts."""
        clock, _, fraction = when.partition(".")
        digits = int(sha256(f"{self.folder} {when}".encode()).hexdigest(), 16)
        if clock.count(":") == 1:
            clock += f":{digits % 59:02}"
        moment = datetime.strptime(f"{self.year}-{clock} -0300", "%Y-%m-%d %H:%M:%S %z")
        micros = f"{digits % 100:06}" if self.legacy else f"{digits % 100_000:05}9"
        return f"{int(moment.timestamp())}.{fraction or micros}"

    @property
    def legacy(self) -> bool:
        """Exports of before 2019 knew no blocks, no client_msg_id and no `files`."""
        return self.year < 2019

    def put(self, when: str, message: Json, *marks: Mark) -> Json:
        """Add a message of any shape."""
        message = {"type": "message"} | message | {"ts": self.ts(when)}
        for mark in marks:
            mark(message)
        self.messages.append(message)
        return message

    def say(self, when: str, who: str, typed: str, *marks: Mark) -> Json:
        """A person writes; what comes next with `reply` hangs on it."""
        text, blocks = rich(typed)
        if self.legacy:  # which named the people it mentioned
            text = re.sub(r"<@(\w+)>", lambda m: f"<@{m[1]}|{NAMES[m[1]]}>", text)
        message: Json = {"user": user_id(who), "text": text}
        if not self.legacy:
            message |= {"client_msg_id": str(uuid5(NAMESPACE_URL, f"{self.folder}/{when}/{who}"))}
            message |= {"team": TEAM, "user_team": TEAM, "source_team": TEAM, "user_profile": short_profile(who)}
            message |= {"blocks": blocks} if blocks else {}
        if who in STRANGERS:
            message |= {"user_team": "T06FJORDMIL", "source_team": "T06FJORDMIL"}
        self.root = self.put(when, message, *marks)
        return self.root

    def reply(self, when: str, who: str, typed: str, *marks: Mark, to: Json | None = None) -> Json:
        """A person answers in the thread of `to`, by default of what was said last."""
        root = to or self.root
        message = self.say(when, who, typed, lambda m: thread(m, root), *marks)
        self.root = root
        return message

    def post(self, when: str, bot: str, text: str, *marks: Mark, **fields: object) -> Json:
        """A webhook, a bridge or a bot of old posts: no user, only a bot_id and perhaps a `username`."""
        self.root = self.put(when, {"subtype": "bot_message", "text": text, "bot_id": BOTS[bot]} | fields, *marks)
        return self.root

    def notice(self, when: str, who: str, subtype: str, text: str, *marks: Mark, **fields: object) -> Json:
        """Slack tells that `who` did something; `{who}` in the text is the mention."""
        user = user_id(who)
        label = f"|{short_profile(who)['name']}" if self.legacy and who != SLACKBOT else ""
        text = text.replace("{who}", f"<@{user}{label}>")
        return self.put(when, {"subtype": subtype, "user": user, "text": text} | fields, *marks)

    def tombstone(self, when: str) -> Json:
        """A message that was deleted although people had answered it."""
        gone = {"subtype": "tombstone", "user": SLACKBOT, "text": "This message was deleted.", "hidden": True}
        self.root = self.put(when, gone)
        return self.root

    def pin(self, message: Json, who: str) -> None:
        """Pin a message. Slack notes it in the channel's index entry, the time as a string in old exports."""
        created = int(message["ts"][:10]) + 60
        owner = message.get("user", "")
        pin = {"id": message["ts"], "type": "C", "created": created, "user": user_id(who), "owner": owner}
        self.pins.append(pin | ({"created": str(created)} if self.legacy else {}))

    def days(self) -> dict[str, list[Json]]:
        """Return the day files: the workspace's date -> its messages in the order of ts, roots with their threads' keys."""
        told = sorted(deepcopy(self.messages), key=lambda message: str(message["ts"]))
        assert len({message["ts"] for message in told}) == len(told), f"a ts twice in {self.folder}"
        roots = {message["ts"]: message for message in told}
        for message in told:
            root = roots.get(message.get("thread_ts"))
            if root is None or root is message or root.pop("forgets its thread", None):
                continue
            count_reply(root, message)
        days: dict[str, list[Json]] = {}
        for message in told:
            moment = datetime.fromtimestamp(int(message["ts"][:10]), UTC).astimezone(HALIFAX)
            days.setdefault(moment.strftime("%Y-%m-%d"), []).append(message)
        return days

    def index_entry(self) -> Json:
        """Return the conversation's entry in its index file."""
        created = int(self.messages[0]["ts"][:10]) - 3600 if self.messages else 1711965600
        entry: Json = {"id": self.id, "created": str(created) if self.legacy else created}
        if self.kind == "dms":
            return entry | {"members": self.members}
        empty = {"value": "", "creator": "", "last_set": 0}
        entry |= {"name": self.folder.replace("_", ":", 2) if self.kind == "file_conversations" else self.folder}
        entry |= {"creator": self.members[0], "is_archived": False}
        entry |= {"is_general": False} if self.kind == "channels" else {}
        entry |= {"members": self.members} | ({"pins": self.pins} if self.pins else {})
        told = {key: value for key, value in self.entry.items() if key not in ("topic", "purpose")}
        for key in ("topic", "purpose"):
            words = self.entry.get(key, "")
            entry[key] = {"value": words, "creator": self.members[0], "last_set": created} if words else dict(empty)
        return entry | told


def thread(message: Json, root: Json) -> None:
    """Hang a message on a root; only the root's `thread_ts` is sure to be there."""
    message["thread_ts"] = root["ts"]
    if "user" in root:
        message["parent_user_id"] = root["user"]


def count_reply(root: Json, reply: Json) -> None:
    """Note one reply on its root as Slack does."""
    author = reply.get("user") or reply.get("bot_id")
    root["thread_ts"] = root["ts"]
    replies = [*root.get("replies", []), {"user": author, "ts": reply["ts"]}]
    users = list(dict.fromkeys(entry["user"] for entry in replies))
    root |= {"reply_count": len(replies), "reply_users_count": len(users), "latest_reply": reply["ts"]}
    root |= {"reply_users": users, "replies": replies, "is_locked": False, "subscribed": False}
