-- $1: a JSON list of {channel_id, user_id}, $2: as of read_channels.
UPDATE channelmembers AS member
SET mentioncount = 0, mentioncountroot = 0, urgentmentioncount = 0,
    msgcount = greatest(member.msgcount, channels.totalmsgcount),
    msgcountroot = greatest(member.msgcountroot, channels.totalmsgcountroot),
    lastviewedat = greatest(member.lastviewedat, channels.lastpostat),
    lastupdateat = greatest(member.lastviewedat, channels.lastpostat)
FROM json_to_recordset($1::json) AS row(channel_id text, user_id text)
JOIN channels ON channels.id = row.channel_id
WHERE member.channelid = row.channel_id AND member.userid = row.user_id
  AND (
      member.msgcount < channels.totalmsgcount OR member.msgcountroot < channels.totalmsgcountroot
      OR member.mentioncount > 0 OR member.mentioncountroot > 0 OR member.urgentmentioncount > 0
  )
  AND (member.channelid, member.userid) NOT IN (
      SELECT channel_id, user_id FROM json_to_recordset($2::json) AS keep(channel_id text, user_id text)
  )
