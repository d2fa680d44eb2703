"""Who wrote or reacted: the people of users.json, and those that only the messages know. Makes no accounts and no rows."""

from collections.abc import Iterable, Iterator
from typing import Any

from mm_pipeline.staging.slack_id import slack_id

#: Who stands for all whom Slack does not name.
UNKNOWN = "name:unknown"
#: What is known of those whom no list names.
_KNOWN = {
    "USLACKBOT": {"name": "slackbot", "real_name": "Slackbot", "is_bot": True},
    UNKNOWN: {"name": "unknown-in-slack", "real_name": "Unknown (Slack names nobody)", "is_bot": True},
}
#: What a message tells of its author, and where it stands in the message. The first that tells something wins.
_PROFILES = ("user_profile", "bot_profile")
_TOLD = ("name", "real_name", "team_id", "icons")


class People:
    """Everybody of one export."""

    def __init__(self) -> None:
        self._listed: set[str] = set()
        self._by_bot_id: dict[str, str] = {}
        self._unlisted: dict[str, dict[str, Any]] = {}

    def list(self, user_id: str, user: dict[str, Any]) -> bool:
        """Note a person of users.json. Returns False if they were noted before."""
        if user_id in self._listed:
            return False
        self._listed.add(user_id)
        profile = user.get("profile")
        if isinstance(profile, dict) and (bot_id := slack_id(profile.get("bot_id"))):
            self._by_bot_id.setdefault(bot_id, user_id)
        return True

    def author(self, message: dict[str, Any]) -> str:
        """Return the id of who wrote a message, and note who is in no list.

        `user`; of a file_comment the commenter; of a bot its user if users.json has it (profile.bot_id), else the bot_id;
        then `name:<username>`; whoever has none of these is one and the same unknown: what he wrote can be read in Slack.
        """
        comment = message.get("comment")
        author = slack_id(message.get("user")) or (slack_id(comment.get("user")) if isinstance(comment, dict) else None)
        if author is None and (bot_id := slack_id(message.get("bot_id"))):
            author = self._by_bot_id.get(bot_id, bot_id)
        if author is None and (name := slack_id(message.get("username"))):
            author = slack_id(f"name:{name}")
        if author is None:
            author = UNKNOWN
        if author not in self._listed:
            self._note(author, message)
        return author

    def reacted(self, user_id: str) -> None:
        """Note who reacted."""
        if user_id not in self._listed:
            self._note(user_id, {})

    def unlisted(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (id, what the messages tell) of everybody who wrote or reacted and is in no list."""
        yield from sorted(self._unlisted.items())

    def _note(self, user_id: str, message: dict[str, Any]) -> None:
        known = self._unlisted.get(user_id)
        if known is None:
            known = self._unlisted[user_id] = {"id": user_id, "unlisted": True}
            known.update(_KNOWN.get(user_id, {}))
        elif "real_name" in known or not message:
            return
        for key, value in _told_by(message, is_bot=user_id == slack_id(message.get("bot_id"))):
            known.setdefault(key, value)


def _told_by(message: dict[str, Any], *, is_bot: bool) -> Iterable[tuple[str, Any]]:
    """Yield what a message says of its author, in the keys of a user object."""
    for profile in (message.get(key) for key in _PROFILES):
        if isinstance(profile, dict):
            yield from ((key, profile[key]) for key in _TOLD if profile.get(key))
            yield "profile", profile
    if isinstance(username := message.get("username"), str) and username:
        yield from (("name", username), ("real_name", username))
    if isinstance(icons := message.get("icons"), dict):
        yield "icons", icons
    if (
        is_bot
        or message.get("subtype") == "bot_message"
        or (message.get("bot_profile") and not message.get("user_profile"))
    ):
        yield "is_bot", True
