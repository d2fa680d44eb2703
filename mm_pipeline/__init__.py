"""Moves a Slack workspace, staged as rows in PostgreSQL, into a Mattermost server."""
