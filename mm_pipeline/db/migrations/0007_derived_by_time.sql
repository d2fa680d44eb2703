-- Parts of messages by time: each new one looks for a ms that is free.
CREATE INDEX derived_posts_by_time ON derived_posts (workspace, create_at);
