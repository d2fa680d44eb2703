-- $1: a JSON list of {identity, id}. An entry that is there leads to an account that is gone, or is called otherwise by now.
INSERT INTO mm_pipeline_accounts (identity, userid)
SELECT identity, id FROM json_to_recordset($1::json) AS row(identity text, id text)
ON CONFLICT (identity) DO UPDATE SET userid = excluded.userid
