-- $1: a JSON list of channels. As of a line of an import: nobody is in them yet, and nothing was said.
INSERT INTO channels (
    id, createat, updateat, deleteat, teamid, type, displayname, name, header, purpose,
    lastpostat, totalmsgcount, extraupdateat, creatorid, schemeid, groupconstrained, shared, totalmsgcountroot, lastrootpostat
)
SELECT
    id, createat, updateat, 0, teamid, type::channel_type, displayname, name, header, purpose,
    0, 0, 0, creatorid, NULL, NULL, shared, 0, 0
FROM json_to_recordset($1::json) AS row(
    id text, createat bigint, updateat bigint, teamid text, type text, displayname text, name text, header text, purpose text,
    creatorid text, shared boolean
)
