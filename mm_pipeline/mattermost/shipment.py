"""An archive of threads together with what it carries: which line holds which posts, and which of them arrived.

Sends nothing. Per post it keeps a few numbers, so that 100,000 posts stay within a few megabytes.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mm_pipeline.mattermost.archive_writer import ArchiveWriter, lines_of, paths_of
from mm_pipeline.mattermost.import_lines import address_fields, line_of, line_type, loses_something, reply_fields
from mm_pipeline.mattermost.on_server import PostArrived, WantedPost
from mm_pipeline.mattermost.outgoing import Post, Thread

#: Which posts of a unit are to be sent again, by their place in it: 0 is the root. Its line always carries the root,
#: which is only wanted (and reported) where 0 is among them.
Pieces = Mapping[int, frozenset[int]]

_SILENT, _WANTED, _POORER = range(3)
#: What a number of two bytes holds. Nobody reacts so often: such a post is only looked at when its job is over.
_MOST_HANGING = (1 << 16) - 1


class Shipment:
    """One archive. A unit is one line of it: a root with replies. Posts are counted through: root, replies, next root.

    `known` says that the server has all of its posts already, and that the lines bring something for them.
    Where the server makes imported replies poorer (< 10.5), each such reply stands in a later segment once more, as a
    post: that finds the reply by ms and text, and gives it reactions, props and pin (facts: contract 7.9). A segment is
    only read when all before it went well, so it never makes a post of its own of a reply that is not there.
    """

    def __init__(self, writer: ArchiveWriter, *, known: bool = False, keeps_everything: bool = True) -> None:
        self.writer = writer
        self.known = known
        self._keeps_everything = keeps_everything
        self._first = array("l", (0,))  #: of each unit, its first post; and the end
        self._parts: dict[int, int] = {}  #: of units that are not the first line of their root
        self._keys, self._times = array("q"), array("q")
        self._users, self._places = array("l"), array("l")
        self._states, self._found = bytearray(), bytearray()
        self._hanging = array("H")  #: of each post, how many reactions and files were sent with it
        self.changes_channels = False  #: lines for channels stand in front; no piece of it repeats them
        self.grown: set[str] = set()  #: ids of channels in which threads that were there before get replies
        self._user_ids: list[str] = []
        self._user_numbers: dict[str, int] = {}
        self._channels: list[str] = []  #: ids
        self._channel_numbers: dict[str, int] = {}

    @property
    def units(self) -> range:
        """The units, by number."""
        return range(len(self._first) - 1)

    @property
    def posts(self) -> int:
        """How many posts it carries."""
        return len(self._keys)

    @property
    def channel_ids(self) -> list[str]:
        """The channels that it goes to."""
        return list(self._channels)

    def add(
        self,
        thread: Thread,
        line: bytes,
        replies: Iterable[Post],
        user_ids: Mapping[str, str],
        team: str,
        part: int = 0,
    ) -> None:
        """Take in a line of a thread with the replies in it. `part` counts the lines of one root, which is wanted once."""
        kind = line_type(thread.channel)
        posts = (thread.root, *replies)
        files = paths_of(file for post in posts for file in post.files)
        self._begin(kind, line, files, part)
        if thread.root.id and len(posts) > 1:
            self.grown.add(thread.channel.id)
        for place, post in enumerate(posts):
            state = _WANTED if self.known or not (post.id or (place == 0 and part)) else _SILENT
            if place and not self._keeps_everything and loses_something(fields := reply_fields(post)):
                state = _POORER
                self._complete(kind, address_fields(thread.channel, team) | fields, paths_of(post.files), part)
            hanging = len(post.reactions) + len(post.files)
            self._note(post.key, post.create_at, user_ids[post.username], thread.channel.id, state, hanging)

    def change_channels(self, lines: Iterable[bytes]) -> None:
        """Take in lines for channels, as far as there is room: the server reads them before all posts."""
        for line in lines:
            if self.writer.room_for(line):
                self.writer.add("channel", line, {})
                self.changes_channels = True

    # --- what is looked for

    def wanted(self, *, poorer: bool = True) -> dict[str, "array[int]"]:
        """Return the posts (by number) that were not found yet, by channel id; without those poorer ones if so wished."""
        wanted: dict[str, array[int]] = {}
        for post, found in enumerate(self._found):
            if not found and (poorer or self._states[post] != _POORER):
                wanted.setdefault(self._channels[self._places[post]], array("l")).append(post)
        return wanted

    def recognised_by(self, posts: Iterable[int]) -> Iterator[WantedPost]:
        """Yield how posts are recognised; the key is the post's number here."""
        for post in posts:
            user_id = self._user_ids[self._users[post]]
            yield WantedPost(key=post, create_at=self._times[post], user_id=user_id)

    def is_whole(self, seen: PostArrived) -> bool:
        """Whether a post (by number) has by now what was sent with it: the server writes posts first, what hangs on them later."""
        return len(seen.reactions) + len(seen.files) >= self._hanging[seen.key]

    @property
    def has_arrived(self) -> bool:
        """Whether anything that is looked for was found."""
        return any(found and state != _SILENT for found, state in zip(self._found, self._states, strict=True))

    def mark_found(self, post: int) -> None:
        """Take note that a post was read back."""
        self._found[post] = True

    def key(self, post: int) -> int:
        """Return the caller's key of a post."""
        return self._keys[post]

    def create_at(self, post: int) -> int:
        """Return the ms of a post."""
        return self._times[post]

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

    def root_of(self, unit: int) -> tuple[str, int]:
        """Return what tells a unit's root from all others: channel and ms."""
        first = self._first[unit]
        return self._channels[self._places[first]], self._times[first]

    def unit_at(self, line: int) -> int | None:
        """Return the unit that stands in a line of the archive, by the server's count."""
        number = abs(self.writer.key_of(line))
        return number - 1 if number else None

    # --- sending again

    def piece(self, path: Path, pieces: Pieces) -> "Shipment":
        """Return a shipment of some units, each with only those posts whose places are given."""
        writer = ArchiveWriter(path, self.writer.limit_bytes)
        again = Shipment(writer, known=self.known, keeps_everything=self._keeps_everything)
        keys = self.writer.keys
        for number, line in enumerate(lines_of(self.writer.path), start=1):
            if keys[number] > 0 and (unit := keys[number] - 1) in pieces:
                again._take(self, unit, msgspec.json.decode(line), sorted(pieces[unit]))
        writer.close()
        return again

    def _take(self, origin: "Shipment", unit: int, line: dict[str, Any], places: list[int]) -> None:
        kind, body = line["type"], line[line["type"]]
        replies = body.pop("replies", [])
        kept = {place: replies[place - 1] for place in places if place}
        if kept:
            body["replies"] = list(kept.values())
        part = origin._parts.get(unit, 0)
        self._begin(kind, line_of(kind, body), origin._files_of(body, *kept.values()), part)
        for place, fields in {0: body, **kept}.items():
            post = origin._first[unit] + place
            state = origin._states[post] if place in places else _SILENT
            if state == _POORER:
                self._complete(kind, _address(body) | fields, origin._files_of(fields), part)
            author = origin._user_ids[origin._users[post]]
            channel_id, hanging = origin._channels[origin._places[post]], origin._hanging[post]
            self._note(origin._keys[post], origin._times[post], author, channel_id, state, hanging)

    # --- how

    def _begin(self, kind: str, line: bytes, files: Mapping[str, Path], part: int) -> None:
        """Begin a unit with its line; its posts are noted after it."""
        unit = len(self.units)
        self.writer.add(kind, line, files, key=unit + 1, part=part)
        if part:
            self._parts[unit] = part
        self._first.append(len(self._keys))

    def _complete(self, kind: str, fields: Mapping[str, Any], files: Mapping[str, Path], part: int) -> None:
        """Add the line, in a later segment, that gives a reply of the newest unit what the server drops."""
        self.writer.add(kind, line_of(kind, fields), files, key=-len(self.units), part=part + 1)

    def _note(self, key: int, create_at: int, user_id: str, channel_id: str, state: int, hanging: int) -> None:
        self._keys.append(key)
        self._times.append(create_at)
        self._users.append(_number(user_id, self._user_numbers, self._user_ids))
        self._places.append(_number(channel_id, self._channel_numbers, self._channels))
        self._states.append(state)
        self._found.append(state == _SILENT)
        self._hanging.append(min(hanging, _MOST_HANGING))
        self._first[-1] = len(self._keys)

    def _files_of(self, *posts: Mapping[str, Any]) -> dict[str, Path]:
        paths = [file["path"] for post in posts for file in post.get("attachments") or ()]
        return {path: self.writer.files[path] for path in paths}


def _number(name: str, numbers: dict[str, int], names: list[str]) -> int:
    if name not in numbers:
        numbers[name] = len(names)
        names.append(name)
    return numbers[name]


def _address(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("team", "channel", "channel_members") if name in body}
