-- post id -> [[user id, emoji name], ...] of posts that were there before ($1: a JSON list of ids).
SELECT coalesce(json_object_agg(postid, pairs), '{}')
FROM (
    SELECT postid, json_agg(json_build_array(userid, emojiname)) AS pairs
    FROM reactions
    WHERE postid IN (SELECT json_array_elements_text($1::json)) AND coalesce(deleteat, 0) = 0
    GROUP BY postid
) AS of_post
