-- Exports that are staged already, so that a run that is repeated need not read them again.
CREATE TABLE staged_exports (
    workspace   text NOT NULL,
    fingerprint text NOT NULL,
    result      jsonb NOT NULL,                 -- what the staging said
    PRIMARY KEY (workspace, fingerprint)
);
