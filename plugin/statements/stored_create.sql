-- Which post came of which message of Slack, and which file of which: what is sent again is found here, for a look-up.
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
CREATE INDEX IF NOT EXISTS mm_pipeline_files_id ON mm_pipeline_files (id)
