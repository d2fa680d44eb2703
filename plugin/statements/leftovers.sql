-- What came through the plugin and hangs on no post: where its bytes lie, and some open channel.
SELECT json_build_object(
    'open', (SELECT id FROM channels WHERE type = 'O' AND deleteat = 0 LIMIT 1),
    'paths', (
        SELECT coalesce(json_agg(path), '[]') FROM (
            SELECT came.path FROM mm_pipeline_files AS came
            WHERE EXISTS (SELECT FROM uploadsessions WHERE uploadsessions.id = came.id)
              AND NOT EXISTS (SELECT FROM fileinfo WHERE fileinfo.id = came.id)
            UNION ALL
            SELECT unnest(ARRAY[fileinfo.path, fileinfo.previewpath, fileinfo.thumbnailpath])
            FROM fileinfo JOIN mm_pipeline_files AS came ON came.id = fileinfo.id
            WHERE fileinfo.postid = '' AND fileinfo.deleteat = 0
        ) AS lying WHERE path <> ''
    )
)
