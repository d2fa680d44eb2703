-- $1: a JSON list of {id, fileids} of posts, $2: now in ms.
UPDATE posts SET fileids = row.fileids, updateat = $2::bigint
FROM json_to_recordset($1::json) AS row(id text, fileids text)
WHERE posts.id = row.id
