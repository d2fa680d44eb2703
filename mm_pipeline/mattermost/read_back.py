"""Reads channels back and recognises what was sent, by millisecond and author. Sends nothing, believes nobody.

The page alone is the complete check: it carries reactions and files (facts: 11.4, section 8).
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from itertools import chain
from typing import Any

from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.hidden import hides
from mm_pipeline.mattermost.on_server import PostArrived, SeenFile, WantedPost

#: The server caps pages silently at 200.
PAGE = 200


def read_back(http: Http, channel_id: str, wanted: Iterable[WantedPost]) -> Iterator[PostArrived]:
    """Yield those of the wanted posts that the channel has, newest first. Memory: a few numbers per wanted post.

    Ends as soon as all are found or only older posts are left. A channel that the server does not have holds none.
    Raises AbortRun where some of those that were not found may be among posts that the server hides.
    """
    if isinstance(wanted, Sized) and not len(wanted):
        return
    channel = Channel(http, channel_id)
    pages = channel.chain()
    # An empty channel, as on every first run, is not worth gathering 100,000 posts to look for.
    first = next(pages, None)
    if (first is None and not channel.hidden_until) or not (left := Wanted(wanted)):
        return
    cuts: set[int] = set()
    for posts in chain((first,) if first else (), pages):
        yield from left.found_in(posts)
        if not left or posts[-1]["create_at"] < left.oldest:
            break
        if len(posts) == PAGE:
            cuts.add(posts[-1]["create_at"])
    # The chain goes on before a post's ms: others of the very same ms are dropped. Only then is the slow way worth it.
    if left.is_missing_any_of(cuts):
        for posts in channel.pages():
            yield from left.found_in(posts)
            if not left or posts[-1]["create_at"] < left.oldest:
                break
    if left.is_missing_any_until(channel.hidden_until):
        raise hides(channel.hidden_until)


class Wanted:
    """The posts still looked for, in arrays sorted by time."""

    def __init__(self, wanted: Iterable[WantedPost]) -> None:
        self._user_numbers: dict[str, int] = {}
        times, keys, users = array("q"), array("q"), array("l")
        for post in wanted:
            times.append(post.create_at)
            keys.append(post.key)
            users.append(self._user_numbers.setdefault(post.user_id, len(self._user_numbers)))
        order = array("l", sorted(range(len(times)), key=times.__getitem__))
        self._times = array("q", (times[i] for i in order))
        self._keys = array("q", (keys[i] for i in order))
        self._users = array("l", (users[i] for i in order))
        self._seen = bytearray(len(times))
        self._left = len(times)
        self._shared: set[str] = set()  #: posts found at a ms that several are wanted at: a second reading skips them

    def __len__(self) -> int:
        return self._left

    @property
    def oldest(self) -> int:
        """The earliest ms that is wanted."""
        return self._times[0]

    def found_in(
        self, posts: Iterable[dict[str, Any]], is_whole: Callable[[PostArrived], bool] = lambda _: True
    ) -> Iterator[PostArrived]:
        """Yield those of a page's posts that are wanted, and want them no more. What is not whole is wanted on."""
        for post in posts:
            place = self._place(post["create_at"], self._user_numbers.get(post["user_id"], -1))
            if place is None or post["id"] in self._shared:
                continue
            seen = arrived(self._keys[place], post)
            if is_whole(seen):
                if len(list(self._places(post["create_at"]))) > 1:
                    self._shared.add(post["id"])
                self._seen[place] = True
                self._left -= 1
                yield seen

    def is_missing_any_of(self, times: set[int]) -> bool:
        return any(not self._seen[place] for time in times for place in self._places(time))

    def is_missing_any_until(self, time: int) -> bool:
        return any(not self._seen[at] for at in range(bisect_right(self._times, time)))

    def _place(self, time: int, user: int) -> int | None:
        return next((at for at in self._places(time) if self._users[at] == user and not self._seen[at]), None)

    def _places(self, time: int) -> Iterator[int]:
        place = bisect_left(self._times, time)
        while place < len(self._times) and self._times[place] == time:
            yield place
            place += 1


def arrived(key: int, post: dict[str, Any]) -> PostArrived:
    """Read the server's post object."""
    metadata = post.get("metadata") or {}
    return PostArrived(
        key=key,
        id=post["id"],
        reactions=tuple((one["user_id"], one["emoji_name"]) for one in metadata.get("reactions") or ()),
        files=files_of(post),
    )


def files_of(post: Mapping[str, Any]) -> tuple[SeenFile, ...]:
    """Return the files that people see on a post of the server's."""
    found = (post.get("metadata") or {}).get("files") or ()
    return tuple(SeenFile(id=one["id"], name=one["name"], size=one["size"]) for one in found)


class Channel:
    """A channel's posts as the server pages them. `hidden_until`: ms of the newest post that a page has left out."""

    def __init__(self, http: Http, channel_id: str) -> None:
        self._http = http
        self._path = f"/channels/{channel_id}/posts"
        self.hidden_until = 0

    def chain(self) -> Iterator[list[dict[str, Any]]]:
        """Yield pages, newest first, each asked for before the last post of the one before: twice as fast as numbers."""
        before: dict[str, str] = {}
        while posts := self.page(before):
            yield posts
            if len(posts) < PAGE:
                return
            before = {"before": posts[-1]["id"]}

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Yield pages, newest first, by number: slower with depth, but no post is left out."""
        for number in range(1 << 30):
            posts = self.page({"page": str(number)})
            if posts:
                yield posts
            if len(posts) < PAGE:
                return

    def page(self, place: dict[str, str]) -> list[dict[str, Any]]:
        """Return one page, newest first; `place` says where: before a post, or a number. [] where there is no such channel."""
        # skipFetchThreads: otherwise every page brings the whole of each thread that it touches.
        params = {"per_page": PAGE, "skipFetchThreads": "true", **place}
        try:
            answer = self._http.get(self._path, params)
        except ApiError as refused:
            if refused.status == 404:
                return []
            raise
        self.hidden_until = max(self.hidden_until, answer.get("first_inaccessible_post_time") or 0)
        return [answer["posts"][post_id] for post_id in answer["order"]]
