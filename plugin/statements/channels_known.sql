-- What a batch of channels refers to, and the server has. $1: the team; JSON lists: $2: ids of channels, $3: names, $4: ids of
-- people, $5: identities. An archived channel of ours was taken back: the next one of its identity is another.
WITH named AS (
    SELECT id, name FROM channels
    WHERE name IN (SELECT json_array_elements_text($3::json)) AND teamid IN ($1, '')
), stored AS (
    SELECT stored.identity, channels.id
    FROM mm_pipeline_channels AS stored JOIN channels ON channels.id = stored.channelid
    WHERE stored.identity IN (SELECT json_array_elements_text($5::json)) AND channels.teamid = $1 AND channels.deleteat = 0
)
SELECT json_build_object(
    'has_team', EXISTS (SELECT 1 FROM teams WHERE id = $1 AND deleteat = 0),
    'team', (
        SELECT json_build_object(
            'allowed_domains', coalesce(alloweddomains, ''), 'is_group_constrained', coalesce(groupconstrained, FALSE)
        )
        FROM teams WHERE id = $1
    ),
    'team_members', (
        SELECT count(*) FROM teammembers AS member JOIN users ON users.id = member.userid
        WHERE member.teamid = $1 AND member.deleteat = 0 AND users.deleteat = 0
    ),
    'team_channels', (SELECT count(*) FROM channels WHERE teamid = $1 AND deleteat = 0 AND type IN ('O', 'P')),
    'people', (
        SELECT coalesce(json_object_agg(users.id, json_build_object(
            'username', users.username,
            'roles', coalesce(users.roles, ''),
            'email', coalesce(users.email, ''),
            'delete_at', users.deleteat,
            'is_bot', EXISTS (SELECT 1 FROM bots WHERE bots.userid = users.id),
            'is_in_its_groups', EXISTS (
                SELECT 1 FROM groupmembers AS member
                JOIN usergroups ON usergroups.id = member.groupid
                JOIN groupteams ON groupteams.groupid = member.groupid
                WHERE member.userid = users.id AND groupteams.teamid = $1
                AND member.deleteat = 0 AND usergroups.deleteat = 0 AND groupteams.deleteat = 0
            ),
            'is_in_team', EXISTS (
                SELECT 1 FROM teammembers AS member
                WHERE member.teamid = $1 AND member.userid = users.id AND member.deleteat = 0
            )
        )), '{}')
        FROM users WHERE id IN (SELECT json_array_elements_text($4::json))
    ),
    'channels', (
        SELECT coalesce(json_object_agg(id, json_build_object(
            'team_id', teamid,
            'type', type,
            'name', name,
            'delete_at', deleteat,
            'is_group_constrained', coalesce(groupconstrained, FALSE)
        )), '{}')
        FROM channels
        WHERE id IN (
            SELECT json_array_elements_text($2::json) UNION SELECT id FROM named UNION SELECT id FROM stored
        )
    ),
    'named', (SELECT coalesce(json_object_agg(name, id), '{}') FROM named),
    'stored', (SELECT coalesce(json_object_agg(identity, id), '{}') FROM stored)
)
