-- $1: a JSON list of reactions, $2: now in ms. One that somebody took back comes again, as with the import job.
INSERT INTO reactions (userid, postid, emojiname, createat, updateat, deleteat, remoteid, channelid)
SELECT userid, postid, emojiname, createat, $2::bigint, 0, '', channelid
FROM json_to_recordset($1::json) AS row(userid text, postid text, emojiname text, createat bigint, channelid text)
ON CONFLICT (userid, postid, emojiname)
DO UPDATE SET updateat = excluded.updateat, deleteat = 0 WHERE reactions.deleteat <> 0
