"""An archive of threads together with what it carries: which line holds which posts, and which of them arrived.

Sends nothing. Per post it keeps a few numbers, so that 100,000 posts stay within a few megabytes.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mm_pipeline.mattermost.api import Post, Thread, WantedPost
from mm_pipeline.mattermost.archive_writer import ArchiveWriter, lines_of, paths_of
from mm_pipeline.mattermost.import_lines import line_type

#: Which replies of a unit are to be sent again, by their place in its line.
Pieces = Mapping[int, frozenset[int]]

_SILENT, _WANTED, _LATER = range(3)
_encode = msgspec.json.Encoder().encode


class Shipment:
    """One archive. A unit is one line of it: a root with replies. Posts are counted through: root, replies, next root.

    `known` says that the server has all of its posts already, and that the lines bring something for them.
    """

    def __init__(self, writer: ArchiveWriter, *, known: bool = False, keeps_everything: bool = True) -> None:
        self.writer = writer
        self.known = known
        self._keeps_everything = keeps_everything
        self._first = array("l", (0,))  #: of each unit, its first post; and the end
        self._keys, self._times = array("q"), array("q")
        self._users, self._places = array("l"), array("l")
        self._kinds, self._found = bytearray(), bytearray()
        self._user_ids: list[str] = []
        self._user_numbers: dict[str, int] = {}
        self._channels: list[str] = []  #: ids
        self._channel_numbers: dict[str, int] = {}
        self._parts: dict[int, int] = {}

    @property
    def units(self) -> range:
        """The units, by number."""
        return range(len(self._first) - 1)

    @property
    def channel_ids(self) -> list[str]:
        """The channels that it goes to."""
        return list(self._channels)

    @property
    def posts(self) -> int:
        """How many posts it carries."""
        return len(self._keys)

    def add(self, thread: Thread, line: bytes, replies: Iterable[Post], user_ids: Mapping[str, str], part: int) -> None:
        """Take in a line of a thread with the replies in it. `part` counts the lines of one root, which is wanted once."""
        posts = (thread.root, *replies)
        files = paths_of(file for post in posts for file in post.files)
        self.writer.add(line_type(thread.channel), line, files, key=len(self.units) + 1, part=part)
        if part:
            self._parts[len(self.units)] = part
        channel = self._channel_number(thread.channel.id)
        for place, post in enumerate(posts):
            is_reported = self.known or not (post.id or (place == 0 and part))
            loses = place and not self._keeps_everything and (post.reactions or post.props or post.is_pinned)
            kind = (_LATER if loses else _WANTED) if is_reported else _SILENT
            self._note(post.key, post.create_at, user_ids[post.username], channel, kind)
        self._first.append(len(self._keys))

    def _note(self, key: int, create_at: int, user_id: str, channel: int, kind: int) -> None:
        if user_id not in self._user_numbers:
            self._user_numbers[user_id] = len(self._user_ids)
            self._user_ids.append(user_id)
        self._keys.append(key)
        self._times.append(create_at)
        self._users.append(self._user_numbers[user_id])
        self._places.append(channel)
        self._kinds.append(kind)
        self._found.append(kind == _SILENT)

    def _channel_number(self, channel_id: str) -> int:
        if channel_id not in self._channel_numbers:
            self._channel_numbers[channel_id] = len(self._channels)
            self._channels.append(channel_id)
        return self._channel_numbers[channel_id]

    # --- what is looked for

    def wanted(self) -> dict[str, "array[int]"]:
        """Return the posts (by number) that were not found yet, by channel id."""
        wanted: dict[str, array[int]] = {}
        for post, found in enumerate(self._found):
            if not found:
                wanted.setdefault(self._channels[self._places[post]], array("l")).append(post)
        return wanted

    def recognised_by(self, posts: Iterable[int]) -> Iterator[WantedPost]:
        """Yield how posts are recognised; the key is the post's number here."""
        for post in posts:
            user_id = self._user_ids[self._users[post]]
            yield WantedPost(key=post, create_at=self._times[post], user_id=user_id)

    def key(self, post: int) -> int:
        """Return the caller's key of a post."""
        return self._keys[post]

    def root_of(self, unit: int) -> tuple[str, int]:
        """Return what tells a unit's root from all others: channel and ms."""
        first = self._first[unit]
        return self._channels[self._places[first]], self._times[first]

    def mark_found(self, post: int) -> None:
        """Take note that a post was read back."""
        self._found[post] = True

    def comes_later(self, post: int) -> bool:
        """Whether a post is a reply that this server made poorer, so that a further archive must complete it."""
        return self._kinds[post] == _LATER

    def posts_of(self, unit: int) -> range:
        """Return a unit's posts: the root, then its replies."""
        return range(self._first[unit], self._first[unit + 1])

    def units_begun_by(self, posts: Iterable[int]) -> Iterator[int]:
        """Yield the units whose root is one of the posts."""
        first = {start: unit for unit, start in enumerate(self._first[:-1])}
        yield from (first[post] for post in posts if post in first)

    def missing(self, unit: int) -> list[int]:
        """Return those posts of a unit that were not read back."""
        return [post for post in self.posts_of(unit) if not self._found[post]]

    def unit_at(self, line: int) -> int | None:
        """Return the unit that stands in a line of the archive, by the server's count."""
        number = self.writer.key_of(line)
        return number - 1 if number else None

    # --- sending again

    def piece(self, path: Path, pieces: Pieces) -> "Shipment":
        """Return a shipment of some units, each with only those replies whose places are given."""
        again = Shipment(
            ArchiveWriter(path, self.writer.limit_bytes), known=self.known, keeps_everything=self._keeps_everything
        )
        for unit, line in self._lines():
            if unit not in pieces:
                continue
            body = line[line["type"]]
            kept = sorted(pieces[unit])
            replies = body.pop("replies", None) or []
            if kept:
                body["replies"] = [replies[place] for place in kept]
            first = self._first[unit]
            again._take(self, [first, *(first + 1 + place for place in kept)], line, self._parts.get(unit, 0))
        again.writer.close()
        return again

    def completing(self, path: Path) -> "Shipment":
        """Return a shipment of those replies that arrived poorer than they were sent, each as a post of its own.

        It finds its reply by ms and text, and gives it reactions, props and pin (contract 7.9).
        """
        later = Shipment(ArchiveWriter(path, self.writer.limit_bytes), known=True)
        for unit, line in self._lines():
            body = line[line["type"]]
            address = {name: body[name] for name in ("team", "channel", "channel_members") if name in body}
            for place, reply in enumerate(body.get("replies") or ()):
                post = self._first[unit] + 1 + place
                if self._kinds[post] == _LATER and self._found[post]:
                    whole = {"type": line["type"], line["type"]: address | reply}
                    later._take(self, [post], whole, part=0)
        later.writer.close()
        return later

    def _take(self, origin: "Shipment", posts: list[int], line: dict[str, Any], part: int) -> None:
        files = {path: origin.writer.files[path] for path in _paths_in(line[line["type"]])}
        self.writer.add(line["type"], _encode(line), files, key=len(self.units) + 1, part=part)
        if part:
            self._parts[len(self.units)] = part
        for post in posts:
            kind = _WANTED if self.known else origin._kinds[post]
            number = self._channel_number(origin._channels[origin._places[post]])
            self._note(origin._keys[post], origin._times[post], origin._user_ids[origin._users[post]], number, kind)
            if origin._found[post] and not self.known:
                self._found[-1] = True
        self._first.append(len(self._keys))

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        keys = self.writer.keys
        for number, line in enumerate(lines_of(self.writer.path), start=1):
            if keys[number]:
                yield keys[number] - 1, msgspec.json.decode(line)


def _paths_in(body: Mapping[str, Any]) -> Iterator[str]:
    for post in (body, *(body.get("replies") or ())):
        yield from (file["path"] for file in post.get("attachments") or ())
