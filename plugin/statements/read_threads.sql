-- $1: a JSON list of ids of channels, $2: as of read_channels, $3: now in ms.
UPDATE threadmemberships AS member
SET lastviewed = greatest(member.lastviewed, threads.lastreplyat), unreadmentions = 0, lastupdated = $3::bigint
FROM threads
WHERE threads.postid = member.postid AND member.following
  AND threads.channelid IN (SELECT json_array_elements_text($1::json))
  AND (member.lastviewed < threads.lastreplyat OR member.unreadmentions > 0)
  AND (threads.channelid, member.userid) NOT IN (
      SELECT channel_id, user_id FROM json_to_recordset($2::json) AS keep(channel_id text, user_id text)
  )
