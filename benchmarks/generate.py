"""Write a Slack export of any size that looks like the real ones.

    python benchmarks/generate.py --messages 100000 --people 1000 --output F.zip

The same arguments give the same bytes. Knows nothing of mm_pipeline, and keeps no more than a day of one channel in memory.
Shares are those of eleven real exports of 2015-2026: two thirds of the messages are replies, 87 % carry rich_text blocks, one in twenty
comes from a bot, one in sixty has a file, the day files are cut in the workspace's time zone.
"""

import argparse
import json
import sys
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from heapq import heappop, heappush
from itertools import accumulate
from pathlib import Path
from random import Random
from time import gmtime, strftime
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from wording import FIRST, LAST, REACTIONS, SITES, TONABLE, WORDS, Json, composed, sentence

TEAM = "T07BENCHMRK"
FIRST_DAY, DAYS = 16_801, 2_190  #: since the epoch: about six years from 2016-01-01
BLOCKS_SINCE = FIRST_DAY + DAYS * 9 // 100  #: before it messages had no blocks
ZONE_S = -7 * 3600  #: the workspace's time zone, which cuts the days
MICRO = 1_000_000

#: Share of roots (and replies) that are, have or become something.
JOIN, BOT, TOMBSTONE, PINNED, THREAD = 0.06, 0.15, 0.003, 0.004, 0.42  #: of the roots
ME, REACTED, FILES, UNFURL, EDITED, BROADCAST, AT_ONCE = (
    0.004,
    0.21,
    0.013,
    0.06,
    0.06,
    0.01,
    0.008,
)  #: of what people say
DELETED_PEOPLE, BOT_PEOPLE, NO_EMAIL, TONED = 0.10, 0.01, 0.03, 0.09
MEAN_CHANNELS = 8  #: of a person, the general channel aside

KINDS = {"png": "image/png", "pdf": "application/pdf", "csv": "text/csv", "jpg": "image/jpeg"}


class Channel(NamedTuple):
    """One channel: whom it has, how many messages it gets, who writes there how often."""

    id: str
    name: str
    members: list[int]
    weights: list[float]  #: cumulated, as bisect wants them
    messages: int


class Planned(NamedTuple):
    """A reply that is still to come. Sorts by its time."""

    micros: int
    author: int
    root: str
    root_author: int


def user_id(number: int) -> str:
    """Return the Slack id of person `number`."""
    return f"U07{number:08}"


def stamp(micros: int) -> str:
    """Return Slack's ts of a time in microseconds."""
    return f"{micros // MICRO}.{micros % MICRO:06}"


def day_of(micros: int) -> int:
    """Return the workspace's day (since the epoch) of a time in microseconds."""
    return (micros // MICRO + ZONE_S) // 86_400


def skewed(count: int, exponent: float) -> list[float]:
    """Return cumulated weights 1, 1/2^e, 1/3^e ...: few do much, many do little."""
    return list(accumulate(1 / (rank + 1) ** exponent for rank in range(count)))


def pick(rng: Random, weights: list[float]) -> int:
    """Return an index, drawn by cumulated weights."""
    return bisect(weights, rng.random() * weights[-1], hi=len(weights) - 1)


class Workspace:
    """The people, the channels and what they say, drawn from one seed."""

    def __init__(self, messages: int, people: int, channels: int, seed: int) -> None:
        self.people, self.seed = people, seed
        self.counts = Counter[str]()
        self.pins: dict[str, list[Json]] = {}
        rng = Random(f"{seed} channels")
        joined = self._memberships(rng, channels)
        shares = skewed(channels, 0.9)
        bounds = [0, *(round(messages * share / shares[-1]) for share in shares)]
        self.channels = [
            Channel(f"C07{n:08}", name, joined[n], skewed(len(joined[n]), 0.8), bounds[n + 1] - bounds[n])
            for n, name in enumerate(
                (["general", "random"] + [f"{WORDS[n % len(WORDS)]}-{n}" for n in range(2, channels)])[:channels]
            )
        ]

    def _memberships(self, rng: Random, channels: int) -> list[list[int]]:
        """Everybody is in the general channel, and in about eight others, the large ones rather than the small."""
        joined: list[list[int]] = [list(range(self.people))] + [[] for _ in range(channels - 1)]
        rng.shuffle(joined[0])
        weights = skewed(channels - 1, 0.7) if channels > 1 else []
        for person in range(self.people) if weights else ():
            drawn = {
                1 + pick(rng, weights) for _ in range(min(int(rng.expovariate(1 / MEAN_CHANNELS)) + 1, channels - 1))
            }
            for channel in sorted(drawn):
                joined[channel].append(person)
        for members in joined:
            rng.shuffle(members)
            members += [person for person in range(min(3, self.people)) if len(members) < 2 and person not in members]
        return joined

    @cache  # noqa: B019 - one workspace per run
    def name(self, person: int) -> str:
        return f"{FIRST[person % len(FIRST)]} {LAST[person // len(FIRST) % len(LAST)]}"

    @cache  # noqa: B019 - one workspace per run
    def is_bot(self, person: int) -> bool:
        return Random(f"{self.seed} {person}").random() < BOT_PEOPLE

    def users(self) -> Iterator[Json]:
        """Yield the entries of users.json."""
        rng = Random(f"{self.seed} users")
        for person in range(self.people):
            bot, deleted = self.is_bot(person), rng.random() < DELETED_PEOPLE
            real_name, name = self.name(person), f"{self.name(person).split()[0].lower()}{person}"
            profile: Json = {
                "real_name": real_name,
                "display_name": "" if rng.random() < 0.3 else name,
                "title": "",
                "fields": {},
            }
            profile |= {"avatar_hash": f"g{person:011}", "team": TEAM}
            if bot:
                profile["bot_id"] = f"B07{person:08}"
            elif rng.random() >= NO_EMAIL:
                profile["email"] = f"person{person}@people.example"
            entry: Json = {"id": user_id(person), "team_id": TEAM, "name": name, "deleted": deleted, "profile": profile}
            if not deleted:
                entry |= {"color": "9f69e7", "real_name": real_name, "tz": "America/Los_Angeles", "tz_offset": ZONE_S}
                entry |= {"is_admin": person == 0, "is_owner": person == 0, "is_restricted": rng.random() < 0.02}
            yield entry | {"is_bot": bot, "is_app_user": False, "updated": 1_680_000_000}

    def channel_entries(self) -> Iterator[Json]:
        """Yield the entries of channels.json, pins included: only after all messages are written."""
        empty = {"value": "", "creator": "", "last_set": 0}
        for n, channel in enumerate(self.channels):
            entry: Json = {"id": channel.id, "name": channel.name, "created": FIRST_DAY * 86_400, "creator": user_id(0)}
            entry |= {"is_archived": n > 1 and n % 9 == 0, "is_general": n == 0}
            entry |= {"members": [user_id(member) for member in channel.members], "topic": empty, "purpose": empty}
            yield entry | ({"pins": self.pins[channel.id]} if channel.id in self.pins else {})

    def days(self, channel: Channel) -> Iterator[tuple[int, list[Json]]]:
        """Yield (day, messages) of a channel. One day and the replies still to come are all that is kept."""
        messages: list[Json] = []
        current = None
        for micros, message in self._conversation(channel):
            if day_of(micros) != current:
                if current is not None and messages:
                    yield current, messages
                current, messages = day_of(micros), []
            messages.append(message)
        if current is not None:
            yield current, messages

    def _conversation(self, channel: Channel) -> Iterator[tuple[int, Json]]:
        """Yield (time, message) in order of time. A root plans its whole thread at once, because it names all its replies."""
        rng = Random(f"{self.seed} {channel.id}")
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
                yield reply.micros, self._reply(rng, channel, reply)
            last, left = now, left - 1
            root = self._root(rng, channel, now)
            author, at, replies = root.get("user", ""), now, []
            for _ in range(min(left, thread_length(rng)) if root.get("subtype") != "channel_join" else 0):
                at = free(at + reply_gap(rng))
                taken.add(at)
                replies.append(Planned(at, self._author(rng, channel), root["ts"], author))
                heappush(coming, replies[-1])
            left -= len(replies)
            yield now, root | thread_keys(root["ts"], replies)
        for reply in sorted(coming):
            yield reply.micros, self._reply(rng, channel, reply)

    def _author(self, rng: Random, channel: Channel) -> int:
        return channel.members[pick(rng, channel.weights)]

    def _root(self, rng: Random, channel: Channel, micros: int) -> Json:
        """Say something new in a channel: a person, a bot or a notice."""
        kind, author = rng.random(), self._author(rng, channel)
        user, ts = user_id(author), stamp(micros)
        if kind < JOIN:
            self.counts["joins"] += 1
            return {
                "type": "message",
                "subtype": "channel_join",
                "user": user,
                "text": f"<@{user}> has joined the channel",
                "ts": ts,
            }
        if kind < JOIN + BOT:
            return self._bot_message(rng, ts)
        if kind < JOIN + BOT + TOMBSTONE:
            gone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}
            return gone | {"hidden": True, "ts": ts}
        message = self._said(rng, channel, author, micros)
        if kind > 1 - PINNED and len(self.pins.setdefault(channel.id, [])) < 20:
            pin = {"id": ts, "type": "C", "created": micros // MICRO + 60, "user": user, "owner": user}
            self.pins[channel.id].append(pin)
        return message

    def _reply(self, rng: Random, channel: Channel, reply: Planned) -> Json:
        """Answer in a thread, now and then to the whole channel."""
        self.counts["replies"] += 1
        message = self._said(rng, channel, reply.author, reply.micros) | {"thread_ts": reply.root}
        if reply.root_author:
            message["parent_user_id"] = reply.root_author
        if rng.random() < BROADCAST:
            message |= {"subtype": "thread_broadcast", "root": {"ts": reply.root, "thread_ts": reply.root}}
        return message

    def _bot_message(self, rng: Random, ts: str) -> Json:
        """A webhook's or a bridge's message: no user; half of them have blocks, most have a name."""
        self.counts["bot messages"] += 1
        bot = min(int(rng.expovariate(1 / 3)), 25)
        text = f"*Build {rng.randrange(9999)}* {'passed' if rng.random() < 0.8 else 'failed'}: <https://{SITES[1]}/{rng.randrange(9999)}|log>"
        message: Json = {"type": "message", "subtype": "bot_message", "bot_id": f"B07{bot:08}", "text": text, "ts": ts}
        if bot == 1:  # a bridge: one id, many names
            message |= {"username": f"{rng.choice(FIRST)} (bridge)", "text": sentence(rng, 12)}
        elif rng.random() < 0.7:
            message |= {"username": f"notifier {bot}", "icons": {"emoji": ":robot_face:"}}
        if rng.random() < 0.5:
            message["blocks"] = [
                {"type": "section", "block_id": "b1", "text": {"type": "mrkdwn", "text": text, "verbatim": False}}
            ]
        elif rng.random() < 0.3:
            message["attachments"] = [{"id": 1, "color": "36a64f", "fallback": text, "title": "Build", "text": text}]
        return message

    def _said(self, rng: Random, channel: Channel, author: int, micros: int) -> Json:
        """What a person says, with all that may hang on it."""
        user, ts = user_id(author), stamp(micros)
        text, elements = composed(rng, lambda: user_id(self._author(rng, channel)))
        message: Json = {"type": "message", "user": user, "text": text, "ts": ts}
        if rng.random() < ME:
            return message | {"subtype": "me_message"}
        message |= {"client_msg_id": f"{rng.getrandbits(128):032x}", "team": TEAM}
        if day_of(micros) >= BLOCKS_SINCE:
            message |= {"user_team": TEAM, "source_team": TEAM, "user_profile": self._profile(author)}
            message["blocks"] = [{"type": "rich_text", "block_id": f"{rng.getrandbits(20):05x}", "elements": elements}]
        if rng.random() < EDITED:
            message["edited"] = {"user": user, "ts": f"{micros // MICRO + 60}.000000"}
        if rng.random() < FILES:
            message |= {
                "files": [self._file(rng, user, micros) for _ in range(1 + int(rng.expovariate(2)))],
                "upload": True,
            }
        if rng.random() < UNFURL:
            url = f"https://{rng.choice(SITES)}/{rng.randrange(9999)}"
            unfurled = {"id": 1, "from_url": url, "original_url": url, "title": sentence(rng, 5), "title_link": url}
            message["attachments"] = [unfurled | {"text": sentence(rng, 20), "fallback": url, "service_name": "Docs"}]
        if rng.random() < REACTED:
            message["reactions"] = self._reactions(rng, channel)
        return message

    @cache  # noqa: B019 - one workspace per run
    def _profile(self, author: int) -> Json:
        name = self.name(author)
        profile = {
            "avatar_hash": f"g{author:011}",
            "image_72": f"https://avatars.slack-edge.com/{author}_72.png",
            "team": TEAM,
        }
        profile |= {"first_name": name.split()[0], "real_name": name, "display_name": name, "name": f"person{author}"}
        return profile | {"is_restricted": False, "is_ultra_restricted": False}

    def _file(self, rng: Random, user: str, micros: int) -> Json:
        """A file of which the export has no bytes, as official exports; now and then nothing but its id."""
        self.counts["files"] += 1
        file_id = f"F07{rng.getrandbits(32):08X}"
        if rng.random() < 0.2:
            return {"id": file_id, "mode": "hidden_by_limit"}
        kind = rng.choice(list(KINDS))
        name, size = f"{rng.choice(WORDS)} {rng.randrange(99)}.{kind}", int(rng.lognormvariate(11, 2))
        file: Json = {
            "id": file_id,
            "created": micros // MICRO - 2,
            "name": name,
            "title": name,
            "mimetype": KINDS[kind],
        }
        file |= {
            "filetype": kind,
            "user": user,
            "size": size,
            "mode": "hosted",
            "is_external": False,
            "file_access": "visible",
        }
        private = f"https://files.slack.com/files-pri/{TEAM}-{file_id}"
        return file | {"url_private": f"{private}/{name}", "url_private_download": f"{private}/download/{name}"}

    def _reactions(self, rng: Random, channel: Channel) -> list[Json]:
        """Reactions of several people; some with a skin tone, some of emoji that Mattermost lacks."""
        made = []
        for name in dict.fromkeys(
            REACTIONS[int(rng.expovariate(1 / 5)) % len(REACTIONS)] for _ in range(1 + int(rng.expovariate(1.6)))
        ):
            toned = f"{name}::skin-tone-{rng.randrange(2, 7)}" if name in TONABLE and rng.random() < TONED * 2 else name
            users = list(
                dict.fromkeys(user_id(self._author(rng, channel)) for _ in range(1 + int(rng.expovariate(1.1))))
            )
            self.counts["reactions"] += len(users)
            made.append({"name": toned, "users": users, "count": len(users)})
        return made


def moments(rng: Random, messages: int) -> Iterator[int]:
    """Yield when something new is said, in microseconds: bursts by day, so that `messages` fill about the six years."""
    roots = max(messages / 3, 1)
    pause_s = DAYS * 86_400 / max(roots * 0.35, 1)
    at = float(FIRST_DAY * 86_400 - ZONE_S + rng.random() * min(pause_s, 30 * 86_400))
    while True:
        if rng.random() < 0.35:
            at += rng.expovariate(1 / pause_s)
            hour = (at + ZONE_S) % 86_400 / 3600
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


def write(workspace: Workspace, output: Path) -> None:
    """Write the export as a zip, one day file after the other."""

    def encode(values: Iterable[object]) -> bytes:
        lines = ",\n".join(json.dumps(value, ensure_ascii=False) for value in values)
        return f"[\n{lines}\n]\n".encode()

    with ZipFile(output, "w") as archive:

        def add(name: str, content: bytes) -> None:
            info = ZipInfo(name, date_time=(2024, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=1)

        add("users.json", encode(workspace.users()))
        for channel in workspace.channels:
            for day, messages in workspace.days(channel):
                workspace.counts["messages"] += len(messages)
                add(f"{channel.name}/{strftime('%Y-%m-%d', gmtime(day * 86_400))}.json", encode(messages))
        add("channels.json", encode(workspace.channel_entries()))
        add("integration_logs.json", encode([]))


def main(arguments: list[str]) -> None:
    """Write one export and say what is in it, as one line of JSON."""
    parser = argparse.ArgumentParser(description="Write a Slack export of any size that looks like the real ones.")
    parser.add_argument("--messages", type=int, required=True, help="messages in all, replies included")
    parser.add_argument("--people", type=int, required=True, help="entries of users.json")
    parser.add_argument("--channels", type=int, help="channels (default: a tenth of the people, at least two)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another export (default: 1)")
    parser.add_argument("--output", type=Path, required=True, help="the zip to write")
    args = parser.parse_args(arguments)
    channels = args.channels or max(2, args.people // 10)
    if args.messages < 1 or args.people < 1 or channels < 1:
        parser.error("--messages, --people and --channels must be at least 1")
    workspace = Workspace(args.messages, args.people, channels, args.seed)
    write(workspace, args.output)
    print(json.dumps({"people": args.people, "channels": channels} | dict(sorted(workspace.counts.items()))))


if __name__ == "__main__":
    main(sys.argv[1:])
