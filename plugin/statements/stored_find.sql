-- identity -> post id of those that were brought before ($1: a JSON list) and are there still: a post that was deleted
-- for good since is to come again.
SELECT coalesce(json_object_agg(stored.identity, stored.postid), '{}')
FROM mm_pipeline_posts AS stored
JOIN posts ON posts.id = stored.postid
WHERE stored.identity IN (SELECT json_array_elements_text($1::json))
