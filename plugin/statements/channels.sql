-- $1: a JSON list of channels with what they get.
UPDATE channels
SET lastpostat = greatest(row.lastpostat, channels.lastpostat),
    lastrootpostat = greatest(row.lastrootpostat, coalesce(channels.lastrootpostat, 0)),
    totalmsgcount = channels.totalmsgcount + row.posts,
    totalmsgcountroot = coalesce(channels.totalmsgcountroot, 0) + row.roots
FROM json_to_recordset($1::json) AS row(
    id text, posts bigint, roots bigint, lastpostat bigint, lastrootpostat bigint
)
WHERE channels.id = row.id
