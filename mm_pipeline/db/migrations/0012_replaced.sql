-- When an export was staged; its new rows were created at that very moment. NULL: by a version that did not keep it.
ALTER TABLE staged_exports ADD COLUMN staged_at timestamptz;

-- What an export took the place of when it was staged, so that it can be taken back as long as nothing of it was sent.
CREATE TABLE replaced (
    workspace       text NOT NULL,
    staged_at       timestamptz NOT NULL,
    entity_id       bigint NOT NULL,
    raw_data        jsonb NOT NULL,
    raw_hash        text NOT NULL,
    parent_slack_id text,
    user_slack_id   text,
    sent_data       jsonb,
    PRIMARY KEY (workspace, staged_at, entity_id)
);
