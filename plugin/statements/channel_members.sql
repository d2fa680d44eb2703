-- $1: a JSON list of people who join channels, $2: now in ms, $3: how people are notified who have chosen nothing. They find
-- everything read that is there; where nothing is, they have looked at nothing.
INSERT INTO channelmembers (
    channelid, userid, roles, lastviewedat, msgcount, mentioncount, notifyprops, lastupdateat,
    schemeuser, schemeadmin, mentioncountroot, msgcountroot, schemeguest, urgentmentioncount
)
SELECT
    row.channelid, row.userid, '', CASE WHEN channels.totalmsgcount > 0 THEN channels.lastpostat ELSE 0 END,
    channels.totalmsgcount, 0, $3::jsonb, $2::bigint, NOT row.isguest, FALSE, 0, coalesce(channels.totalmsgcountroot, 0), row.isguest, 0
FROM json_to_recordset($1::json) AS row(channelid text, userid text, isguest boolean)
JOIN channels ON channels.id = row.channelid
ON CONFLICT (channelid, userid) DO NOTHING
