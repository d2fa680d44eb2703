"""The people and channels of a generated export: users.json and channels.json. Knows nothing of what they say."""

from bisect import bisect
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from wording import FIRST, LAST, WORDS, Json

TEAM = "T07BENCHMRK"
FOUNDED_S = 1_451_606_400  #: 2016-01-01
ZONE_S = -7 * 3600  #: the workspace's time zone, which cuts the days
DELETED, BOTS, NO_EMAIL, GUESTS = 0.10, 0.01, 0.03, 0.02  #: shares of the people
MEAN_CHANNELS = 8  #: of a person, the general channel aside


class Channel(NamedTuple):
    """One channel: whom it has, how many messages it gets, who writes there how often."""

    id: str
    name: str
    members: list[int]
    weights: list[float]  #: cumulated, as bisect wants them
    messages: int


def user_id(number: int) -> str:
    """Return the Slack id of person `number`."""
    return f"U07{number:08}"


def name_of(person: int) -> str:
    """Return the real name of a person."""
    return f"{FIRST[person % len(FIRST)]} {LAST[person // len(FIRST) % len(LAST)]}"


@cache
def profile_of(person: int) -> Json:
    """Return what users.json and each message say of a person alike."""
    first, _, _ = name_of(person).partition(" ")
    account = f"{''.join(filter(str.isascii, first)).lower()}{person}"
    return {
        "avatar_hash": f"g{person:011}",
        "image_72": f"https://avatars.slack-edge.com/{person}_72.png",
        "first_name": first,
        "real_name": name_of(person),
        "display_name": account if person % 3 else "",
        "team": TEAM,
        "name": account,
    }


def skewed(count: int, exponent: float) -> list[float]:
    """Return cumulated weights 1, 1/2^e, 1/3^e ...: few do much, many do little."""
    return list(accumulate(1 / (rank + 1) ** exponent for rank in range(count)))


def pick(rng: Random, weights: list[float]) -> int:
    """Return an index, drawn by cumulated weights."""
    return bisect(weights, rng.random() * weights[-1], hi=len(weights) - 1)


def user_entries(people: int, seed: int) -> Iterator[Json]:
    """Yield the entries of users.json."""
    rng = Random(f"{seed} users")
    for person in range(people):
        bot, deleted = rng.random() < BOTS, rng.random() < DELETED
        profile = dict(profile_of(person)) | {"title": "", "fields": {}}
        name = profile.pop("name")
        if bot:
            profile["bot_id"] = f"B07{person:08}"
        elif rng.random() >= NO_EMAIL:
            profile["email"] = f"person{person}@people.example"
        entry: Json = {"id": user_id(person), "team_id": TEAM, "name": name, "deleted": deleted, "profile": profile}
        if not deleted:
            entry |= {"color": "9f69e7", "real_name": name_of(person), "tz": "America/Los_Angeles", "tz_offset": ZONE_S}
            entry |= {"is_admin": person == 0, "is_owner": person == 0, "is_restricted": rng.random() < GUESTS}
        yield entry | {"is_bot": bot, "is_app_user": False, "updated": 1_680_000_000}


def memberships(people: int, channels: int, seed: int) -> list[list[int]]:
    """Return each channel's members: everybody in the general one, and in about eight others, rather the large than the small."""
    rng = Random(f"{seed} members")
    joined: list[list[int]] = [list(range(people))] + [[] for _ in range(channels - 1)]
    weights = skewed(channels - 1, 0.7)
    for person in range(people) if weights else ():
        draws = min(int(rng.expovariate(1 / MEAN_CHANNELS)) + 1, channels - 1)
        for channel in sorted({1 + pick(rng, weights) for _ in range(draws)}):
            joined[channel].append(person)
    for members in joined:
        members += [person for person in range(min(3, people)) if len(members) < 2 and person not in members]
        rng.shuffle(members)
    return joined


def channels_of(messages: int, people: int, channels: int, seed: int) -> list[Channel]:
    """Return the channels; all messages are dealt out among them, most to the first."""
    shares = skewed(channels, 0.9)
    bounds = [0, *(round(messages * share / shares[-1]) for share in shares)]
    names = ["general", "random", *(f"{WORDS[n % len(WORDS)]}-{n}" for n in range(2, channels))]
    return [
        Channel(f"C07{n:08}", names[n], members, skewed(len(members), 0.8), bounds[n + 1] - bounds[n])
        for n, members in enumerate(memberships(people, channels, seed))
    ]


def channel_entry(channel: Channel, pins: list[Json]) -> Json:
    """Return the entry of channels.json. Every ninth channel is archived."""
    number = int(channel.id[3:])
    empty = {"value": "", "creator": "", "last_set": 0}
    entry: Json = {"id": channel.id, "name": channel.name, "created": FOUNDED_S, "creator": user_id(0)}
    entry |= {"is_archived": number > 1 and number % 9 == 0, "is_general": number == 0}
    entry |= {"members": [user_id(member) for member in channel.members], "topic": empty, "purpose": empty}
    return entry | ({"pins": pins} if pins else {})
