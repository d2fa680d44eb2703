"""The seam to Mattermost: one Protocol (api.py) and what implements it. Knows no Slack and no rows."""
