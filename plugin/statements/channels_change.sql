-- $1: a JSON list of channels with what they are to have anew (null: stays), $2: now in ms. What is private, or became so in
-- this very moment, is opened by people alone.
UPDATE channels
SET type = CASE WHEN channels.type = 'P' THEN channels.type ELSE coalesce(row.type::channel_type, channels.type) END,
    displayname = coalesce(row.displayname, channels.displayname),
    header = coalesce(row.header, channels.header),
    purpose = coalesce(row.purpose, channels.purpose),
    creatorid = CASE WHEN coalesce(channels.creatorid, '') = '' THEN row.creatorid ELSE channels.creatorid END,
    createat = CASE WHEN row.createat > 0 THEN row.createat ELSE channels.createat END,
    deleteat = CASE WHEN row.archive THEN $2::bigint ELSE channels.deleteat END,
    updateat = $2::bigint
FROM json_to_recordset($1::json) AS row(
    id text, type text, displayname text, header text, purpose text, creatorid text, createat bigint, archive boolean
)
WHERE channels.id = row.id
