-- $1: identity, $2: id, $3: path, $4: channel, $5: the id that was known when it was looked at, or ''. An upload that the
-- server has forgotten, or of which more may lie there than it knows, begins anew, unless it is done by now. Whether this one
-- counts: of two that begin at the same time, on two servers maybe, the quicker one does, and the other one is taken back.
WITH counted AS (
    INSERT INTO mm_pipeline_files AS known (identity, id, path, channelid) VALUES ($1, $2, $3, $4)
    ON CONFLICT (identity) DO UPDATE SET id = excluded.id, path = excluded.path, channelid = excluded.channelid, isdoubtful = false
    WHERE known.id = $5 AND NOT EXISTS (SELECT FROM fileinfo WHERE fileinfo.id = known.id AND fileinfo.deleteat = 0)
    RETURNING id
), taken_back AS (
    DELETE FROM uploadsessions WHERE id = CASE WHEN EXISTS (SELECT FROM counted) THEN $5 ELSE $2 END
)
SELECT EXISTS (SELECT FROM counted)
