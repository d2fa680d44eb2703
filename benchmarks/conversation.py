"""What is said in one channel of a generated export, day by day. Writes no file, knows no other channel.

No more is kept in memory than a day and the replies still to come.
"""

from collections import Counter
from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from people import FOUNDED_S, TEAM, ZONE_S, Channel, pick, profile_of, user_id
from wording import FIRST, REACTIONS, SITES, TONABLE, WORDS, Json, composed, sentence

MICRO = 1_000_000
DAY_S = 86_400
DAYS = 2_190  #: about six years
BLOCKS_SINCE_S = FOUNDED_S + DAYS * DAY_S * 9 // 100  #: before it messages had no blocks

# fmt: off
JOIN, BOT, TOMBSTONE, PINNED, THREAD = 0.06, 0.15, 0.003, 0.004, 0.42  #: shares of the roots
ME, REACTED, FILES, UNFURL, EDITED, BROADCAST, AT_ONCE = 0.004, 0.21, 0.013, 0.06, 0.06, 0.01, 0.008  #: of what people say
# fmt: on
TONED = 0.18  #: of the reactions that can be
KINDS = {"png": "image/png", "pdf": "application/pdf", "csv": "text/csv", "jpg": "image/jpeg"}


class Planned(NamedTuple):
    """A reply that is still to come. Sorts by its time."""

    micros: int
    author: int
    root: str
    root_author: int


def stamp(micros: int) -> str:
    """Return Slack's ts of a time in microseconds."""
    return f"{micros // MICRO}.{micros % MICRO:06}"


def day_of(micros: int) -> int:
    """Return the workspace's day (since the epoch) of a time in microseconds."""
    return (micros // MICRO + ZONE_S) // DAY_S


class Conversation:
    """All that is said in a channel. `counts` and `pins` are complete when `days` is through."""

    def __init__(self, channel: Channel, seed: int) -> None:
        self.channel, self.rng = channel, Random(f"{seed} {channel.id}")
        self.counts = Counter[str]()
        self.pins: list[Json] = []

    def days(self) -> Iterator[tuple[int, list[Json]]]:
        """Yield (day, messages). One day and the replies still to come are all that is kept."""
        messages: list[Json] = []
        current = None
        for micros, message in self._told():
            if day_of(micros) != current:
                if current is not None and messages:
                    yield current, messages
                current, messages = day_of(micros), []
            messages.append(message)
        if current is not None:
            yield current, messages

    def _told(self) -> Iterator[tuple[int, Json]]:
        """Yield (time, message) in order of time. A root plans its whole thread at once, because it names all its replies."""
        rng, channel = self.rng, self.channel
        coming: list[Planned] = []
        taken: set[int] = set()
        left, last = channel.messages, 0

        def free(micros: int) -> int:
            while micros in taken:
                micros += 1
            return micros

        for moment in moments(rng, channel.messages):
            if not left:
                break
            now = free(max(moment, last + 1))
            while coming and coming[0].micros < now:
                reply = heappop(coming)
                taken.discard(reply.micros)
                yield reply.micros, self._reply(reply)
            last, left = now, left - 1
            root = self._root(now)
            author, at, replies = root.get("user", ""), now, []
            for _ in range(min(left, thread_length(rng)) if root.get("subtype") != "channel_join" else 0):
                at = free(at + reply_gap(rng))
                taken.add(at)
                replies.append(Planned(at, self._author(), root["ts"], author))
                heappush(coming, replies[-1])
            left -= len(replies)
            yield now, root | thread_keys(root["ts"], replies)
        for reply in sorted(coming):
            yield reply.micros, self._reply(reply)

    def _author(self) -> int:
        return self.channel.members[pick(self.rng, self.channel.weights)]

    def _root(self, micros: int) -> Json:
        """Say something new in a channel: a person, a bot or a notice."""
        rng = self.rng
        kind, author = rng.random(), self._author()
        user, ts = user_id(author), stamp(micros)
        if kind < JOIN:
            self.counts["joins"] += 1
            joined = {"type": "message", "subtype": "channel_join", "user": user, "ts": ts}
            return joined | {"text": f"<@{user}> has joined the channel"}
        if kind < JOIN + BOT:
            return self._bot_message(ts)
        if kind < JOIN + BOT + TOMBSTONE:
            gone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}
            return gone | {"hidden": True, "ts": ts}
        message = self._said(author, micros)
        if kind > 1 - PINNED and len(self.pins) < 20:
            self.pins.append({"id": ts, "type": "C", "created": micros // MICRO + 60, "user": user, "owner": user})
        return message

    def _reply(self, reply: Planned) -> Json:
        """Answer in a thread, now and then to the whole channel."""
        rng = self.rng
        self.counts["replies"] += 1
        message = self._said(reply.author, reply.micros) | {"thread_ts": reply.root}
        if reply.root_author:
            message["parent_user_id"] = reply.root_author
        if rng.random() < BROADCAST:
            message |= {"subtype": "thread_broadcast", "root": {"ts": reply.root, "thread_ts": reply.root}}
        return message

    def _bot_message(self, ts: str) -> Json:
        """A webhook's or a bridge's message: no user; half of them have blocks, most have a name."""
        rng = self.rng
        self.counts["bot messages"] += 1
        bot = min(int(rng.expovariate(1 / 3)), 25)
        outcome = "passed" if rng.random() < 0.8 else "failed"
        text = f"*Build {rng.randrange(9999)}* {outcome}: <https://{SITES[1]}/{rng.randrange(9999)}|log>"
        message: Json = {"type": "message", "subtype": "bot_message", "bot_id": f"B07{bot:08}", "text": text, "ts": ts}
        if bot == 1:  # a bridge: one id, many names
            message |= {"username": f"{rng.choice(FIRST)} (bridge)", "text": sentence(rng, 12)}
        elif rng.random() < 0.7:
            message |= {"username": f"notifier {bot}", "icons": {"emoji": ":robot_face:"}}
        if rng.random() < 0.5:
            shown = {"type": "mrkdwn", "text": text, "verbatim": False}
            message["blocks"] = [{"type": "section", "block_id": "b1", "text": shown}]
        elif rng.random() < 0.3:
            message["attachments"] = [{"id": 1, "color": "36a64f", "fallback": text, "title": "Build", "text": text}]
        return message

    def _said(self, author: int, micros: int) -> Json:
        """What a person says, with all that may hang on it."""
        rng = self.rng
        user, ts = user_id(author), stamp(micros)
        text, elements = composed(rng, lambda: user_id(self._author()))
        message: Json = {"type": "message", "user": user, "text": text, "ts": ts}
        if rng.random() < ME:
            return message | {"subtype": "me_message"}
        message |= {"client_msg_id": f"{rng.getrandbits(128):032x}", "team": TEAM}
        if micros >= BLOCKS_SINCE_S * MICRO:
            message |= {"user_team": TEAM, "source_team": TEAM, "user_profile": profile_of(author)}
            message["blocks"] = [{"type": "rich_text", "block_id": f"{rng.getrandbits(20):05x}", "elements": elements}]
        if rng.random() < EDITED:
            message["edited"] = {"user": user, "ts": f"{micros // MICRO + 60}.000000"}
        if rng.random() < FILES:
            message["files"] = [self._file(user, micros) for _ in range(1 + int(rng.expovariate(2)))]
        if rng.random() < UNFURL:
            url = f"https://{rng.choice(SITES)}/{rng.randrange(9999)}"
            unfurled = {"id": 1, "from_url": url, "original_url": url, "title": sentence(rng, 5), "title_link": url}
            message["attachments"] = [unfurled | {"text": sentence(rng, 20), "fallback": url, "service_name": "Docs"}]
        if rng.random() < REACTED:
            message["reactions"] = self._reactions()
        return message

    def _file(self, user: str, micros: int) -> Json:
        """A file of which the export has no bytes, as official exports; now and then nothing but its id."""
        rng = self.rng
        self.counts["files"] += 1
        file_id = f"F07{rng.getrandbits(32):08X}"
        if rng.random() < 0.2:
            return {"id": file_id, "mode": "hidden_by_limit"}
        kind = rng.choice(list(KINDS))
        name, size = f"{rng.choice(WORDS)} {rng.randrange(99)}.{kind}", int(rng.lognormvariate(11, 2))
        file: Json = {"id": file_id, "created": micros // MICRO - 2, "name": name, "title": name, "size": size}
        file |= {"mimetype": KINDS[kind], "filetype": kind, "user": user, "mode": "hosted", "is_external": False}
        private = f"https://files.slack.com/files-pri/{TEAM}-{file_id}"
        return file | {"url_private": f"{private}/{name}", "url_private_download": f"{private}/download/{name}"}

    def _reactions(self) -> list[Json]:
        """Reactions of several people; some with a skin tone, some of emoji that Mattermost lacks."""
        rng = self.rng
        made = []
        drawn = [REACTIONS[int(rng.expovariate(1 / 5)) % len(REACTIONS)] for _ in range(1 + int(rng.expovariate(1.6)))]
        for name in dict.fromkeys(drawn):
            tone = f"::skin-tone-{rng.randrange(2, 7)}" if name in TONABLE and rng.random() < TONED else ""
            users = list(dict.fromkeys(user_id(self._author()) for _ in range(1 + int(rng.expovariate(1.1)))))
            self.counts["reactions"] += len(users)
            made.append({"name": f"{name}{tone}", "users": users, "count": len(users)})
        return made


def moments(rng: Random, messages: int) -> Iterator[int]:
    """Yield when something new is said, in microseconds: bursts by day, so that `messages` fill about the six years."""
    roots = max(messages / 3, 1)
    pause_s = DAYS * DAY_S / max(roots * 0.35, 1)
    at = float(FOUNDED_S - ZONE_S + rng.random() * min(pause_s, 30 * DAY_S))
    while True:
        if rng.random() < 0.35:
            at += rng.expovariate(1 / pause_s)
            hour = (at + ZONE_S) % DAY_S / 3600
            at += 0 if 8 <= hour < 22 else 9 * 3600
        else:
            at += rng.expovariate(1 / 400)
        yield int(at * MICRO)


def reply_gap(rng: Random) -> int:
    """Draw the time to the next reply, in microseconds: mostly minutes, sometimes days, now and then the same millisecond."""
    return rng.randrange(1, 400) if rng.random() < AT_ONCE else int(rng.lognormvariate(6.2, 2.4) * MICRO) + 1


def thread_length(rng: Random) -> int:
    """Draw how many replies a root gets: mostly none, then a few, now and then very many."""
    return min(int(rng.paretovariate(1.2) + rng.expovariate(0.5)), 150) if rng.random() < THREAD else 0


def thread_keys(root: str, replies: list[Planned]) -> Json:
    """Return what a root says of its replies."""
    if not replies:
        return {}
    named = [{"user": user_id(reply.author), "ts": stamp(reply.micros)} for reply in replies]
    users = list(dict.fromkeys(entry["user"] for entry in named))
    keys: Json = {
        "thread_ts": root,
        "reply_count": len(named),
        "reply_users_count": len(users),
        "latest_reply": named[-1]["ts"],
    }
    return keys | {"reply_users": users, "replies": named, "is_locked": False, "subscribed": False}
