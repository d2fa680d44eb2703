"""What the server says that it has, asked anew: counts and ids, never the posts themselves. Changes nothing but caches.

Cheap enough for the end of each step: one request for a channel or for 200 things, so that 100,000 messages cost no more
than their channels.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.custom_emoji import emoji_names
from mm_pipeline.mattermost.on_server import ExistingChannel
from mm_pipeline.mattermost.rest import AT_ONCE, PAGE, Rest, batches, channel

#: Posts of which reactions are asked for at once: 4 ms each (facts: 11.4, section 8).
_POSTS = 50


class Audit:
    """Implements api.Audit over REST. Only what an administrator's token shows."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def accounts(self, user_ids: Iterable[str]) -> set[str]:
        """Return those of some people, by id, who have an account; deactivated ones have."""
        found: set[str] = set()
        for batch in batches(user_ids, PAGE):
            found |= {user["id"] for user in self._rest.http.post("/users/ids", batch, idempotent=True)}
        return found

    def emoji(self) -> set[str]:
        """Return the names of the custom emoji."""
        return emoji_names(self._rest)

    def channels(self, channel_ids: Iterable[str]) -> dict[str, ExistingChannel]:
        """Return those of some channels, by id, that are there, with the totals that the server keeps of them."""
        wanted = list(channel_ids)
        # One by one, it answers from memory, up to 30 minutes old: totals would be those from before the import (facts: contract, 10).
        self._rest.invalidate_caches()
        with ThreadPoolExecutor(AT_ONCE, "asking for channels") as pool:
            listed = {raw["id"]: raw for raw in self._rest.all_channels(len(wanted)) or ()}
            others = pool.map(self._rest.channel, [one for one in wanted if one not in listed])
            found = [*(listed[one] for one in wanted if one in listed), *others]
            return {raw["id"]: channel(raw) for raw in found if raw}

    def files(self, channel_ids: Iterable[str]) -> dict[str, int]:
        """Return how many files the server counts in each of some channels; a channel that it lacks is not in it."""
        return self._counted("files_count", channel_ids)

    def members(self, channel_ids: Iterable[str]) -> dict[str, int]:
        """Return how many members the server counts in each of some channels; a channel that it lacks is not in it."""
        return self._counted("member_count", channel_ids)

    def _counted(self, what: str, channel_ids: Iterable[str]) -> dict[str, int]:
        def count(channel_id: str) -> tuple[str, int | None]:
            try:
                return channel_id, self._rest.http.get(f"/channels/{channel_id}/stats").get(what)
            except ApiError:  # gone, or archived and shown to nobody
                return channel_id, None

        with ThreadPoolExecutor(AT_ONCE, "counting") as pool:
            return {channel_id: found for channel_id, found in pool.map(count, channel_ids) if found is not None}

    def posts(self, post_ids: Sequence[str]) -> set[str]:
        """Return those of some posts (at most 1000) that are there for people to read: deleted ones are not."""
        return self._rest.posts_shown(post_ids)

    def shown(self, channel_ids: Iterable[str], most: int) -> dict[str, int]:
        """Return how many posts of people each of some channels shows, up to `most`; deleted ones and notices are none.

        The server's own total is of all that were ever there.
        """

        def count(channel_id: str) -> tuple[str, int]:
            try:
                posts = self._rest.newest_posts(channel_id)
                of_people = (post for post in posts if not post["type"].startswith("system_"))
                return channel_id, sum(1 for _ in islice(of_people, most))
            except ApiError:  # gone, or archived and shown to nobody
                return channel_id, 0

        with ThreadPoolExecutor(AT_ONCE, "counting posts") as pool:
            return dict(pool.map(count, channel_ids))

    def reactions(self, post_ids: Iterable[str]) -> dict[str, set[tuple[str, str]]]:
        """Return (user id, emoji name) of the reactions to some posts, by post."""
        found: dict[str, set[tuple[str, str]]] = {}
        for batch in batches(post_ids, _POSTS):
            answer = self._rest.http.post("/posts/ids/reactions", batch, idempotent=True)
            for post_id, reactions in answer.items():
                found[post_id] = {(one["user_id"], one["emoji_name"]) for one in reactions or ()}
        return found
