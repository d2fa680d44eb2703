-- $1: a JSON list of people who join the team $2, $3: now in ms. Who had left it comes back; who is in it stays as he is.
INSERT INTO teammembers (teamid, userid, roles, deleteat, schemeuser, schemeadmin, schemeguest, createat)
SELECT $2::text, userid, '', 0, NOT isguest, FALSE, isguest, $3::bigint
FROM json_to_recordset($1::json) AS row(userid text, isguest boolean)
ON CONFLICT (teamid, userid) DO UPDATE SET
    deleteat = 0, roles = '', schemeuser = excluded.schemeuser, schemeadmin = FALSE, schemeguest = excluded.schemeguest,
    createat = excluded.createat
WHERE teammembers.deleteat <> 0
