-- Who holds a workspace's work up: no run begins, and one that is at work ends at its next safe point, until it is lifted.
CREATE TABLE pauses (
    workspace text PRIMARY KEY,
    paused_by text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT now(),
    lifted_at timestamptz
);

-- When the server began an import job: until then it waits for its turn.
ALTER TABLE import_jobs ADD COLUMN began_at timestamptz;
