-- The rows of what came through the plugin and hangs on no post.
DELETE FROM uploadsessions USING mm_pipeline_files AS came WHERE came.id = uploadsessions.id;
DELETE FROM fileinfo USING mm_pipeline_files AS came
WHERE came.id = fileinfo.id AND fileinfo.postid = '' AND fileinfo.deleteat = 0
