-- What a batch of accounts refers to, and the server has. $1: the team; JSON lists: $2: usernames, $3: e-mails, $4: channels,
-- $5: identities.
SELECT json_build_object(
    'has_team', EXISTS (SELECT 1 FROM teams WHERE id = $1 AND deleteat = 0),
    'team_members', (
        SELECT count(*) FROM teammembers AS member JOIN users ON users.id = member.userid
        WHERE member.teamid = $1 AND member.deleteat = 0 AND users.deleteat = 0
    ),
    'usernames', (
        SELECT coalesce(json_agg(username), '[]') FROM users WHERE username IN (SELECT json_array_elements_text($2::json))
    ),
    'emails', (
        SELECT coalesce(json_agg(email), '[]') FROM users WHERE email IN (SELECT json_array_elements_text($3::json))
    ),
    'channel_ids', (
        SELECT coalesce(json_agg(id), '[]') FROM channels
        WHERE id IN (SELECT json_array_elements_text($4::json)) AND teamid = $1
    ),
    'stored', (
        SELECT coalesce(json_object_agg(stored.identity, json_build_object('id', users.id, 'username', users.username)), '{}')
        FROM mm_pipeline_accounts AS stored JOIN users ON users.id = stored.userid
        WHERE stored.identity IN (SELECT json_array_elements_text($5::json))
    )
)
