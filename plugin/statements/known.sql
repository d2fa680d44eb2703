-- What a batch refers to, and the server has. $1: users, $2: channels, $3: posts, $4: files, each a JSON list of ids. Of
-- the files only those that came through the plugin and hang on no post, or on one that was deleted for good.
SELECT json_build_object(
    'users', (
        SELECT coalesce(json_agg(id), '[]') FROM users WHERE id IN (SELECT json_array_elements_text($1::json))
    ),
    'channels', (
        SELECT coalesce(json_agg(id), '[]') FROM channels WHERE id IN (SELECT json_array_elements_text($2::json))
    ),
    'posts', (
        SELECT coalesce(json_agg(json_build_object(
            'id', id, 'channel_id', channelid, 'root_id', rootid, 'create_at', createat
        )), '[]')
        FROM posts WHERE id IN (SELECT json_array_elements_text($3::json)) AND deleteat = 0
    ),
    'files', (
        SELECT coalesce(json_agg(fileinfo.id), '[]')
        FROM fileinfo JOIN mm_pipeline_files AS came ON came.id = fileinfo.id
        WHERE fileinfo.id IN (SELECT json_array_elements_text($4::json)) AND fileinfo.deleteat = 0
          AND (fileinfo.postid = '' OR NOT EXISTS (SELECT 1 FROM posts WHERE posts.id = fileinfo.postid))
    )
)
