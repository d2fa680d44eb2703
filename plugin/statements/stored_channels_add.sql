-- $1: a JSON list of {identity, id}. An entry that is there leads to a channel that is gone, archived, or called
-- otherwise by now.
INSERT INTO mm_pipeline_channels (identity, channelid)
SELECT identity, id FROM json_to_recordset($1::json) AS row(identity text, id text)
ON CONFLICT (identity) DO UPDATE SET channelid = excluded.channelid
