-- $1: a JSON list of followers, $2: now in ms. Who follows a thread already goes on as he does.
INSERT INTO threadmemberships (postid, userid, following, lastviewed, lastupdated, unreadmentions)
SELECT postid, userid, TRUE, lastviewed, $2::bigint, 0
FROM json_to_recordset($1::json) AS row(postid text, userid text, lastviewed bigint)
ON CONFLICT (postid, userid) DO NOTHING
