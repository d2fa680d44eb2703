"""Take from a server what was put there: for good where its settings let us, else out of everybody's sight. Tells nobody.

Decides nothing: what is to go was decided by rollback. What is gone already counts as taken, so all of it may be done twice.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import quote

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.first_sight import default_channels, shown
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account, Allowed, SeenPost
from mm_pipeline.mattermost.ours import GIVEN_CHANNEL, GIVEN_TEAM
from mm_pipeline.mattermost.outcome import Taken
from mm_pipeline.mattermost.quiet import LEAVING, Quiet
from mm_pipeline.mattermost.rest import AT_ONCE, PAGE, Rest
from mm_pipeline.mattermost.settings import SILENT, changed, fixed_by_environment
from mm_pipeline.mattermost.shown import as_seen

#: REST deletes posts for good from here on: before, `permanent` is ignored without a word (facts: 11.4, section 4).
_POSTS_FOR_GOOD = (10, 0)
#: The server mails from threads of its own, after it has answered.
_MAILS_S = 2.0
#: What the server says of what is not there any more; of a post that is deleted 9.9 says 403.
_GONE, _POST_GONE = frozenset({404}), frozenset({403, 404})
#: The server gives up behind 10,000 messages of an account, which are gone then: it goes on when it is asked again.
_TOO_MANY_POSTS, _TIMES = "app.post.permanent_delete_by_user.app_error", 200
#: Without these nobody is renamed.
_NO_MAIL = {name: value for name, value in SILENT.items() if name.startswith("EmailSettings.")}
#: The domain that reaches nobody, whatever MM_EMAIL_DOMAIN says.
_NOWHERE = "rolled-back.invalid"

#: Owed: ids of archived channels that were opened to be changed.
OPENED = "archive_again"


class Removal:
    """Taking back on one server and one team."""

    def __init__(self, rest: Rest, journal: Journal, quiet: Quiet, version: tuple[int, int]) -> None:
        self._rest = rest
        self._journal = journal
        self._quiet = quiet
        self._version = version

    def allowed(self) -> Allowed:
        """Return what may be removed for good. A setting that is changed for a moment counts as its owner left it."""
        config = self._rest.config()
        settings = config["ServiceSettings"]
        kept = {name.partition(".")[2]: value for name, value in self._journal.settings_to_put_back().items()}
        posts, channels, accounts = (
            bool(kept.get(name, settings.get(name)))
            for name in ("EnableAPIPostDeletion", "EnableAPIChannelDeletion", "EnableAPIUserDeletion")
        )
        return Allowed(
            posts=posts and self._version >= _POSTS_FOR_GOOD,
            channels=channels,
            accounts=accounts,
            mails=tuple(fixed_by_environment(self._rest, config, _NO_MAIL)),
        )

    # --- reading

    def read_posts(self, channel_id: str) -> Iterator[SeenPost]:
        """Yield everything that lies in a channel, deleted posts too, newest first."""
        for number in range(1 << 30):
            # By number: a chain of `before` drops posts of one and the same ms (facts: 11.4, section 8).
            place = {"page": number, "per_page": PAGE, "skipFetchThreads": "true", "include_deleted": "true"}
            try:
                answer = self._rest.http.get(f"/channels/{channel_id}/posts", place)
            except ApiError as refused:
                if refused.status not in _POST_GONE:
                    raise
                return
            for post_id in answer["order"]:
                if not (post := answer["posts"][post_id]).get("original_id"):  # what a post said before an edit
                    yield as_seen(post)
            if len(answer["order"]) < PAGE:
                return

    def channels_of(self, user_id: str) -> set[str]:
        """Return the ids of the team's public and private channels that somebody is in."""
        try:
            found = self._rest.http.get(f"/users/{user_id}/teams/{self._rest.team_id}/channels")
        except ApiError as refused:
            if refused.status not in _GONE:
                raise
            return set()
        return {channel["id"] for channel in found if channel["team_id"]}

    def default_channels(self) -> list[str]:
        """Return the ids of the channels that everybody who joins the team is put into."""
        return [channel_id for channel_id, _ in default_channels(self._rest)]

    def has_signed_in(self, user_id: str) -> bool:
        """Whether anybody has ever used the account: the server's audit remembers each time that somebody signed in."""
        http = self._rest.http
        if http.get(f"/users/{user_id}/sessions") or http.get(f"/users/{user_id}/tokens"):
            return True
        audits = http.get(f"/users/{user_id}/audits", {"per_page": PAGE}) or ()  # null where there are none
        return any("login" in one["action"] for one in audits)

    def own_emoji(self, names: Iterable[str]) -> dict[str, str]:
        """Return name -> id of those custom emoji that the token's owner made."""
        found = (self._rest.http.get_or_none(f"/emoji/name/{quote(name, safe='')}") for name in names)
        return {one["name"]: one["id"] for one in found if one and one["creator_id"] == self._rest.me.id}

    # --- removing

    def posts(self, channel_id: str, post_ids: Sequence[str], *, for_good: bool) -> Iterator[Taken]:
        """Delete posts of a channel, some at a time; an archived one is opened for it, where it must be (facts: 11.4)."""
        permanent = {"permanent": "true"} if for_good else {}

        def delete(post_id: str) -> Taken:
            return _taken(post_id, lambda: self._rest.http.delete(f"/posts/{post_id}", permanent), _POST_GONE)

        if post_ids and not for_good:
            self._open(channel_id)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(delete, post_ids)
        self._archive_again(owed for owed in self._journal.owed(OPENED) if owed == channel_id)

    def archive_opened(self) -> None:
        """Archive what was opened to be changed, where whoever opened it did not come to archive it again."""
        self._archive_again(self._journal.owed(OPENED))

    def _open(self, channel_id: str) -> None:
        """Open a channel if it is archived, and remember that it was."""
        channel = self._rest.channel(channel_id)
        if channel and channel["delete_at"]:
            self._journal.owe(OPENED, [channel_id])
            self._rest.http.post(f"/channels/{channel_id}/restore", idempotent=True)

    def _archive_again(self, opened: Iterable[str]) -> None:
        for channel_id in opened:
            if self._rest.channel(channel_id):
                self._rest.archive(channel_id)
            self._journal.paid(OPENED, [channel_id])

    def channel(self, channel_id: str, *, for_good: bool) -> Taken:
        """Remove a public or private channel; or rename and archive it."""
        if for_good:
            path = f"/channels/{channel_id}"
            return _taken(channel_id, lambda: self._rest.http.delete(path, {"permanent": "true"}))
        return _taken(channel_id, lambda: self._close(channel_id))

    def hide_direct(self, channel_id: str) -> None:
        """Take a direct or group channel out of the side bars of its people: the import had put it there."""
        people = list(self._rest.all_members_of(channel_id))
        for user_id in people:
            # 9.9's import writes one with the channel's id, besides, which means nothing to anybody.
            nothing = {"user_id": user_id, "category": "direct_channel_show", "name": channel_id, "value": "true"}
            entries = [shown(channel_id, user_id, people), nothing]
            try:
                self._rest.http.post(f"/users/{user_id}/preferences/delete", entries, idempotent=True)
            except ApiError as refused:  # a bot has no side bar
                backend_logger.debug("the direct channel is not taken from %s: %s", user_id, refused)

    def _close(self, channel_id: str) -> None:
        channel, name = self._rest.channel(channel_id), f"removed-{channel_id}"
        if channel is None:
            return
        if channel["name"] != name:
            self._open(channel_id)  # an archived one takes no other name
            self._rest.http.put(f"/channels/{channel_id}/patch", {"name": name})
        self._rest.archive(channel_id)
        self._journal.paid(OPENED, [channel_id])

    def accounts(self, accounts: Sequence[Account], *, for_good: bool) -> Iterator[Taken]:
        """Remove accounts with all that they wrote; or take them out of the team, rename and deactivate them."""
        if for_good:
            yield from (_taken(one.id, partial(self._remove_account, one.id)) for one in accounts)
            return
        # Bots, too: a deactivated one would stay in the lists of its channels.
        members = sorted(self._rest.members_of_team([one.id for one in accounts]))
        notes = {
            taken.id: f"still in the team: {taken.error}" for _, taken in self.memberships({}, members) if taken.error
        }
        with changed(self._rest, self._journal, SILENT):
            for one in accounts:
                taken = _taken(one.id, partial(self._deactivate, one))
                yield Taken(id=one.id, error=taken.error, note=notes.get(one.id, ""))
            time.sleep(_MAILS_S)

    def _remove_account(self, account_id: str) -> None:
        for _ in range(_TIMES):
            try:
                self._rest.http.delete(f"/users/{account_id}", {"permanent": "true"})
            except ApiError as refused:
                if refused.error_id != _TOO_MANY_POSTS:
                    raise
            else:
                return
        raise ApiError(f"account {account_id} has too many messages to be removed", status=500)

    def _deactivate(self, account: Account) -> None:
        http, name = self._rest.http, f"removed-{account.id}"
        if account.is_bot:
            http.put(f"/bots/{account.id}", {"username": name})
            http.post(f"/bots/{account.id}/disable", idempotent=True)
            return
        if http.get(f"/users/{account.id}").get("auth_service"):
            # What the sign-in service knows the person by is free for their next account.
            http.put(f"/users/{account.id}/password", {"new_password": f"{secrets.token_urlsafe(24)}aA1!"})
        http.put(f"/users/{account.id}/patch", {"username": name, "email": f"{account.id}@{_NOWHERE}"})
        http.put(f"/users/{account.id}/active", {"active": False})

    def emoji(self, emoji_id: str) -> Taken:
        """Delete a custom emoji."""
        return _taken(emoji_id, lambda: self._rest.http.delete(f"/emoji/{emoji_id}"))

    # --- memberships

    def memberships(self, channels: Mapping[str, Sequence[str]], team: Sequence[str]) -> Iterator[tuple[str, Taken]]:
        """Take people out of channels and out of the team; the notices that the server writes about it are removed."""
        if not (team or any(channels.values())):
            return
        with self._quiet.please():
            homes = self.default_channels() if team else []
            open_ones = [one for one in channels if (there := self._rest.channel(one)) and not there["delete_at"]]
            with self._quiet.without_notices([*open_ones, *homes]) as expected:
                for channel_id, user_ids in channels.items():
                    for user_id in user_ids:
                        path = f"/channels/{channel_id}/members/{user_id}"
                        taken = _taken(user_id, partial(self._rest.http.delete, path))
                        expected[channel_id] += not taken.error
                        self._journal.paid(GIVEN_CHANNEL, [] if taken.error else [f"{channel_id} {user_id}"])
                        yield channel_id, taken
                self._journal.owe(LEAVING, team)
                for user_id in team:
                    taken = _taken(user_id, partial(self._leave_team, user_id))
                    if homes:
                        expected[homes[0]] += not taken.error
                    self._journal.paid(GIVEN_TEAM, [] if taken.error else [f"{self._rest.team_id} {user_id}"])
                    yield "", taken

    def _leave_team(self, user_id: str) -> None:
        try:
            self._rest.http.delete(f"/teams/{self._rest.team_id}/members/{user_id}")
        except ApiError as refused:
            if refused.status not in _GONE:
                raise


def _taken(object_id: str, take: Callable[[], Any], gone: frozenset[int] = _GONE) -> Taken:
    try:
        take()
    except ApiError as refused:
        if refused.status not in gone:
            backend_logger.warning("%s could not be taken back: %s", object_id, refused)
            return Taken(id=object_id, error=str(refused))
    return Taken(id=object_id)
