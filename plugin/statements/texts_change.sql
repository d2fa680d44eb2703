-- $1: a JSON list of posts with their new texts and those that they had, $2: now in ms.
UPDATE posts SET message = row.message, hashtags = row.hashtags, editat = row.editat, updateat = $2::bigint
FROM json_to_recordset($1::json) AS row(id text, message text, hashtags text, editat bigint, was text)
WHERE posts.id = row.id AND posts.message = row.was
