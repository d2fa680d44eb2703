-- The file of an identity ($1) or of an id ($2): it is done when the server has it.
SELECT coalesce(json_agg(json_build_object(
    'id', id,
    'path', path,
    'channel_id', channelid,
    'is_doubtful', isdoubtful,
    'is_done', EXISTS (SELECT 1 FROM fileinfo WHERE fileinfo.id = mm_pipeline_files.id AND deleteat = 0)
)), '[]')
FROM mm_pipeline_files WHERE identity = $1 OR id = $2
