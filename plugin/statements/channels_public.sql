-- The list in which people look for channels to join, of some channels ($1: a JSON list of ids), as they are now.
WITH gone AS (
    DELETE FROM publicchannels
    WHERE id IN (SELECT id FROM channels WHERE id IN (SELECT json_array_elements_text($1::json)) AND type <> 'O')
)
INSERT INTO publicchannels (id, deleteat, teamid, displayname, name, header, purpose)
SELECT id, deleteat, teamid, displayname, name, header, purpose
FROM channels
WHERE id IN (SELECT json_array_elements_text($1::json)) AND type = 'O'
ON CONFLICT (id) DO UPDATE SET
    deleteat = excluded.deleteat, teamid = excluded.teamid, displayname = excluded.displayname, name = excluded.name,
    header = excluded.header, purpose = excluded.purpose
