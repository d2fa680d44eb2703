"""A Slack export (zip or folder) becomes rows of `entities`. Knows nothing of Mattermost."""

from mm_pipeline.staging.difference import Change, ChannelDifference, Difference, compare
from mm_pipeline.staging.emoji_rows import emoji_of_downloads, emoji_of_slack, stage_emoji
from mm_pipeline.staging.export_reader import ExportReader
from mm_pipeline.staging.inbox import Inbox, Incoming, is_staged, look_into
from mm_pipeline.staging.staged import Staged, preflight, stage
from mm_pipeline.staging.taking_back import TakenBack, take_back
from mm_pipeline.staging.workspace import export_workspace

__all__ = [
    "Change",
    "ChannelDifference",
    "Difference",
    "ExportReader",
    "Inbox",
    "Incoming",
    "Staged",
    "TakenBack",
    "compare",
    "emoji_of_downloads",
    "emoji_of_slack",
    "export_workspace",
    "is_staged",
    "look_into",
    "preflight",
    "stage",
    "stage_emoji",
    "take_back",
]
