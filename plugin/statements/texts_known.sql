-- Posts ($1: a JSON list of ids) that are there, with their texts.
SELECT coalesce(json_object_agg(id, json_build_object(
    'message', message, 'root_id', coalesce(rootid, ''), 'edit_at', editat
)), '{}')
FROM posts
WHERE id IN (SELECT json_array_elements_text($1::json)) AND deleteat = 0
