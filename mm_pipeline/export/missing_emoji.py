"""Slack's newer standard emoji that Mattermost lacks become custom emoji of those very names, where people reacted with them.

They are no rows: Slack exported none. Texts need none of them: the character itself stands there.
"""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.content.noto_emoji import noto_picture
from mm_pipeline.export.emoji_in_use import emoji_in_use
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import NewEmoji
from mm_pipeline.render.emoji import MISSING_EMOJI


def missing_emoji(run: Run) -> list[NewEmoji]:
    """Return the emoji that reactions need, with our pictures. A custom emoji of the workspace goes before them."""
    own = {decision.name for decision in run.directory.emoji_decisions.values() if not decision.alias_of}
    needed = emoji_in_use(run.store, run.directory).keys() & MISSING_EMOJI.keys() - own
    pictures = [(name, picture) for name in sorted(needed) if (picture := noto_picture(name))]
    return [
        # Negative: there is no row that it was made from.
        NewEmoji(key=-number, name=name, creator_id=run.mm_user_id, image=picture, filename=picture.name)
        for number, (name, picture) in enumerate(pictures, 1)
    ]


def create_missing_emoji(run: Run) -> None:
    """Create those that the server lacks. One that is refused is said in the log, and in the report as long as it lacks."""
    needed = missing_emoji(run)
    there = run.api.emoji_names() if needed else set()
    lacking = {emoji.key: emoji for emoji in needed if emoji.name not in there}
    refused = [outcome for outcome in run.api.create_emoji(lacking.values()) if isinstance(outcome, Refused)]
    for outcome in refused:
        backend_logger.warning("reactions with :%s: have no picture: %s", lacking[outcome.key].name, outcome.error)
    if made := len(lacking) - len(refused):
        was = "was" if made == 1 else "were"
        backend_logger.info("%d of Slack's standard emoji that Mattermost lacks %s made as custom emoji", made, was)
