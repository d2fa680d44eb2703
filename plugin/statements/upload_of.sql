-- The team of a channel ($1), and some open channel, if there is a person $2.
SELECT coalesce(json_agg(json_build_object(
    'team_id', channels.teamid,
    'open', (SELECT id FROM channels AS open WHERE open.type = 'O' AND open.deleteat = 0 LIMIT 1)
)), '[]')
FROM channels WHERE channels.id = $1 AND EXISTS (SELECT 1 FROM users WHERE users.id = $2)
