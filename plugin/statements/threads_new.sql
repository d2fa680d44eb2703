-- $1: a JSON list of threads whose roots are new, so that all of their replies stand beside them. Who replied last stands last.
INSERT INTO threads (postid, channelid, replycount, lastreplyat, participants, threadteamid)
SELECT row.postid, row.channelid, row.replycount, row.lastreplyat, row.participants, coalesce(channels.teamid, '')
FROM json_to_recordset($1::json) AS row(
    postid text, channelid text, replycount bigint, lastreplyat bigint, participants jsonb
)
JOIN channels ON channels.id = row.channelid
