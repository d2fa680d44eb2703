"""Thin typed calls of Mattermost's REST API v4, batched and paged as the server wants them.

Decides nothing: no retry, no order of steps, no memory. All methods raise AbortRun and ApiError as http.py says.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.on_server import Account, ChannelKind, ExistingChannel
from mm_pipeline.mattermost.outcome import IN_ARCHIVED

Item = TypeVar("Item")

_NOT_OF_ITS_GROUPS = "api.team.add_members.user_denied"
_NOT_DELETED_IN_ARCHIVED = "api.post.delete_post.can_not_delete_post_in_deleted.error"
_NOT_EDITED_IN_ARCHIVED = "api.post.patch_post.can_not_update_post_in_deleted.error"

#: Rows of a page, and ids of a look-up: the server caps both silently at 200 (facts: contract 0, 7).
PAGE = 200
#: Requests that are under way at the same time: more does not help, the server's database does the work.
AT_ONCE = 4
#: Team members of one call: 257 are refused.
TEAM_BATCH = 256
#: Channel members of one call: the server takes 1000, at 17 ms each; small enough to stay within a proxy's patience.
CHANNEL_BATCH = 200
#: From this many things that are looked for per page of a team's channels on, reading the pages (10 ms each) beats a look-up
#: per thing (1 to 4 ms).
_LISTING_PAYS = 10
#: Channels that one mark_read call names, at 0.8 ms each.
READ_BATCH = 500


class Rest:
    """One server and one of its teams, as the token's owner sees them. `team_name` may be empty: the only team."""

    def __init__(self, http: Http, team_name: str = "") -> None:
        self.http = http
        self.team_name = team_name

    @cached_property
    def me(self) -> Account:
        """The token's owner, asked once."""
        return account(self.http.get("/users/me"))

    @cached_property
    def team_id(self) -> str:
        """The id of the team, asked once. Raises AbortRun with the names of the teams there are."""
        return str(self.team()["id"])

    def team(self) -> dict[str, Any]:
        """Return the team of that name, or the only one. Raises AbortRun with the names of the teams there are."""
        teams = {team["name"]: team for team in self.pages("/teams") if not team["delete_at"]}
        if self.team_name in teams:
            return dict(teams[self.team_name])
        if not self.team_name and len(teams) == 1:
            return dict(next(iter(teams.values())))
        there = f"It has {', '.join(sorted(teams))}." if teams else "It has none: create one."
        wish = f"no team named {self.team_name}" if self.team_name else f"{len(teams)} teams, and MM_TEAM names none"
        raise AbortRun(f"The server has {wish}. {there} Set MM_TEAM to the name that stands in the team's address.")

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a path that answers in pages."""
        for page in range(1 << 20):
            rows = self.http.get(path, {"page": page, "per_page": PAGE}) or ()  # some say null for none
            yield from rows
            if len(rows) < PAGE:
                return

    # --- people

    def accounts(self) -> Iterator[Account]:
        """Yield every account, bots and deactivated ones too."""
        return map(account, self.pages("/users"))

    def accounts_total(self) -> int:
        """Return how many accounts the server has."""
        return int(self.http.get("/users/stats")["total_users_count"])

    def account_named(self, username: str) -> Account | None:
        """Look an account up by its exact username."""
        return self.accounts_named([username]).get(username)

    def account_with_email(self, email: str) -> Account | None:
        """Look an account up by its e-mail address."""
        try:
            found = self.http.get_or_none(f"/users/email/{quote(email, safe='@')}")
        except ApiError as refused:
            if refused.status != 400:  # what is no address belongs to nobody
                raise
            return None
        return account(found) if found else None

    def accounts_named(self, usernames: Iterable[str]) -> dict[str, Account]:
        """Return those accounts that exist, by username."""
        found: dict[str, Account] = {}
        for batch in batches(dict.fromkeys(usernames), PAGE):
            for raw in self.http.post("/users/usernames", batch, idempotent=True):
                found[raw["username"]] = account(raw)
        return found

    def set_picture(self, user_id: str, picture: Path) -> None:
        """Give a person or bot a picture; of the same one nothing comes."""
        self.http.multipart(f"/users/{user_id}/image", {}, {"image": (picture.name, picture.read_bytes())})

    def set_time_zone(self, user_id: str, time_zone: str) -> None:
        """Give a person a time zone, which their own device overrules as soon as they sign in."""
        wish = {"useAutomaticTimezone": "true", "automaticTimezone": time_zone, "manualTimezone": ""}
        self.http.put(f"/users/{user_id}/patch", {"timezone": wish})

    def activate(self, user_id: str) -> None:
        """Let a deactivated person in; one who is active stays so."""
        self.http.put(f"/users/{user_id}/active", {"active": True})

    # --- team and channels

    def members_of_team(self, user_ids: Iterable[str]) -> set[str]:
        """Return those of the people who are in the team."""
        return self._members(f"/teams/{self.team_id}/members/ids", user_ids)

    def members_of(self, channel_id: str, user_ids: Iterable[str]) -> set[str]:
        """Return those of the people who are in the channel."""
        return self._members(f"/channels/{channel_id}/members/ids", user_ids)

    def all_members_of(self, channel_id: str) -> Iterator[str]:
        """Yield the ids of everybody in the channel."""
        for member in self.pages(f"/channels/{channel_id}/members"):
            yield member["user_id"]

    def add_to_team(self, user_ids: Sequence[str]) -> dict[str, str]:
        """Add people (at most TEAM_BATCH) to the team. Returns user id -> the server's error id for those refused."""
        wish = [{"team_id": self.team_id, "user_id": user_id} for user_id in user_ids]
        path = f"/teams/{self.team_id}/members/batch?graceful=true"
        try:
            answers = self.http.post(path, wish, idempotent=True)
        except ApiError as refused:
            if refused.error_id != _NOT_OF_ITS_GROUPS:
                raise
            if len(user_ids) == 1:
                return {user_ids[0]: refused.error_id}
            # One who is not of the team's groups refuses all, graceful or not (9.9, 11.4): find out which.
            return {user_id: why for one in user_ids for user_id, why in self.add_to_team([one]).items()}
        return {one["user_id"]: str(one["error"].get("id", "")) for one in answers if one.get("error")}

    def add_to_channel(self, channel_id: str, user_ids: Sequence[str], *, in_one_call: bool) -> dict[str, str]:
        """Add people of the team to the channel. Returns user id -> the server's error id for those refused.

        `in_one_call` is for servers >= 10; the list (at most CHANNEL_BATCH) silently leaves out who is not in the team.
        """
        path = f"/channels/{channel_id}/members"
        if in_one_call and len(user_ids) > 1:
            try:
                self.http.post(path, {"user_ids": list(user_ids)}, idempotent=True)
            except ApiError:
                # One person whom the channel does not take refuses all: find out which.
                return self.add_to_channel(channel_id, user_ids, in_one_call=False)
            return {}
        refusals: dict[str, str] = {}
        for user_id in user_ids:
            try:
                self.http.post(path, {"user_id": user_id}, idempotent=True)
            except ApiError as refused:
                refusals[user_id] = refused.error_id
        return refusals

    def channel_named(self, name: str) -> dict[str, Any] | None:
        """Return the channel of the team, an archived or private one too, as the server has it."""
        path = f"/teams/{self.team_id}/channels/name/{quote(name, safe='')}"
        found: dict[str, Any] | None = self.http.get_or_none(path, {"include_deleted": "true"})
        return found

    def channels_named(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return those of some channels of the team that are there, by name: what channel_named returns of each."""
        wanted = list(dict.fromkeys(names))
        if (listed := self.all_channels(len(wanted))) is None:
            return {name: found for name in wanted if (found := self.channel_named(name))}
        there = {one["name"]: one for one in listed}
        return {name: there[name] for name in wanted if name in there}

    def all_channels(self, wanted: int) -> list[dict[str, Any]] | None:
        """Return all public and private channels of the team as the server has them now, archived ones too.

        None where looking for `wanted` of them one by one is quicker, and where the pages are not of one moment: they are
        ordered by what is no key, so only their number tells that nothing is absent.
        """
        found: dict[str, dict[str, Any]] = {}
        for page in range(wanted // _LISTING_PAYS):
            wish = {"term": "", "team_ids": [self.team_id], "public": True, "private": True, "include_deleted": True}
            said = self.http.post("/channels/search", wish | {"page": page, "per_page": PAGE}, idempotent=True)
            found |= {one["id"]: one for one in said["channels"]}
            if said["total_count"] > PAGE * (wanted // _LISTING_PAYS):
                return None
            if len(said["channels"]) < PAGE:
                return list(found.values()) if len(found) == said["total_count"] else None
        return None

    def channel_of(self, member_ids: Sequence[str]) -> dict[str, Any] | None:
        """Return the direct or group channel of exactly these people: found by the name that the server derives."""
        return self.channel_named(name_of_channel_of(member_ids))

    def channel(self, channel_id: str) -> dict[str, Any] | None:
        """Return the channel, or None."""
        found: dict[str, Any] | None = self.http.get_or_none(f"/channels/{channel_id}")
        return found

    def archive(self, channel_id: str) -> None:
        """Archive a channel; nothing happens to one that is archived."""
        try:
            self.http.delete(f"/channels/{channel_id}")
        except ApiError as refused:
            if refused.error_id != "api.channel.delete_channel.deleted.app_error":
                raise

    # --- posts

    def posts_since(self, channel_id: str, since: int) -> list[dict[str, Any]]:
        """Return the posts of the channel created at or after `since` (ms), newest first."""
        return list(takewhile(lambda post: post["create_at"] >= since, self.newest_posts(channel_id)))

    def newest_posts(self, channel_id: str) -> Iterator[dict[str, Any]]:
        """Yield what the channel shows, the server's notices too, newest first, by pages."""
        for page in range(1 << 20):
            answer = self.http.get(
                f"/channels/{channel_id}/posts", {"page": page, "per_page": PAGE, "skipFetchThreads": "true"}
            )
            yield from (answer["posts"][post_id] for post_id in answer["order"])
            if len(answer["order"]) < PAGE:
                return

    def posts_there(self, post_ids: Sequence[str]) -> set[str]:
        """Return those of some posts (at most 1000) that the server has; deleted ones, which it keeps, are among them."""
        return {post["id"] for post in self._posts_by_id(post_ids)}

    def posts_shown(self, post_ids: Sequence[str]) -> set[str]:
        """Return those of some posts (at most 1000) that people can read."""
        return {post["id"] for post in self._posts_by_id(post_ids) if not post["delete_at"]}

    def _posts_by_id(self, post_ids: Sequence[str]) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = self.http.post("/posts/ids", list(post_ids), idempotent=True)
        except ApiError as refused:
            if refused.status != 404:  # which means that there is none of them
                raise
            return []
        return found

    def replace_text(self, post_id: str, old: str, new: str, edit_at: int | None = None) -> str:
        """Change a post's text if it is still the old one, or was last edited at `edit_at` (ms). The edit is of today.

        Returns why the text stays as it is, or "".
        """
        post = self.http.get_or_none(f"/posts/{post_id}")
        if not post:
            return "it was deleted in Mattermost"
        if post["message"] == new:
            return ""
        if post["message"] != old and post["edit_at"] != edit_at:
            return "it was edited in Mattermost, too"
        try:
            self.http.put(f"/posts/{post_id}/patch", {"message": new})
        except ApiError as refused:  # archived channels, a limit on the age of what may be edited
            if refused.error_id == _NOT_EDITED_IN_ARCHIVED:
                return IN_ARCHIVED
            backend_logger.info("the text of post %s stays as it is: %s", post_id, refused)
            return f"the server lets nobody edit it ({refused.error_id})"
        return ""

    def delete_post(self, post_id: str) -> None:
        """Delete a post, for good where the server can (>= 10 with EnableAPIPostDeletion), else as people do."""
        for permanent in ({"permanent": "true"}, {}):
            try:
                self.http.delete(f"/posts/{post_id}", permanent)
            except ApiError as refused:
                if refused.status == 501 and permanent:
                    continue
                # It is gone already (9.9 says 403), or lies in an archived channel, where it cannot be deleted and few look.
                if refused.status not in (403, 404) and refused.error_id != _NOT_DELETED_IN_ARCHIVED:
                    raise
            return

    # --- read state

    def mark_read(self, user_id: str, channel_ids: Iterable[str]) -> None:
        """Mark channels read for a person, who stays offline (`view` would show them online)."""
        for batch in batches(channel_ids, READ_BATCH):
            self.http.post(f"/channels/members/{user_id}/mark_read", batch, idempotent=True)

    # --- the server

    def config(self) -> dict[str, dict[str, Any]]:
        """Return the server's configuration; secrets come masked."""
        config: dict[str, dict[str, Any]] = self.http.get("/config")
        return config

    def patch_config(self, values: dict[str, dict[str, Any]]) -> None:
        """Change settings. The server answers 200 also where its environment keeps the old value: read them back."""
        self.http.put("/config/patch", values)

    def invalidate_caches(self) -> None:
        """Have the server forget what it remembers: a channel line writes cached counters back otherwise."""
        self.http.post("/caches/invalidate", idempotent=True)

    def now(self) -> int:
        """Return the server's clock in ms, cut to the second; ours where something in between takes its Date away."""
        date = self.http.headers("/system/ping").get("Date")
        return int(parsedate_to_datetime(date).timestamp() if date else time.time()) * 1000

    def _members(self, path: str, user_ids: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for batch in batches(user_ids, PAGE):
            answer = self.http.post(path, batch, idempotent=True)
            # A team keeps the rows of those who left, with delete_at; a channel does not.
            found |= {member["user_id"] for member in answer if not member.get("delete_at")}
        return found


def account(raw: dict[str, Any]) -> Account:
    """Read the server's user object."""
    return Account(
        id=raw["id"],
        username=raw["username"],
        email=raw.get("email", ""),
        is_bot=bool(raw.get("is_bot")),
        delete_at=raw.get("delete_at", 0),
        roles=raw.get("roles", ""),
        auth_service=raw.get("auth_service", ""),
        create_at=raw.get("create_at", 0),
        update_at=raw.get("update_at", 0),
    )


def channel(raw: dict[str, Any]) -> ExistingChannel:
    """Read the server's channel object."""
    return ExistingChannel(
        id=raw["id"],
        name=raw["name"],
        kind=ChannelKind(raw["type"]),
        display_name=raw["display_name"],
        delete_at=raw["delete_at"],
        total_msg_count=raw["total_msg_count"],
        total_msg_count_root=raw.get("total_msg_count_root", 0),
    )


def name_of_channel_of(member_ids: Sequence[str]) -> str:
    """Return the name that the server gives the direct (1-2 people) or group channel of exactly these people."""
    ids = sorted(set(member_ids))
    if len(ids) > 2:
        return hashlib.sha1("".join(ids).encode(), usedforsecurity=False).hexdigest()
    return f"{ids[0]}__{ids[-1]}"


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut into lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
