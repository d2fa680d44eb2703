-- post id -> all its reactions as [[user id, emoji name], ...], and whether some of them are new ($2, ms) and others are not,
-- of posts that were there before ($1: a JSON list of ids).
SELECT coalesce(json_object_agg(postid, json_build_object('pairs', pairs, 'has_further', has_new AND has_old)), '{}')
FROM (
    SELECT postid, json_agg(json_build_array(userid, emojiname)) AS pairs,
           bool_or(updateat = $2) AS has_new, bool_or(updateat IS DISTINCT FROM $2) AS has_old
    FROM reactions
    WHERE postid IN (SELECT json_array_elements_text($1::json)) AND coalesce(deleteat, 0) = 0
    GROUP BY postid
) AS of_post
