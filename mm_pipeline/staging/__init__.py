"""A Slack export (zip or folder) becomes rows of `entities`. Knows nothing of Mattermost."""

from mm_pipeline.staging.emoji_rows import stage_emoji
from mm_pipeline.staging.export_reader import ExportReader, export_workspace
from mm_pipeline.staging.staged import Staged, preflight, stage

__all__ = ["ExportReader", "Staged", "export_workspace", "preflight", "stage", "stage_emoji"]
