-- $1: a JSON list of {postid, lastreplyat} of threads that were there before and have got replies.
UPDATE posts SET updateat = row.lastreplyat
FROM json_to_recordset($1::json) AS row(postid text, lastreplyat bigint)
WHERE posts.id = row.postid
