-- What comes in is read by everybody; what somebody had not read before stays so. $1: a JSON list of channels with what
-- they get, $2: now in ms. Goes before channels: who has read all is told by their totals.
UPDATE channelmembers AS member
SET msgcount = member.msgcount + row.posts,
    msgcountroot = coalesce(member.msgcountroot, 0) + row.roots,
    lastviewedat = CASE
        WHEN member.msgcount >= channels.totalmsgcount AND member.mentioncount = 0
        THEN greatest(member.lastviewedat, row.lastpostat)
        ELSE member.lastviewedat
    END,
    lastupdateat = $2::bigint
FROM json_to_recordset($1::json) AS row(
    id text, posts bigint, roots bigint, lastpostat bigint, lastrootpostat bigint
)
JOIN channels ON channels.id = row.id
WHERE member.channelid = row.id
