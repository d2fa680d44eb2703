-- $1: a JSON list of preferences.
INSERT INTO preferences (userid, category, name, value)
SELECT userid, category, name, value
FROM json_to_recordset($1::json) AS row(userid text, category text, name text, value text)
ON CONFLICT (userid, category, name) DO UPDATE SET value = excluded.value
