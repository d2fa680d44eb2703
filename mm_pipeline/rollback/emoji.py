"""The custom emoji that we made, and which of them people have used since: those stay. Changes nothing."""

from collections.abc import Sequence

from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import MADE_EMOJI
from mm_pipeline.model import EntityType, Fate
from mm_pipeline.render.emoji import MISSING_EMOJI
from mm_pipeline.rollback.things import HELD, ChannelThing, Thing


def own_emoji(
    api: MattermostAPI, journal: Journal, store: RollbackStore, channels: Sequence[ChannelThing]
) -> list[Thing]:
    """Return the emoji that we made and that are there. channels: where people may have used them."""
    rows = {row.target_name: row for row in store.heads(EntityType.CUSTOM_EMOJI) if row.target_name}
    names = [name for name in journal.owed(MADE_EMOJI) if name in rows or name in MISSING_EMOJI]
    there = api.own_emoji(names)
    held = store.held_by_others(there.values())
    used = frozenset[str]().union(*(one.room.emoji for one in channels))
    found = []
    for name, emoji_id in there.items():
        why = HELD if emoji_id in held else "people used it since" if name in used else ""
        row_ids = (rows[name].id,) if name in rows else ()
        found.append(Thing(id=emoji_id, name=name, fate=Fate.KEPT if why else Fate.HIDDEN, why=why, rows=row_ids))
    return found
