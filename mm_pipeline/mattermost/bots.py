"""Bots by REST, with their pictures, because the import job knows no bots before 10.3. A greeting to the owner is removed.

Knows nothing of what bots wrote in Slack.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.mattermost.ours import remember_accounts
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount
from mm_pipeline.mattermost.rest import AT_ONCE, Rest
from mm_pipeline.mattermost.settings import BOTS, QUIET, changed

#: Finishing touch owed: usernames of bots that greeted their owner.
GREETINGS = "remove_greetings"
#: Finishing touch owed: usernames of bots that are made here and still lack their picture.
PICTURES = "bot_pictures"
_GREETING = "add_bot_teams_channels"
_TAKEN = frozenset({"app.user.save.username_exists.app_error", "app.user.save.email_exists.app_error"})


class Bots:
    """The bot accounts of one server; those made here belong to the token's owner."""

    def __init__(self, rest: Rest, journal: Journal) -> None:
        self._rest = rest
        self._journal = journal

    def create(self, bots: Sequence[NewAccount]) -> Iterator[Done | Refused]:
        """Create those that the server lacks. A bot of that name is taken as it is; a person's name is username_exists."""
        there = self._rest.accounts_named(bot.username for bot in bots)
        new = [bot for bot in bots if bot.username not in there]
        outcomes: list[Done | Refused] = [_as_it_is(bot, there[bot.username]) for bot in bots if bot.username in there]
        if new:
            with changed(self._rest, self._journal, {**QUIET, **BOTS}):
                self._journal.owe(GREETINGS, [bot.username for bot in new])
                self._journal.owe(PICTURES, [bot.username for bot in new if bot.picture])
                with ThreadPoolExecutor(AT_ONCE, "bots") as pool:
                    outcomes += remember_accounts(self._journal, new, pool.map(self._create, new))
                self.remove_greetings()
        self._give_pictures(bots, outcomes)
        yield from outcomes

    def remove_greetings(self) -> None:
        """Remove what new bots wrote to their owner."""
        owed = self._journal.owed(GREETINGS)
        bots = [account for account in self._rest.accounts_named(owed).values() if account.is_bot]
        with ThreadPoolExecutor(AT_ONCE, "bots") as pool:
            chats = [chat_id for chat_id in pool.map(self._remove_greeting, bots) if chat_id]
        if chats:
            self._rest.mark_read(self._rest.me.id, chats)
        self._journal.paid(GREETINGS, owed)

    def _remove_greeting(self, bot: Account) -> str:
        """Remove what one bot wrote, and return its channel with the owner, "" if there is none."""
        chat = self._rest.channel_of([bot.id, self._rest.me.id])
        if not chat:
            return ""
        for post in self._rest.posts_since(chat["id"], 0):
            if post["type"] == _GREETING and post["user_id"] == bot.id:
                self._rest.delete_post(post["id"])
        return str(chat["id"])

    def _give_pictures(self, bots: Sequence[NewAccount], outcomes: Sequence[Done | Refused]) -> None:
        """Give those that were made here, by this run or one that was killed, their pictures."""
        owed = frozenset(self._journal.owed(PICTURES))
        ids = {one.key: one.id for one in outcomes if isinstance(one, Done) and one.id}
        for bot in bots:
            if bot.username not in owed:
                continue
            if bot.picture and bot.key in ids:
                try:
                    self._rest.set_picture(ids[bot.key], bot.picture)
                except ApiError as refused:
                    backend_logger.warning("bot %s stays without its picture: %s", bot.username, refused)
            self._journal.paid(PICTURES, [bot.username])

    def disable(self, user_id: str) -> None:
        """Disable a bot; nothing happens to one that is disabled."""
        self._rest.http.post(f"/bots/{user_id}/disable", idempotent=True)

    def _create(self, bot: NewAccount) -> Done | Refused:
        wish = {"username": bot.username, "display_name": bot.nickname, "description": bot.position}
        try:
            made = self._rest.http.post("/bots", wish)
        except ApiError as refused:
            if refused.error_id in _TAKEN:
                return Done(key=bot.key, answer=Answer.USERNAME_EXISTS)
            return Refused(key=bot.key, error=refused)
        return Done(key=bot.key, answer=Answer.CREATED, id=made["user_id"])


def _as_it_is(bot: NewAccount, there: Account) -> Done:
    if there.is_bot:
        return Done(key=bot.key, answer=Answer.EXISTED, id=there.id)
    return Done(key=bot.key, answer=Answer.USERNAME_EXISTS)
