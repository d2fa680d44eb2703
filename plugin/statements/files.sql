-- $1: a JSON list of files that are known to be free, with the posts that they hang on. Their times are their posts', and pictures but GIFs have a
-- preview, as the import job says.
UPDATE fileinfo
SET postid = row.postid, channelid = row.channelid, creatorid = row.userid, createat = row.createat, updateat = row.createat,
    haspreviewimage = fileinfo.previewpath <> '' AND fileinfo.mimetype <> 'image/gif'
FROM json_to_recordset($1::json) AS row(id text, postid text, channelid text, userid text, createat bigint)
WHERE fileinfo.id = row.id
