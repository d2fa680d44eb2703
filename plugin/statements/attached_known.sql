-- Posts ($1: a JSON list of ids) that are there, with the files that they have; and of some files ($2) those that came through
-- the plugin and hang on no post, on one that was deleted for good, or on one of these.
SELECT json_build_object(
    'posts', (
        SELECT coalesce(json_object_agg(id, json_build_object(
            'channel_id', channelid, 'user_id', userid, 'create_at', createat, 'file_ids', coalesce(nullif(fileids, ''), '[]')::json
        )), '{}')
        FROM posts WHERE id IN (SELECT json_array_elements_text($1::json)) AND deleteat = 0
    ),
    'files', (
        SELECT coalesce(json_object_agg(fileinfo.id, CASE WHEN posts.id IS NULL THEN '' ELSE posts.id END), '{}')
        FROM fileinfo
        JOIN mm_pipeline_files AS came ON came.id = fileinfo.id
        LEFT JOIN posts ON posts.id = fileinfo.postid
        WHERE fileinfo.id IN (SELECT json_array_elements_text($2::json)) AND fileinfo.deleteat = 0
    )
)
