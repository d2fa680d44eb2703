-- $1: a JSON list of {identity, id}. An entry that is there leads to a post that is gone.
INSERT INTO mm_pipeline_posts (identity, postid)
SELECT identity, id FROM json_to_recordset($1::json) AS row(identity text, id text)
ON CONFLICT (identity) DO UPDATE SET postid = excluded.postid
