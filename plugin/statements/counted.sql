-- A page of what a channel ($1) shows, newest first: id, ms, files and reactions of each post. Nothing before $2 (ms), which a
-- licence may hide, and of the rest what comes before the post that was seen last ($3 ms, $4 id); $5: how many.
SELECT coalesce(json_agg(json_build_array(id, createat, files, reactions) ORDER BY createat DESC, id DESC), '[]')
FROM (
    SELECT posts.id, posts.createat,
           CASE WHEN posts.fileids IN ('', '[]') THEN 0 ELSE (
               SELECT count(*) FROM fileinfo WHERE fileinfo.postid = posts.id AND fileinfo.deleteat = 0
           ) END AS files,
           CASE WHEN posts.hasreactions THEN (
               SELECT count(*) FROM reactions WHERE reactions.postid = posts.id AND coalesce(reactions.deleteat, 0) = 0
           ) ELSE 0 END AS reactions
    FROM posts
    WHERE posts.channelid = $1 AND posts.deleteat = 0 AND posts.createat >= $2 AND posts.createat <= $3
      AND (posts.createat, posts.id) < ($3, $4)
    ORDER BY posts.createat DESC, posts.id DESC
    LIMIT $5
) AS page
