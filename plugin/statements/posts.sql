-- $1: a JSON list of posts. The import job writes the same: no file names, no remote id, nothing deleted.
INSERT INTO posts (
    id, createat, updateat, editat, deleteat, ispinned, userid, channelid, rootid, originalid,
    message, type, props, hashtags, filenames, fileids, hasreactions, remoteid
)
SELECT
    id, createat, updateat, editat, 0, ispinned, userid, channelid, rootid, '',
    message, type, props, hashtags, '[]', fileids, hasreactions, NULL
FROM json_to_recordset($1::json) AS row(
    id text, createat bigint, updateat bigint, editat bigint, ispinned boolean, userid text, channelid text, rootid text,
    message text, type text, props jsonb, hashtags text, fileids text, hasreactions boolean
)
