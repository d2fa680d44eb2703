"""Slack text -> Mattermost Markdown: pure functions. Knows no database, no HTTP, no Dagster."""
