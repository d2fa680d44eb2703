-- Tokens that stood in the export's file URLs, apart from raw_data: needed to fetch files, cleared by finish.
CREATE TABLE export_tokens (
    workspace text NOT NULL,
    token     text NOT NULL,
    PRIMARY KEY (workspace, token)
);

-- A channel's messages by time: a newer export's messages avoid the ms that are taken.
CREATE INDEX entities_by_channel ON entities (workspace, channel_slack_id, create_at) WHERE entity_type = 'message';
