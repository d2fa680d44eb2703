-- $1: identity, $2: id, $3: path, $4: channel. An upload that the server has forgotten begins anew.
INSERT INTO mm_pipeline_files (identity, id, path, channelid) VALUES ($1, $2, $3, $4)
ON CONFLICT (identity) DO UPDATE SET id = excluded.id, path = excluded.path, channelid = excluded.channelid
