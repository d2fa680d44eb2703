-- The threads of some roots that were there before ($1: a JSON list of ids), counted anew from their replies: who replied last
-- stands last.
INSERT INTO threads (postid, channelid, replycount, lastreplyat, participants, threadteamid)
SELECT
    by_author.rootid, by_author.channelid, sum(by_author.replies), max(by_author.last),
    jsonb_agg(by_author.userid ORDER BY by_author.last), coalesce(channels.teamid, '')
FROM (
    SELECT rootid, channelid, userid, count(*) AS replies, max(createat) AS last
    FROM posts
    WHERE rootid IN (SELECT json_array_elements_text($1::json)) AND deleteat = 0
    GROUP BY rootid, channelid, userid
) AS by_author
JOIN channels ON channels.id = by_author.channelid
GROUP BY by_author.rootid, by_author.channelid, channels.teamid
ON CONFLICT (postid) DO UPDATE SET
    replycount = excluded.replycount, lastreplyat = excluded.lastreplyat, participants = excluded.participants
