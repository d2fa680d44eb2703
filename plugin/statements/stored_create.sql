-- Which post came of which message of Slack: a batch that is sent again finds its posts here, and costs a look-up.
CREATE TABLE IF NOT EXISTS mm_pipeline_posts (
    identity varchar(190) PRIMARY KEY,
    postid varchar(26) NOT NULL
)
