"""Custom emoji by REST: the import job would give them no creator. Never replaces the picture of one that is there."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

import msgspec

from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import MADE_EMOJI
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewEmoji
from mm_pipeline.mattermost.rest import Rest

_DUPLICATE = "api.emoji.create.duplicate.app_error"


def emoji_names(rest: Rest) -> set[str]:
    """Return the names of the server's custom emoji; none where they are switched off."""
    try:
        return {emoji["name"] for emoji in rest.pages("/emoji")}
    except ApiError as refused:
        if "disabled" not in refused.error_id:
            raise
        return set()


def create_all(rest: Rest, journal: Journal, emoji: Iterable[NewEmoji]) -> Iterator[Done | Refused]:
    """Create custom emoji, and remember which of them are ours: those made here, now or by a run that was killed."""
    ours = set(journal.owed(MADE_EMOJI))
    for one in emoji:
        journal.owe(MADE_EMOJI, [one.name])
        outcome = create_emoji(rest, one)
        if one.name not in ours and not (isinstance(outcome, Done) and outcome.answer is Answer.CREATED):
            journal.paid(MADE_EMOJI, [one.name])
        yield outcome


def create_emoji(rest: Rest, emoji: NewEmoji) -> Done | Refused:
    """Create a custom emoji; one whose name the server has is left as it is."""
    about = msgspec.json.encode({"creator_id": emoji.creator_id, "name": emoji.name}).decode()
    picture = (emoji.filename, emoji.image.read_bytes())
    try:
        made = rest.http.multipart("/emoji", {"emoji": about}, {"image": picture})
    except ApiError as refused:
        if refused.error_id != _DUPLICATE:
            return Refused(key=emoji.key, error=refused)
    else:
        return Done(key=emoji.key, answer=Answer.CREATED, id=made["id"])
    there = rest.http.get(f"/emoji/name/{quote(emoji.name, safe='')}")
    return Done(key=emoji.key, answer=Answer.EXISTED, id=there["id"])
