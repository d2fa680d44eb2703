-- name -> how often it was written ($1: a JSON list of names); those that never were are absent.
SELECT coalesce(json_object_agg(name, turn), '{}')
FROM mm_pipeline_turns WHERE name IN (SELECT json_array_elements_text($1::json))
