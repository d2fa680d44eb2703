"""Conversations that are not as Slack had them: left out, merged, under another name or kind, and why. Decides nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.model import EntityType
from mm_pipeline.nouns import counted, verb
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.report.result import text_table

if TYPE_CHECKING:
    import pandas as pd

#: Lines in the terminal; `mm-pipeline plan --csv` has all.
_SHOWN = 20
_HEAD = ["in Slack", "in Mattermost", "why"]
_KINDS = {
    ChannelKind.PUBLIC: "public",
    ChannelKind.PRIVATE: "private",
    ChannelKind.DIRECT: "direct",
    ChannelKind.GROUP: "group",
}


def changed_channels(store: EntityStore) -> list[list[str]]:
    """Return [Slack's name, what it is in Mattermost, why] of each conversation about which the plan says something.

    What a setting leaves out is what nobody waits for: its reason says it, and no name of it.
    """
    chosen_out = store.left_out(EntityType.CHANNEL)
    found = (msgspec.json.decode(text, type=ChannelDecision) for _, text in store.decisions(EntityType.CHANNEL))
    return [
        [one.slack_name or one.slack_id, becomes(one), one.skip or one.note]
        for one in found
        if (one.skip or one.note) and one.slack_id not in chosen_out
    ]


def channels_text(rows: Sequence[list[str]], width: int | None = None) -> str:
    """Return these as a table for a terminal, the first ones if they are many; "" without any.

    It is wrapped at `width` columns, or not at all (None).
    """
    if not rows:
        return ""
    more = f"\n... and {len(rows) - _SHOWN} more: `mm-pipeline plan --csv FILE` has all" if len(rows) > _SHOWN else ""
    what = counted(len(rows), "conversation is", "conversations are")
    return (
        f"{what} not as Slack had {verb(len(rows), 'it', 'them')}:\n{text_table(_HEAD, [*rows[:_SHOWN]], width)}{more}"
    )


def channels_frame(store: EntityStore) -> "pd.DataFrame":
    """Return all of them, for Dagster's metadata."""
    import pandas as pd

    return pd.DataFrame(changed_channels(store), columns=_HEAD)


def becomes(one: ChannelDecision) -> str:
    """Return what a conversation is in Mattermost, in words."""
    if one.skip:
        return "nothing"
    return f"{_KINDS[one.kind]}: {one.called or one.name or ', '.join(one.members)}"
