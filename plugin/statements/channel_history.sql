-- $1: as of channel_members, $2: now in ms. Who is in a channel already joins nothing. Goes before channel_members.
INSERT INTO channelmemberhistory (channelid, userid, jointime)
SELECT row.channelid, row.userid, $2::bigint
FROM json_to_recordset($1::json) AS row(channelid text, userid text)
WHERE NOT EXISTS (
    SELECT 1 FROM channelmembers AS member WHERE member.channelid = row.channelid AND member.userid = row.userid
)
ON CONFLICT (channelid, userid, jointime) DO NOTHING
