-- Posts ($1: a JSON list of ids) that were there before and have got reactions at $2 (ms).
UPDATE posts SET hasreactions = TRUE, updateat = $2
WHERE id IN (SELECT json_array_elements_text($1::json))
