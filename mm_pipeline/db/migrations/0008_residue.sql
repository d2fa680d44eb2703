-- What of this pipeline's things is left on the server after it was taken back, and why: listed until it is gone.
CREATE TABLE residue (
    workspace text NOT NULL,
    kind      text NOT NULL,                    -- account, channel, post ...
    object_id text NOT NULL,
    name      text NOT NULL,
    fate      text NOT NULL,                    -- kept, closed, hidden, trace
    remains   text NOT NULL,                    -- a sentence: what is left, and why
    PRIMARY KEY (workspace, kind, object_id)
);

-- Where posts for absent roots go next time, because one lies deleted at the root's own ms.
CREATE TABLE stand_ins (
    workspace text   NOT NULL,
    slack_id  text   NOT NULL,                  -- the message that is absent
    create_at bigint NOT NULL,                  -- ms
    PRIMARY KEY (workspace, slack_id)
);
