-- $1: a JSON list of ids of channels, $2: one of {channel_id, user_id} of those who keep what is unread. As the server does it
-- when somebody marks a channel read.
UPDATE channelmembers AS member
SET mentioncount = 0, mentioncountroot = 0, urgentmentioncount = 0,
    msgcount = greatest(member.msgcount, channels.totalmsgcount),
    msgcountroot = greatest(member.msgcountroot, channels.totalmsgcountroot),
    lastviewedat = greatest(member.lastviewedat, channels.lastpostat),
    lastupdateat = greatest(member.lastviewedat, channels.lastpostat)
FROM channels
WHERE channels.id = member.channelid
  AND channels.id IN (SELECT json_array_elements_text($1::json))
  AND (
      member.msgcount < channels.totalmsgcount OR member.msgcountroot < channels.totalmsgcountroot
      OR member.mentioncount > 0 OR member.mentioncountroot > 0 OR member.urgentmentioncount > 0
  )
  AND (member.channelid, member.userid) NOT IN (
      SELECT channel_id, user_id FROM json_to_recordset($2::json) AS keep(channel_id text, user_id text)
  )
