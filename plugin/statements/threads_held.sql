-- Threads that are there already ($1: a JSON list of ids) are held until they are counted: the server writes down what it had
-- read before, plus one, so that a reply which somebody writes in this moment is to be there first. Goes before threads.
SELECT 1 FROM threads WHERE postid IN (SELECT json_array_elements_text($1::json)) ORDER BY postid FOR UPDATE
