"""PostgreSQL: the rows, their statuses, the journal. Knows no Slack and no Mattermost."""
