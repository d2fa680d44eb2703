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
