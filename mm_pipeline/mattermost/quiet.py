"""Add people whom the server has to its team and channels so that nobody notices: no mail, no push, no notice, no badge.

Adds only. Never sends a `user` line for an existing account, which would cost it its password and read state.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.mattermost.each_person import for_each
from mm_pipeline.mattermost.first_sight import default_channels
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import GIVEN_CHANNEL, GIVEN_TEAM
from mm_pipeline.mattermost.read_state import remember_unread
from mm_pipeline.mattermost.rest import AT_ONCE, CHANNEL_BATCH, TEAM_BATCH, Rest, batches
from mm_pipeline.mattermost.settings import QUIET, changed
from mm_pipeline.nouns import counted

#: Finishing touches owed, and what their ids are.
NOTICES = "remove_notices"  #: "<channel id> <ms since when>"
MEMBER_READ = "mark_member_read"  #: "<user id> <channel id>"
LEAVING = "leaving_team"  #: ids of people whose leaving the team is announced in their own name

#: Posts that the server writes in our name about what we do.
_OUR_NOTICES = frozenset(
    {
        "system_add_to_team",
        "system_join_team",
        "system_add_to_channel",
        "system_join_channel",
        "system_remove_from_channel",
    }
)
_LEFT = "system_remove_from_team"

#: The server writes notices after it has answered: how long to wait for the next one, and for what follows the last.
_NEXT_NOTICE_S, _SETTLED_S = 3.0, 1.0


class Quiet:
    """Quiet work on one server. `many_at_once` says that channels take lists of people (servers >= 10)."""

    def __init__(self, rest: Rest, journal: Journal, *, many_at_once: bool) -> None:
        self._rest = rest
        self._journal = journal
        self._many_at_once = many_at_once

    def please(self) -> AbstractContextManager[None]:
        """Switch mail and push off inside the block, for everybody: keep it short."""
        return changed(self._rest, self._journal, QUIET)

    def add_members(
        self, wanted: Mapping[str, Iterable[str]], bots: frozenset[str] = frozenset()
    ) -> dict[str, dict[str, str]]:
        """Add people (ids) to channels (ids), and to the team where need be. Those who are members stay as they are.

        `bots` are those of them who read nothing, so nothing is marked read for them.
        Returns channel id -> user id -> the server's error id, for those refused. Asks only, where nobody is missing.
        """
        since = self._in_a_second()
        missing = self._missing(wanted)
        if not missing:
            return {}
        with self.please():
            self._wait_until(since)
            everybody = set[str]().union(*missing.values())
            expected, kept_out = self._add_to_team(everybody, since, bots)
            self._owe(missing, since, bots)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                refused = dict(zip(missing, pool.map(self._add_noted, missing, missing.values()), strict=True))
            for channel_id, user_ids in missing.items():
                expected[channel_id] += len(user_ids) - len(refused[channel_id])
                refused[channel_id] |= {one: kept_out[one] for one in refused[channel_id] if one in kept_out}
            self.remove_notices(expected)
            if everybody - bots:
                time.sleep(_SETTLED_S)
                self.mark_members_read()
        backend_logger.info("added existing people quietly to %s", counted(len(missing), "channel"))
        return {channel_id: errors for channel_id, errors in refused.items() if errors}

    def keep_unread(self, channel: Mapping[str, Any]) -> None:
        """Remember who has something unread in a channel of theirs, before anything of ours comes into it."""
        remember_unread(self._rest, self._journal, [channel])

    @contextmanager
    def without_notices(self, channel_ids: Iterable[str]) -> Iterator[defaultdict[str, int]]:
        """Remove what the server writes about us into channels inside the block; count into what is yielded how many to expect."""
        since, expected = self._in_a_second(), defaultdict[str, int](int)
        self._wait_until(since)
        self._journal.owe(NOTICES, [f"{channel_id} {since}" for channel_id in channel_ids])
        try:
            yield expected
        finally:
            self.remove_notices(expected)

    def remove_notices(self, expected: Mapping[str, int] | None = None) -> None:
        """Remove the notices that are owed; wait until as many as expected (per channel id) have appeared."""
        leaving = frozenset(self._journal.owed(LEAVING))

        def remove(owed: str) -> None:
            channel_id, since = owed.split()
            found = self._await_notices(channel_id, int(since), (expected or {}).get(channel_id, 0), leaving)
            for post_id in found:
                self._rest.delete_post(post_id)
            self._journal.paid(NOTICES, [owed])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(remove, self._journal.owed(NOTICES)))
        self._journal.paid(LEAVING, leaving)

    def mark_members_read(self) -> list[tuple[str, str]]:
        """Mark read for those who were added what their being added has put there. Stays owed: `finish` does it again.

        Returns for whom it is still to be done (user id, channel id).
        """
        channels: dict[str, list[str]] = defaultdict(list)
        for pair in self._journal.owed(MEMBER_READ):
            user_id, channel_id = pair.split()
            channels[user_id].append(channel_id)
        left = for_each(
            channels, lambda user_id: self._rest.mark_read(user_id, channels[user_id]), "mark what is new read"
        )
        return [(user_id, channel_id) for user_id in left for channel_id in channels[user_id]]

    # --- how

    def _in_a_second(self) -> int:
        """Return the next second of the server's clock, which tells no less: what is older is not ours to remove."""
        return self._rest.now() + 1000

    def _wait_until(self, since: int) -> None:
        while self._rest.now() < since:
            time.sleep(0.05)

    def _missing(self, wanted: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
        """Return who of the wanted people (ids) is not yet in a channel (id); a channel that lacks nobody is left out."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            absent = pool.map(self._not_in, wanted, wanted.values())
        return {channel_id: user_ids for channel_id, user_ids in zip(wanted, absent, strict=True) if user_ids}

    def _not_in(self, channel_id: str, user_ids: Iterable[str]) -> list[str]:
        wanted = list(dict.fromkeys(user_ids))
        there = self._rest.members_of(channel_id, wanted)
        return [user_id for user_id in wanted if user_id not in there]

    def _owe(self, wanted: Mapping[str, Iterable[str]], since: int, bots: frozenset[str]) -> None:
        self._journal.owe(NOTICES, [f"{channel_id} {since}" for channel_id in wanted])
        pairs = ((user_id, channel_id) for channel_id, user_ids in wanted.items() for user_id in user_ids)
        self._journal.owe(
            MEMBER_READ, [f"{user_id} {channel_id}" for user_id, channel_id in pairs if user_id not in bots]
        )

    def _add_to_team(
        self, user_ids: set[str], since: int, bots: frozenset[str]
    ) -> tuple[defaultdict[str, int], dict[str, str]]:
        """Add those who are not in the team; return how many notices each of its default channels will show, and who was refused why."""
        newcomers = sorted(user_ids - self._rest.members_of_team(sorted(user_ids)))
        expected: defaultdict[str, int] = defaultdict(int)
        if not newcomers:
            return expected, {}
        homes = [channel_id for channel_id, _ in default_channels(self._rest)]
        self._owe(dict.fromkeys(homes, newcomers), since, bots)
        given = {user_id: f"{self._rest.team_id} {user_id}" for user_id in newcomers}
        self._journal.owe(GIVEN_TEAM, given.values())
        refused: dict[str, str] = {}
        for batch in batches(newcomers, TEAM_BATCH):
            refused |= self._rest.add_to_team(batch)
        self._journal.paid(GIVEN_TEAM, [given[user_id] for user_id in refused])
        return defaultdict(int, dict.fromkeys(homes, len(newcomers) - len(refused))), refused

    def _add_noted(self, channel_id: str, user_ids: list[str]) -> dict[str, str]:
        given = {user_id: f"{channel_id} {user_id}" for user_id in user_ids}
        self._journal.owe(GIVEN_CHANNEL, given.values())
        refused = self._add(channel_id, user_ids)
        self._journal.paid(GIVEN_CHANNEL, [given[user_id] for user_id in refused])
        return refused

    def _add(self, channel_id: str, user_ids: list[str]) -> dict[str, str]:
        refused: dict[str, str] = {}
        for batch in batches(user_ids, CHANNEL_BATCH):
            refused |= self._rest.add_to_channel(channel_id, batch, in_one_call=self._many_at_once)
        if self._many_at_once:
            # A list leaves out, without a word, whoever is not in the team.
            left_out = set(user_ids) - refused.keys() - self._rest.members_of(channel_id, user_ids)
            refused |= dict.fromkeys(left_out, "app.team.get_member.missing.app_error")
        return refused

    def _await_notices(self, channel_id: str, since: int, expected: int, leaving: frozenset[str]) -> list[str]:
        """Return the ids of our notices: those expected, or those there when none was added for a while."""
        seen: list[str] = []
        last_seen_at = time.monotonic()
        while True:
            posts = self._rest.posts_since(channel_id, since)
            found = [post["id"] for post in posts if self._is_ours(post) or _says_who_left(post, leaving)]
            if len(found) > len(seen):
                seen, last_seen_at = found, time.monotonic()
            if len(seen) >= expected or time.monotonic() - last_seen_at > _NEXT_NOTICE_S:
                return seen
            time.sleep(0.1)

    def _is_ours(self, post: Mapping[str, Any]) -> bool:
        return post["type"] in _OUR_NOTICES and post["user_id"] == self._rest.me.id


def _says_who_left(post: Mapping[str, Any], leaving: frozenset[str]) -> bool:
    """Whether it says that somebody was taken out of the team: the server has them say it themselves."""
    return post["type"] == _LEFT and post["user_id"] in leaving
