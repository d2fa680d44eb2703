-- Who had read a thread to its end has read what comes into it now. $1: as of grown_roots, $2: now in ms. Goes before threads.
UPDATE threadmemberships AS member
SET lastviewed = greatest(row.lastreplyat, member.lastviewed), lastupdated = $2::bigint
FROM json_to_recordset($1::json) AS row(postid text, lastreplyat bigint)
JOIN threads ON threads.postid = row.postid
WHERE member.postid = row.postid AND member.lastviewed >= threads.lastreplyat AND member.unreadmentions = 0
