-- What came of what in Slack: posts of messages, files, accounts of people, channels. What is sent again is found here, for
-- a look-up.
SELECT pg_advisory_xact_lock(hashtext('com.mm-pipeline.importer makes its tables'));
CREATE TABLE IF NOT EXISTS mm_pipeline_posts (
    identity varchar(190) PRIMARY KEY,
    postid varchar(26) NOT NULL
);
CREATE TABLE IF NOT EXISTS mm_pipeline_files (
    identity varchar(190) PRIMARY KEY,
    id varchar(26) NOT NULL,
    path varchar(512) NOT NULL,
    channelid varchar(26) NOT NULL
);
-- Whether more of the file may lie there than the server knows of.
ALTER TABLE mm_pipeline_files ADD COLUMN IF NOT EXISTS isdoubtful boolean NOT NULL DEFAULT false;
CREATE INDEX IF NOT EXISTS mm_pipeline_files_id ON mm_pipeline_files (id);
CREATE TABLE IF NOT EXISTS mm_pipeline_accounts (
    identity varchar(190) PRIMARY KEY,
    userid varchar(26) NOT NULL
);
CREATE TABLE IF NOT EXISTS mm_pipeline_channels (
    identity varchar(190) PRIMARY KEY,
    channelid varchar(26) NOT NULL
);
CREATE TABLE IF NOT EXISTS mm_pipeline_turns (
    name varchar(190) PRIMARY KEY,
    turn bigint NOT NULL
)
