"""Under which emoji reactions stand on the server, and which of these have no picture there. Makes none."""

from collections import Counter
from collections.abc import Mapping

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.export.directory import Directory
from mm_pipeline.export.run import Run
from mm_pipeline.model import Status
from mm_pipeline.render.emoji import MATTERMOST_EMOJI, emoji_name

#: What the journal remembers: names that people reacted with and that the server has no picture of.
WITHOUT_PICTURE = "emoji_without_picture"


def emoji_in_use(store: EntityStore, directory: Directory, status: Status | None = None) -> Counter[str]:
    """Return Mattermost's names of the emoji of reactions -> how many reactions; all of them, or those in a state."""
    return in_use(store.reaction_names(status), directory)


def in_use(names: Mapping[str, int], directory: Directory) -> Counter[str]:
    """Return the same of Slack's names -> how many reactions."""
    used: Counter[str] = Counter()
    for slack_name, count in names.items():
        used[emoji_name(slack_name, directory.emoji)] += count
    return used


def remember_emoji_without_picture(run: Run) -> None:
    """Compare with what the server has: a reaction under a name that it lacks is there, but nobody sees a picture."""
    used = emoji_in_use(run.store, run.directory, Status.SUCCESS).keys() - MATTERMOST_EMOJI
    if used:
        there = run.api.emoji_names()
        run.journal.paid(WITHOUT_PICTURE, there.intersection(run.journal.owed(WITHOUT_PICTURE)))
        run.journal.owe(WITHOUT_PICTURE, used - there)
