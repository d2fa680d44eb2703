-- Where posts for absent roots go next time, because one lies deleted at the root's own ms.
CREATE TABLE stand_ins (
    workspace text   NOT NULL,
    slack_id  text   NOT NULL,                  -- the message that is absent
    create_at bigint NOT NULL,                  -- ms
    PRIMARY KEY (workspace, slack_id)
);
