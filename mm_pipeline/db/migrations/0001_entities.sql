-- The contract: everything the export knows, it knows from `entities`. Any parser may fill it.
CREATE TABLE entities (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace        text   NOT NULL,
    entity_type      text   NOT NULL CHECK (entity_type IN ('user', 'custom_emoji', 'attachment', 'channel', 'message', 'reaction')),
    slack_id         text   NOT NULL,
    raw_data         jsonb  NOT NULL,           -- the Slack object; U+0000 and lone surrogates removed
    status           text   NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'success', 'failed', 'skipped')),
    mattermost_id    text,
    error_message    text,
    raw_hash         text   NOT NULL,           -- of raw_data as it was staged
    sent_hash        text,                      -- raw_hash at the time of success; differs = changed since
    content_sha256   text,                      -- bytes fetched and verified: prepared
    origin           text   CHECK (origin IN ('created', 'matched')),
    target_name      text,                      -- what the plan calls it on the server
    channel_slack_id text,
    parent_slack_id  text,
    user_slack_id    text,
    create_at        bigint,                    -- ms, unique within its channel for messages
    shard            smallint NOT NULL,         -- 0-1023
    attempts         smallint NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace, entity_type, slack_id)
) WITH (fillfactor = 85);                       -- room for status updates on the same page

-- What hangs on a message (replies, files, reactions) is found by its parent.
CREATE INDEX entities_by_parent ON entities (parent_slack_id, entity_type) WHERE parent_slack_id IS NOT NULL;

-- What was decided about an entity beyond its name: the plan's choices, stored once and shown (e-mail, memberships ...).
CREATE TABLE plans (
    workspace   text NOT NULL,
    entity_type text NOT NULL,
    slack_id    text NOT NULL,
    decision    jsonb NOT NULL,
    PRIMARY KEY (workspace, entity_type, slack_id)
);

-- The one server and team a workspace goes to, and how many workers the run that holds work has.
CREATE TABLE targets (
    workspace      text PRIMARY KEY,
    server_id      text NOT NULL,
    team_id        text NOT NULL,
    url            text NOT NULL,
    export_workers integer
);

-- What was sent to the server as import jobs, so that a half-sent job is found again, not repeated.
CREATE TABLE import_jobs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    server_id   text NOT NULL,
    import_file text NOT NULL,                  -- <upload session>_<name>; what the server calls the archive
    job_id      text,
    status      text NOT NULL,                  -- uploaded, sent, success, error, lost
    error       text,
    lines       integer NOT NULL,
    bytes       bigint NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz
);

-- Server settings changed for the run, with the values to put back.
CREATE TABLE server_settings (
    server_id text NOT NULL,
    name      text NOT NULL,                    -- Section.Key
    old_value jsonb NOT NULL,
    PRIMARY KEY (server_id, name)
);

-- What finish still has to do, so that a run that was killed before it is finished by the next one.
CREATE TABLE finishing (
    server_id text NOT NULL,
    task      text NOT NULL,                    -- mark_read, remove_post ...
    object_id text NOT NULL,
    PRIMARY KEY (server_id, task, object_id)
);

-- Posts that exist for a part of a row: the rest of a split text, files beyond ten.
CREATE TABLE derived_posts (
    id            bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    workspace     text NOT NULL,
    slack_id      text NOT NULL,                -- the message
    part          integer NOT NULL,             -- 1, 2 ...
    create_at     bigint NOT NULL,              -- ms
    mattermost_id text,
    PRIMARY KEY (workspace, slack_id, part)
);

-- How long each step of a run took and what it did, for the result table.
CREATE TABLE steps (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace  text NOT NULL,
    step       text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    rows       integer NOT NULL DEFAULT 0
);
