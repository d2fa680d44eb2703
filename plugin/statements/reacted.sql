-- Those of some posts that were there before ($1: a JSON list of ids) which have got reactions now ($2, ms), and none that
-- they had already.
UPDATE posts SET hasreactions = TRUE, updateat = $2::bigint
WHERE id IN (SELECT json_array_elements_text($1::json))
  AND EXISTS (SELECT 1 FROM reactions WHERE reactions.postid = posts.id AND reactions.updateat = $2::bigint)
