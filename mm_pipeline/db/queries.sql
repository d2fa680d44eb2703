-- rows --
-- Rows of one type in some states and hash slots, in a stable order; or those that were told otherwise after they were sent.
SELECT id, entity_type, slack_id, raw_data, status, mattermost_id, error_message, origin, target_name, content_sha256,
       channel_slack_id, parent_slack_id, user_slack_id, create_at, shard, attempts,
       status = 'success' AND sent_hash IS DISTINCT FROM raw_hash AS is_changed, sent_data
FROM entities
WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s
  AND (%(statuses)s::text[] IS NULL OR status = ANY(%(statuses)s))
  AND (NOT %(changed)s OR (status = 'success' AND sent_hash IS DISTINCT FROM raw_hash))
  AND (%(workers)s::int IS NULL OR shard %% %(workers)s = ANY(%(partitions)s))
ORDER BY slack_id

-- posts_sent_last --
-- What messages became on the server, those that were settled last first.
SELECT mattermost_id FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'success' AND origin = 'created' AND mattermost_id IS NOT NULL
ORDER BY updated_at DESC LIMIT %(most)s

-- heads_by_id --
-- Rows by id without what Slack said: enough to set statuses.
SELECT id, entity_type, slack_id, '{}'::jsonb AS raw_data, status, mattermost_id, error_message, origin, target_name,
       content_sha256, channel_slack_id, parent_slack_id, user_slack_id, create_at, shard, attempts
FROM entities WHERE id = ANY(%(ids)s)

-- rows_by_slack_id --
-- Rows of one type by their Slack ids.
SELECT id, entity_type, slack_id, raw_data, status, mattermost_id, error_message, origin, target_name, content_sha256,
       channel_slack_id, parent_slack_id, user_slack_id, create_at, shard, attempts
FROM entities WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND slack_id = ANY(%(slack_ids)s)

-- children --
-- Files or reactions that hang on some messages, in Slack's order.
SELECT id, entity_type, slack_id, raw_data, status, mattermost_id, error_message, origin, target_name, content_sha256,
       channel_slack_id, parent_slack_id, user_slack_id, create_at, shard, attempts
FROM entities
WHERE workspace = %(workspace)s AND entity_type = ANY(%(entity_types)s) AND parent_slack_id = ANY(%(parents)s)
ORDER BY id

-- thread_messages --
-- Pending messages of some channels (or of none) with the roots that their replies need, thread by thread, oldest first.
SELECT id, entity_type, slack_id, raw_data, status, mattermost_id, error_message, origin, target_name, content_sha256,
       channel_slack_id, parent_slack_id, user_slack_id, create_at, shard, attempts
FROM entities m
WHERE workspace = %(workspace)s AND entity_type = 'message'
  AND (channel_slack_id = ANY(%(channels)s) OR (%(of_none)s AND channel_slack_id IS NULL))
  AND (status = 'pending'
       OR EXISTS (SELECT 1 FROM entities r
                  WHERE r.parent_slack_id = m.slack_id AND r.entity_type = 'message' AND r.workspace = m.workspace AND r.status = 'pending'))
ORDER BY channel_slack_id, COALESCE(parent_slack_id, slack_id), parent_slack_id IS NOT NULL, create_at, id

-- found_roots --
-- Pending messages whose replies are on the server already, under a post that says that the root is absent.
WITH threads AS MATERIALIZED (
    SELECT DISTINCT parent_slack_id AS root FROM entities
    WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'success' AND parent_slack_id IS NOT NULL
      AND shard %% %(workers)s = ANY(%(partitions)s)
)
SELECT id, entity_type, slack_id, raw_data, status, mattermost_id, error_message, origin, target_name, content_sha256,
       channel_slack_id, parent_slack_id, user_slack_id, create_at, shard, attempts
FROM threads JOIN entities r ON r.workspace = %(workspace)s AND r.entity_type = 'message' AND r.slack_id = threads.root
WHERE r.status = 'pending' AND r.mattermost_id IS NULL

-- pending_children --
-- What is pending under a message that is settled: files it should have brought, anything under a refused one.
SELECT c.id, c.entity_type, c.slack_id, c.raw_data, c.status, c.mattermost_id, c.error_message, c.origin, c.target_name,
       c.content_sha256, c.channel_slack_id, c.parent_slack_id, c.user_slack_id, c.create_at, c.shard, c.attempts, p.status AS parent_status,
       p.error_message AS parent_error
FROM entities c JOIN entities p ON p.workspace = c.workspace AND p.entity_type = 'message' AND p.slack_id = c.parent_slack_id
WHERE c.workspace = %(workspace)s AND c.status = 'pending' AND c.entity_type IN ('attachment', 'reaction', 'message')
  AND c.shard %% %(workers)s = ANY(%(partitions)s)
  AND (p.status IN ('failed', 'skipped') OR (p.status = 'success' AND c.entity_type = 'attachment' AND c.content_sha256 IS NOT NULL))

-- pending_posts --
-- How pending messages of a channel would be recognised on the server: ms and author.
SELECT m.id, m.create_at, u.mattermost_id
FROM entities m JOIN entities u
  ON u.workspace = m.workspace AND u.entity_type = 'user' AND u.slack_id = m.user_slack_id AND u.mattermost_id IS NOT NULL
WHERE m.workspace = %(workspace)s AND m.entity_type = 'message' AND m.channel_slack_id = %(channel)s AND m.status = 'pending'
UNION ALL
SELECT -d.id, d.create_at, u.mattermost_id
FROM derived_posts d
JOIN entities m ON m.workspace = d.workspace AND m.entity_type = 'message' AND m.slack_id = d.slack_id
JOIN entities u ON u.workspace = m.workspace AND u.entity_type = 'user' AND u.slack_id = m.user_slack_id AND u.mattermost_id IS NOT NULL
WHERE m.workspace = %(workspace)s AND m.channel_slack_id = %(channel)s AND m.status = 'pending' AND d.mattermost_id IS NULL

-- pending_channels --
-- Channels that still have pending rows of a type, and how many.
SELECT channel_slack_id, count(*) FROM entities
WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND status = 'pending' AND shard %% %(workers)s = ANY(%(partitions)s)
GROUP BY 1 ORDER BY 1

-- undone --
-- How many rows of a type are still to be exported; a file whose bytes are prepared waits for its message.
SELECT count(*) FROM entities
WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND status = 'pending' AND content_sha256 IS NULL

-- newest_work --
-- When the newest of what there is to export came: pending rows, and those that a newer export told otherwise after they were sent.
-- What a pause held up came when that was lifted.
SELECT CASE WHEN count(*) > 0 THEN extract(epoch FROM GREATEST(max(updated_at), (
           SELECT lifted_at FROM pauses WHERE pauses.workspace = %(workspace)s)))::float8 END
FROM entities
WHERE workspace = %(workspace)s AND (status = 'pending' OR (status = 'success' AND sent_hash IS DISTINCT FROM raw_hash))

-- has_pending --
-- Whether any row is pending; ordered for the same reason.
SELECT (SELECT true FROM entities WHERE workspace = %(workspace)s AND status = 'pending' ORDER BY entity_type LIMIT 1) IS NOT NULL

-- has_tries_left --
-- Whether retrying by itself has something to do. Rows that it set pending may wait for a run yet: theirs was cut short.
SELECT EXISTS (SELECT 1 FROM entities
               WHERE workspace = %(workspace)s AND attempts < %(most)s AND NOT (entity_type = 'message' AND create_at IS NULL)
                 AND ((status = 'failed' AND NOT COALESCE(starts_with(error_message, %(left_alone)s), false))
                      OR (status = 'pending' AND attempts > 0)))

-- messages_to_come --
-- How many messages there will be on the server, and the time of the oldest that is still to be sent.
SELECT count(*) FILTER (WHERE status <> 'skipped'), min(create_at) FILTER (WHERE status = 'pending')
FROM entities WHERE workspace = %(workspace)s AND entity_type = 'message'

-- texts_to_come --
-- How many messages are to be sent; of these too long, under a name of their own, older than what the server keeps.
SELECT count(*), count(*) FILTER (WHERE char_length(raw_data ->> 'text') > %(most_runes)s),
       count(*) FILTER (WHERE jsonb_exists(raw_data, 'username') OR raw_data ->> 'subtype' = 'bot_message'),
       count(*) FILTER (WHERE create_at < %(deleted_before)s)
FROM entities WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'pending'

-- files_to_come --
-- What Slack says of each file whose bytes are still to be fetched; one that several messages show comes once.
SELECT DISTINCT ON (COALESCE(raw_data ->> 'id', slack_id)) raw_data FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'attachment' AND status = 'pending' AND content_sha256 IS NULL
ORDER BY COALESCE(raw_data ->> 'id', slack_id), id

-- has_changed --
-- Whether a newer export told any row otherwise after it was sent. The order has PostgreSQL take the index of these: it thinks that
-- most rows are.
SELECT (SELECT true FROM entities
        WHERE workspace = %(workspace)s AND status = 'success' AND sent_hash IS DISTINCT FROM raw_hash
        ORDER BY entity_type LIMIT 1) IS NOT NULL

-- export_tokens --
-- Tokens that stood in the export's file URLs.
SELECT token FROM export_tokens WHERE workspace = %(workspace)s ORDER BY token

-- forget_export_tokens --
-- The migration is done: nothing needs them any more.
DELETE FROM export_tokens WHERE workspace = %(workspace)s

-- counts --
-- Rows per type and status, of all types or of one.
SELECT entity_type, status, count(*) FROM entities
WHERE workspace = %(workspace)s AND (%(entity_type)s::text IS NULL OR entity_type = %(entity_type)s) GROUP BY 1, 2

-- counts_by_partition --
-- Rows of one type per partition (its key) and status.
SELECT shard %% %(workers)s, status, count(*) FROM entities
WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s GROUP BY 1, 2

-- changed_since_sent --
-- Rows that a newer export told otherwise after they were sent.
SELECT entity_type, count(*) FROM entities
WHERE workspace = %(workspace)s AND status = 'success' AND sent_hash IS DISTINCT FROM raw_hash GROUP BY 1 ORDER BY 1

-- known_by_id_alone --
-- Ids that channels name as member or creator and that nothing else is known of: nobody wrote or reacted under them. Whom only
-- channels name that a setting leaves out, nobody misses.
WITH channels AS (
    SELECT raw_data, user_slack_id FROM entities
    WHERE workspace = %(workspace)s AND entity_type = 'channel'
      AND NOT (status = 'skipped' AND starts_with(COALESCE(error_message, ''), %(chosen)s))
), named AS (
    SELECT jsonb_array_elements_text(raw_data -> 'members') AS id FROM channels WHERE jsonb_typeof(raw_data -> 'members') = 'array'
    UNION
    SELECT user_slack_id FROM channels WHERE user_slack_id IS NOT NULL
)
SELECT id FROM named
WHERE id <> 'USLACKBOT' AND NOT EXISTS (SELECT 1 FROM entities u
                  WHERE u.workspace = %(workspace)s AND u.entity_type = 'user' AND u.slack_id = named.id)
ORDER BY id

-- notes --
-- What is to be said of rows that are on the server, and the first few of them.
SELECT entity_type, error_message, count(*), (array_agg(COALESCE(NULLIF(target_name, ''), slack_id) ORDER BY id))[1:%(most)s::int]
FROM entities
WHERE workspace = %(workspace)s AND status = 'success' AND error_message IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2

-- reasons --
-- Why rows failed or were skipped, most frequent first.
SELECT entity_type, status, error_message, count(*) FROM entities
WHERE workspace = %(workspace)s AND status IN ('failed', 'skipped')
  AND (%(entity_type)s::text IS NULL OR entity_type = %(entity_type)s) GROUP BY 1, 2, 3 ORDER BY 4 DESC, 3

-- on_server --
-- What became an object of the server: its name there and its id, of one type.
SELECT COALESCE(NULLIF(target_name, ''), slack_id), mattermost_id FROM entities
WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND status = 'success' AND mattermost_id IS NOT NULL
ORDER BY slack_id

-- staged_rows --
-- Per type, how many rows the export held that brought most of them when it was staged.
SELECT entity_type, max(seen::bigint) FROM staged_exports, jsonb_each_text(result -> 'seen') AS told (entity_type, seen)
WHERE workspace = %(workspace)s GROUP BY 1

-- staged_exports --
-- The exports that are staged, and when each was (ms), the newest last. Earlier versions kept neither.
SELECT COALESCE(NULLIF(result ->> 'name', ''), 'an earlier export'), COALESCE((result ->> 'staged_at')::bigint, 0)
FROM staged_exports WHERE workspace = %(workspace)s ORDER BY 2, 1

-- conversations --
-- What each channel of the server holds according to the rows, largest first. Conversations of the same people share one
-- channel; `uncounted` are the subtypes of posts (joins, leaves) that the server leaves out of its totals.
WITH hanging AS (
    SELECT channel_slack_id AS slack_id,
           count(*) FILTER (WHERE entity_type = 'message') AS staged,
           count(*) FILTER (WHERE entity_type = 'message' AND status = 'success') AS arrived,
           count(*) FILTER (WHERE entity_type = 'message' AND status = 'pending') AS pending,
           count(*) FILTER (WHERE entity_type = 'message' AND status = 'success'
                            AND NOT COALESCE(raw_data ->> 'subtype' = ANY(%(uncounted)s), false)) AS posts,
           count(*) FILTER (WHERE entity_type = 'message' AND status = 'success' AND parent_slack_id IS NOT NULL
                            AND NOT COALESCE(raw_data ->> 'subtype' = ANY(%(uncounted)s), false)) AS replies,
           count(*) FILTER (WHERE entity_type = 'attachment' AND status = 'success') AS files
    FROM entities WHERE workspace = %(workspace)s AND entity_type IN ('message', 'attachment') GROUP BY 1
), parts AS (
    SELECT m.channel_slack_id AS slack_id, count(*) AS posts
    FROM derived_posts d JOIN entities m ON m.workspace = d.workspace AND m.entity_type = 'message' AND m.slack_id = d.slack_id
    WHERE d.workspace = %(workspace)s AND d.mattermost_id IS NOT NULL AND m.status = 'success' GROUP BY 1
)
SELECT c.mattermost_id, min(COALESCE(NULLIF(p.decision ->> 'name', ''), p.decision ->> 'slack_name', c.slack_id)), min(p.decision ->> 'kind'),
       COALESCE(sum(h.staged), 0)::int, COALESCE(sum(h.arrived), 0)::int, COALESCE(sum(h.pending) FILTER (WHERE COALESCE(p.decision ->> 'skip', '') = ''), 0)::int,
       (COALESCE(sum(h.posts), 0) + COALESCE(sum(d.posts), 0))::int, COALESCE(sum(h.replies), 0)::int, COALESCE(sum(h.files), 0)::int
FROM entities c
LEFT JOIN plans p ON p.workspace = c.workspace AND p.entity_type = 'channel' AND p.slack_id = c.slack_id
LEFT JOIN hanging h ON h.slack_id = c.slack_id
LEFT JOIN parts d ON d.slack_id = c.slack_id
WHERE c.workspace = %(workspace)s AND c.entity_type = 'channel' AND c.status = 'success' AND c.mattermost_id IS NOT NULL
GROUP BY c.mattermost_id ORDER BY 4 DESC, 1

-- any_posts --
-- Some messages that are on the server, by their ids there and in Slack: others each time.
SELECT mattermost_id, slack_id FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'success' AND mattermost_id IS NOT NULL
ORDER BY random() LIMIT %(most)s

-- any_reacted --
-- Some messages whose reactions are on the server: others each time.
SELECT parent_slack_id FROM (
    SELECT DISTINCT parent_slack_id FROM entities WHERE workspace = %(workspace)s AND entity_type = 'reaction' AND status = 'success'
) reacted ORDER BY random() LIMIT %(most)s

-- samples --
-- A few rows of a type in a status, with who and where by name, for people to look up: from public channels, if there are any.
WITH public AS (
    SELECT slack_id FROM plans WHERE workspace = %(workspace)s AND entity_type = 'channel' AND decision ->> 'kind' = 'O'
), few AS (
    SELECT * FROM (
        (SELECT * FROM entities WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND status = %(status)s
         AND COALESCE(channel_slack_id, slack_id) IN (SELECT slack_id FROM public) LIMIT %(most)s)
        UNION ALL
        (SELECT * FROM entities WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND status = %(status)s
         AND COALESCE(channel_slack_id, slack_id) NOT IN (SELECT slack_id FROM public) LIMIT %(most)s)
    ) either LIMIT %(most)s
)
SELECT e.status, e.slack_id, e.raw_data, e.mattermost_id, e.target_name, e.error_message, e.create_at,
       p.decision ->> 'kind' AS kind, COALESCE(NULLIF(p.decision ->> 'name', ''), p.decision ->> 'slack_name', e.channel_slack_id) AS channel,
       COALESCE(NULLIF(u.target_name, ''), e.user_slack_id) AS person, m.mattermost_id AS parent_id
FROM few e
LEFT JOIN plans p ON p.workspace = e.workspace AND p.entity_type = 'channel' AND p.slack_id = COALESCE(e.channel_slack_id, e.slack_id)
LEFT JOIN entities u ON u.workspace = e.workspace AND u.entity_type = 'user' AND u.slack_id = e.user_slack_id
LEFT JOIN entities m ON m.workspace = e.workspace AND m.entity_type = 'message' AND m.slack_id = e.parent_slack_id
ORDER BY e.id

-- reaction_names --
-- How often each emoji was reacted with, by Slack's name.
SELECT raw_data ->> 'name', count(*) FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'reaction' AND (%(status)s::text IS NULL OR status = %(status)s)
  AND jsonb_typeof(raw_data -> 'name') = 'string'
GROUP BY 1

-- merged_reactions --
-- How many reactions share person, message and Mattermost's name with another: the server has one of them.
SELECT count(*) - count(DISTINCT (r.parent_slack_id, r.user_slack_id, n.name))
FROM entities r JOIN unnest(%(slack_names)s::text[], %(names)s::text[]) AS n (slack_name, name) ON n.slack_name = r.raw_data ->> 'name'
WHERE r.workspace = %(workspace)s AND r.entity_type = 'reaction' AND r.status = 'success'

-- nameless_reactions --
-- Reactions that Slack counts beyond the people it names (its lists end at 50): the worst entries, each with the totals.
SELECT COALESCE(NULLIF(c.target_name, ''), m.channel_slack_id), m.raw_data ->> 'ts', r.entry ->> 'name', r.nameless, r.count,
       sum(r.nameless) OVER (), count(*) OVER ()
FROM entities m
CROSS JOIN LATERAL (
    SELECT entry, (entry ->> 'count')::numeric AS count, (entry ->> 'count')::numeric - jsonb_array_length(entry -> 'users') AS nameless
    FROM jsonb_path_query(m.raw_data, '$.reactions[*] ? (@.count.type() == "number" && @.users.type() == "array" && @.count > @.users.size())') AS entry
) r
LEFT JOIN entities c ON c.workspace = m.workspace AND c.entity_type = 'channel' AND c.slack_id = m.channel_slack_id
WHERE m.workspace = %(workspace)s AND m.entity_type = 'message' AND m.status = 'success' AND m.raw_data ? 'reactions'
ORDER BY r.nameless DESC, m.id LIMIT %(most)s

-- workspaces --
-- The workspaces that are staged here: one step down the index for each, as DISTINCT would read every row.
WITH RECURSIVE found AS (
    SELECT min(workspace) AS workspace FROM entities
    UNION ALL
    SELECT (SELECT min(workspace) FROM entities WHERE workspace > found.workspace) FROM found WHERE workspace IS NOT NULL
)
SELECT workspace FROM found WHERE workspace IS NOT NULL ORDER BY 1

-- set_statuses --
-- What became of rows, and how many of each type came into each status. success remembers what was sent.
WITH written AS (
UPDATE entities e
SET status = u.status, error_message = u.error, mattermost_id = COALESCE(u.mattermost_id, e.mattermost_id),
    origin = COALESCE(u.origin, e.origin), content_sha256 = COALESCE(u.content_sha256, e.content_sha256),
    target_name = COALESCE(u.target_name, e.target_name),
    sent_hash = CASE WHEN u.status = 'success' THEN e.raw_hash ELSE e.sent_hash END,
    sent_data = CASE WHEN u.status = 'success' THEN NULL ELSE e.sent_data END,
    attempts = e.attempts + 1, updated_at = now()
FROM json_to_recordset(%(changes)s::json)
  AS u (id bigint, status text, error text, mattermost_id text, origin text, target_name text, content_sha256 text)
WHERE e.id = u.id
RETURNING e.entity_type, e.status
) SELECT entity_type, status, count(*) FROM written GROUP BY 1, 2

-- retry --
-- Failed rows, and those skipped for some reasons, are pending again. Bytes of files are fetched anew.
UPDATE entities SET status = 'pending', error_message = NULL, updated_at = now(),
    content_sha256 = CASE WHEN entity_type = 'attachment' THEN NULL ELSE content_sha256 END
WHERE workspace = %(workspace)s AND (%(max_attempts)s::int IS NULL OR attempts < %(max_attempts)s)
  AND (status = 'failed'
       OR (status = 'skipped' AND EXISTS (SELECT 1 FROM unnest(%(reasons)s::text[]) AS r WHERE starts_with(error_message, r))))
  AND NOT (entity_type = 'message' AND create_at IS NULL)
  AND NOT COALESCE(starts_with(error_message, %(left_alone)s::text), false)

-- take_back --
-- Rows whose things are on the server no more: pending again, as if they had never been sent. A message that lies deleted there
-- has its place (channel, ms, text) taken for ever: it comes back a ms later.
UPDATE entities SET status = 'pending', error_message = NULL, mattermost_id = NULL, origin = NULL, sent_hash = NULL, sent_data = NULL,
    create_at = CASE WHEN entity_type = 'message' AND mattermost_id = ANY(%(hidden)s::text[]) THEN create_at + 1 ELSE create_at END,
    updated_at = now()
WHERE id = ANY(%(ids)s)
  AND (status IN ('success', 'failed') OR mattermost_id IS NOT NULL
       OR (status = 'skipped' AND EXISTS (SELECT 1 FROM unnest(%(reasons)s::text[]) AS r WHERE starts_with(error_message, r))))
  AND NOT (entity_type = 'message' AND create_at IS NULL)

-- leave_out --
-- Rows of a type that a setting leaves out are skipped, those that it leaves out no more are pending again.
WITH told AS (
    SELECT e.id, l.reason FROM entities e
    LEFT JOIN unnest(%(slack_ids)s::text[], %(reasons)s::text[]) AS l (slack_id, reason) ON l.slack_id = e.slack_id
    WHERE e.workspace = %(workspace)s AND e.entity_type = %(entity_type)s AND e.status <> 'success'
)
UPDATE entities e SET status = CASE WHEN told.reason IS NULL THEN 'pending' ELSE 'skipped' END, error_message = told.reason, updated_at = now()
FROM told
WHERE e.id = told.id AND CASE WHEN e.status = 'skipped' THEN starts_with(e.error_message, %(chosen)s) AND e.error_message IS DISTINCT FROM told.reason
                              ELSE told.reason IS NOT NULL END
RETURNING e.slack_id, e.status

-- leave_out_messages --
-- The same for messages, by conversation and time. One whose thread went on after `since` goes with it; one of which the server
-- has a part goes on.
WITH threads AS MATERIALIZED (
    SELECT DISTINCT COALESCE(parent_slack_id, slack_id) AS root FROM entities
    WHERE workspace = %(workspace)s AND entity_type = 'message' AND create_at >= %(since)s::bigint
      AND (%(until)s::bigint IS NULL OR create_at < %(until)s::bigint)
),
told AS (
    SELECT m.id, COALESCE(
        %(messages)s::text,
        c.reason,
        CASE WHEN m.create_at >= %(until)s::bigint THEN %(until_reason)s END,
        CASE WHEN m.create_at < %(since)s::bigint AND t.root IS NULL THEN %(since_reason)s END
    ) AS reason
    FROM entities m
    LEFT JOIN unnest(%(channels)s::text[], %(reasons)s::text[]) AS c (slack_id, reason) ON c.slack_id = m.channel_slack_id
    LEFT JOIN threads t ON t.root = COALESCE(m.parent_slack_id, m.slack_id)
    WHERE m.workspace = %(workspace)s AND m.entity_type = 'message' AND m.status <> 'success' AND m.mattermost_id IS NULL
)
UPDATE entities e SET status = CASE WHEN told.reason IS NULL THEN 'pending' ELSE 'skipped' END, error_message = told.reason, updated_at = now()
FROM told
WHERE e.id = told.id AND CASE WHEN e.status = 'skipped' THEN starts_with(e.error_message, %(chosen)s) AND e.error_message IS DISTINCT FROM told.reason
                              ELSE told.reason IS NOT NULL END

-- leave_out_hanging --
-- The same for files and reactions: by themselves, or with their message.
WITH told AS (
    SELECT h.id, COALESCE(CASE h.entity_type WHEN 'attachment' THEN %(files)s::text ELSE %(reactions)s::text END, m.error_message) AS reason
    FROM entities h
    LEFT JOIN entities m ON m.workspace = h.workspace AND m.entity_type = 'message' AND m.slack_id = h.parent_slack_id
                            AND m.status = 'skipped' AND starts_with(m.error_message, %(chosen)s)
    WHERE h.workspace = %(workspace)s AND h.entity_type IN ('attachment', 'reaction') AND h.status <> 'success'
)
UPDATE entities e SET status = CASE WHEN told.reason IS NULL THEN 'pending' ELSE 'skipped' END, error_message = told.reason, updated_at = now()
FROM told
WHERE e.id = told.id AND CASE WHEN e.status = 'skipped' THEN starts_with(e.error_message, %(chosen)s) AND e.error_message IS DISTINCT FROM told.reason
                              ELSE told.reason IS NOT NULL END
RETURNING e.entity_type, e.status, e.parent_slack_id

-- take_in_again --
-- Rows that were left out, by whatever it was, are pending again.
UPDATE entities SET status = 'pending', error_message = NULL, updated_at = now()
WHERE workspace = %(workspace)s AND status = 'skipped' AND starts_with(error_message, %(left_out)s)

-- has_left_out --
-- Whether a setting leaves some row out.
SELECT EXISTS (SELECT 1 FROM entities WHERE workspace = %(workspace)s AND status = 'skipped' AND starts_with(error_message, %(chosen)s))

-- left_out --
-- Rows of a type that a setting leaves out, and which one.
SELECT slack_id, substr(error_message, strpos(error_message, 'MM_')) FROM entities
WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND status = 'skipped' AND starts_with(error_message, %(chosen)s)

-- messages_of_people --
-- What stays behind with some people: Slack id, messages of theirs, replies of others in threads that they began; what a setting
-- leaves out anyway, and what is on the server, not counted.
WITH staying AS (
    SELECT slack_id, parent_slack_id, user_slack_id FROM entities
    WHERE workspace = %(workspace)s AND entity_type = 'message' AND status <> 'success'
      AND NOT (status = 'skipped' AND COALESCE(starts_with(error_message, %(chosen)s), false))
), counted AS (
    SELECT user_slack_id AS person, 1 AS own, 0 AS replies FROM staying WHERE user_slack_id = ANY(%(people)s)
    UNION ALL
    SELECT root.user_slack_id, 0, 1 FROM staying root JOIN staying reply ON reply.parent_slack_id = root.slack_id
    WHERE root.user_slack_id = ANY(%(people)s) AND NOT COALESCE(reply.user_slack_id = ANY(%(people)s), false)
)
SELECT person, sum(own)::int, sum(replies)::int FROM counted GROUP BY 1

-- people_of_what_goes --
-- Who wrote or reacted in what no setting leaves out.
SELECT DISTINCT user_slack_id FROM entities
WHERE workspace = %(workspace)s AND entity_type IN ('message', 'reaction') AND user_slack_id IS NOT NULL
  AND NOT (status = 'skipped' AND starts_with(error_message, %(chosen)s))

-- emptied_conversations --
-- Conversations all of whose messages a setting leaves out, and which one.
SELECT channel_slack_id, substr(min(error_message), strpos(min(error_message), 'MM_')) FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'message'
GROUP BY 1 HAVING bool_and(status = 'skipped' AND COALESCE(starts_with(error_message, %(chosen)s), false))

-- see_channels_again --
-- Channels on the server that some people are in count as changed: the people join them.
UPDATE entities SET sent_hash = NULL, updated_at = now()
WHERE workspace = %(workspace)s AND entity_type = 'channel' AND status IN ('success') AND raw_data -> 'members' ?| %(people)s::text[]

-- see_again --
-- Channels that stay on the server when the rest is taken back count as changed: their people join them again.
UPDATE entities SET sent_hash = NULL, updated_at = now()
WHERE workspace = %(workspace)s AND id = ANY(%(ids)s) AND status IN ('success')

-- set_decisions --
-- Stores what the plan decided.
INSERT INTO plans (workspace, entity_type, slack_id, decision)
SELECT %(workspace)s, %(entity_type)s, d.slack_id, d.decision::jsonb
FROM unnest(%(slack_ids)s::text[], %(decisions)s::text[]) AS d (slack_id, decision)
ON CONFLICT (workspace, entity_type, slack_id) DO UPDATE SET decision = EXCLUDED.decision

-- set_target_names --
-- Writes the planned names beside the rows; one that is on the server keeps the name that it has there.
UPDATE entities e SET target_name = d.name
FROM unnest(%(slack_ids)s::text[], %(names)s::text[]) AS d (slack_id, name)
WHERE e.workspace = %(workspace)s AND e.entity_type = %(entity_type)s AND e.slack_id = d.slack_id AND e.status <> 'success'
  AND e.target_name IS DISTINCT FROM d.name

-- rename_people --
-- Writes what accounts are called by now beside the rows that became them.
UPDATE entities e SET target_name = d.name
FROM unnest(%(ids)s::text[], %(names)s::text[]) AS d (id, name)
WHERE e.workspace = %(workspace)s AND e.entity_type = 'user' AND e.status IN ('success') AND e.mattermost_id = d.id

-- decisions --
-- What the plan decided for rows of one type.
SELECT slack_id, decision::text FROM plans WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s ORDER BY slack_id

-- channels_planned_elsewhere --
-- What the plans of other workspaces that go into one team call their channels there.
SELECT plans.decision ->> 'name' FROM plans JOIN targets USING (workspace)
WHERE plans.workspace <> %(workspace)s AND plans.entity_type = 'channel' AND targets.team_id = %(team_id)s
  AND plans.decision ->> 'name' <> '' AND COALESCE(plans.decision ->> 'skip', '') = ''

-- plan_choices --
-- The choices that the stored plan was made by.
SELECT choices FROM plan_choices WHERE workspace = %(workspace)s

-- remember_plan_choices --
INSERT INTO plan_choices (workspace, choices) VALUES (%(workspace)s, %(choices)s)
ON CONFLICT (workspace) DO UPDATE SET choices = EXCLUDED.choices

-- undecided --
-- Rows of a type about which the plan has not decided yet.
SELECT count(*) FROM entities e
WHERE e.workspace = %(workspace)s AND e.entity_type = %(entity_type)s
  AND NOT EXISTS (SELECT 1 FROM plans p WHERE p.workspace = e.workspace AND p.entity_type = e.entity_type AND p.slack_id = e.slack_id)

-- was_sent --
-- Whether anything of a workspace may be on a server: a row says so, or a step that sends has begun; it may have been killed
-- before it could say so.
SELECT EXISTS (SELECT 1 FROM entities WHERE workspace = %(workspace)s AND (sent_hash IS NOT NULL OR mattermost_id IS NOT NULL))
    OR EXISTS (SELECT 1 FROM steps WHERE workspace = %(workspace)s AND step <> 'plan')

-- forget_plan --
-- What was decided, by which choices and for which server: as if no plan had ever been made.
WITH decided AS (DELETE FROM plans WHERE workspace = %(workspace)s),
     chosen AS (DELETE FROM plan_choices WHERE workspace = %(workspace)s),
     bound AS (DELETE FROM targets WHERE workspace = %(workspace)s)
UPDATE entities SET target_name = NULL WHERE workspace = %(workspace)s AND target_name IS NOT NULL

-- pause --
-- A pause that is there stays; one that was lifted begins anew.
INSERT INTO pauses (workspace, paused_by) VALUES (%(workspace)s, %(by)s)
ON CONFLICT (workspace) DO UPDATE SET paused_by = EXCLUDED.paused_by, paused_at = now(), lifted_at = NULL WHERE pauses.lifted_at IS NOT NULL

-- lift_pause --
UPDATE pauses SET lifted_at = now() WHERE workspace = %(workspace)s AND lifted_at IS NULL

-- paused --
SELECT paused_by, paused_at FROM pauses WHERE workspace = %(workspace)s AND lifted_at IS NULL

-- target --
-- Where a workspace goes.
SELECT server_id, team_id, url FROM targets WHERE workspace = %(workspace)s

-- set_target --
-- Remembers where a workspace goes; the first answer wins.
INSERT INTO targets (workspace, server_id, team_id, url) VALUES (%(workspace)s, %(server_id)s, %(team_id)s, %(url)s)
ON CONFLICT (workspace) DO NOTHING

-- export_workers --
-- How many workers the run has that holds work.
SELECT export_workers FROM targets WHERE workspace = %(workspace)s

-- set_export_workers --
-- Remembers how many workers share the work from now on.
UPDATE targets SET export_workers = %(workers)s WHERE workspace = %(workspace)s

-- derive_post --
-- Gives a part of a message a ms of its own in its channel: the next free one behind the message, which is the one behind
-- some that is taken; none if it is not within so many.
WITH taken AS (
    SELECT %(after)s::bigint AS ms
    UNION ALL
    SELECT create_at FROM entities
    WHERE workspace = %(workspace)s AND entity_type = 'message' AND channel_slack_id = %(channel)s
      AND create_at > %(after)s AND create_at < %(after)s + %(within)s
    UNION ALL
    SELECT create_at FROM derived_posts
    WHERE workspace = %(workspace)s AND starts_with(slack_id, %(channel)s || ':')
      AND create_at > %(after)s AND create_at < %(after)s + %(within)s
)
INSERT INTO derived_posts (workspace, slack_id, part, create_at)
SELECT %(workspace)s, %(slack_id)s, %(part)s, min(t.ms) + 1 FROM taken t
WHERE t.ms + 1 < %(after)s + %(within)s AND NOT EXISTS (SELECT 1 FROM taken WHERE taken.ms = t.ms + 1)
HAVING min(t.ms) IS NOT NULL
ON CONFLICT (workspace, slack_id, part) DO UPDATE SET part = EXCLUDED.part
RETURNING id, create_at, mattermost_id

-- derived_post --
-- The post that carries a part of a message, if it has one already.
SELECT id, create_at, mattermost_id FROM derived_posts
WHERE workspace = %(workspace)s AND slack_id = %(slack_id)s AND part = %(part)s

-- derived_arrived --
-- Parts of messages that were read back.
UPDATE derived_posts d SET mattermost_id = u.mattermost_id
FROM unnest(%(ids)s::bigint[], %(mattermost_ids)s::text[]) AS u (id, mattermost_id) WHERE d.id = u.id

-- derived_messages --
-- The messages that some derived posts are parts of.
SELECT d.id, m.id FROM derived_posts d
JOIN entities m ON m.workspace = d.workspace AND m.entity_type = 'message' AND m.slack_id = d.slack_id
WHERE d.id = ANY(%(ids)s)

-- with_missing_parts --
-- Which of these messages still lack a part on the server.
SELECT DISTINCT m.id FROM entities m JOIN derived_posts d ON d.workspace = m.workspace AND d.slack_id = m.slack_id
WHERE m.id = ANY(%(ids)s) AND d.mattermost_id IS NULL

-- completed_messages --
-- Pending messages whose own post and all parts are on the server.
SELECT m.id FROM entities m
WHERE m.workspace = %(workspace)s AND m.entity_type = 'message' AND m.status = 'pending' AND m.mattermost_id IS NOT NULL
  AND m.shard %% %(workers)s = ANY(%(partitions)s)
  AND EXISTS (SELECT 1 FROM derived_posts d WHERE d.workspace = m.workspace AND d.slack_id = m.slack_id)
  AND NOT EXISTS (SELECT 1 FROM derived_posts d WHERE d.workspace = m.workspace AND d.slack_id = m.slack_id AND d.mattermost_id IS NULL)

-- pins --
-- Every channel's pinned messages, as Slack lists them.
SELECT slack_id, raw_data -> 'pins' FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'channel' AND jsonb_typeof(raw_data -> 'pins') = 'array'

-- user_group_handles --
-- What the texts of messages call Slack's user groups: an export has no list of them.
SELECT DISTINCT ON (named[1]) named[1], named[2]
FROM entities, regexp_matches(raw_data ->> 'text', '<!subteam\^([A-Z0-9]+)\|@?([^<>|]+)>', 'g') AS named
WHERE workspace = %(workspace)s AND entity_type = 'message' AND raw_data ->> 'text' LIKE '%%<!subteam^%%|%%'
ORDER BY named[1], create_at DESC

-- begin_step --
INSERT INTO steps (workspace, step, started_at) VALUES (%(workspace)s, %(step)s, clock_timestamp()) RETURNING id

-- end_step --
UPDATE steps SET ended_at = clock_timestamp(), rows = %(rows)s WHERE id = %(id)s

-- begun_step --
-- How long ago (s) the newest run of a step began that has not ended, how many rows of a type were settled since, and how long
-- after its beginning (s) the last of them was.
SELECT extract(epoch FROM now() - s.started_at)::float8, settled.count,
       COALESCE(extract(epoch FROM settled.last - s.started_at)::float8, 0)
FROM steps s CROSS JOIN LATERAL (
    SELECT count(*) AS count, max(e.updated_at) AS last FROM entities e
    WHERE e.workspace = s.workspace AND e.entity_type = s.step AND e.status <> 'pending' AND e.updated_at >= s.started_at
) settled
WHERE s.workspace = %(workspace)s AND s.step = %(step)s AND s.ended_at IS NULL ORDER BY s.started_at DESC LIMIT 1

-- begun_steps --
-- The steps whose newest run has not ended, and how long ago (s) that began.
SELECT step, extract(epoch FROM now() - started_at)::float8 FROM (
    SELECT DISTINCT ON (step) step, started_at, ended_at FROM steps WHERE workspace = %(workspace)s ORDER BY step, started_at DESC
) newest WHERE ended_at IS NULL

-- last_steps --
-- The newest finished run of each step, in the order they ran.
SELECT step, seconds, rows FROM (
    SELECT DISTINCT ON (step) step, extract(epoch FROM ended_at - started_at)::float8 AS seconds, rows, started_at
    FROM steps WHERE workspace = %(workspace)s AND ended_at IS NOT NULL ORDER BY step, started_at DESC
) newest ORDER BY started_at

-- job_uploaded --
INSERT INTO import_jobs (server_id, import_file, status, lines, bytes)
VALUES (%(server_id)s, %(import_file)s, 'uploaded', %(lines)s, %(bytes)s) RETURNING id

-- job_sent --
UPDATE import_jobs SET job_id = %(job_id)s, status = 'sent' WHERE id = %(id)s

-- job_began --
UPDATE import_jobs SET status = 'running', began_at = now() WHERE id = %(id)s

-- job_ended --
UPDATE import_jobs SET status = %(status)s, error = %(error)s, ended_at = now() WHERE id = %(id)s

-- open_jobs --
SELECT id, import_file, job_id FROM import_jobs WHERE server_id = %(server_id)s AND ended_at IS NULL ORDER BY id

-- jobs_at_work --
-- The jobs whose end nobody saw, and how long ago (s) each was sent and begun.
SELECT COALESCE(job_id, ''), lines, bytes, extract(epoch FROM now() - created_at)::float8, extract(epoch FROM now() - began_at)::float8
FROM import_jobs WHERE server_id = %(server_id)s AND ended_at IS NULL ORDER BY id

-- fell_silent --
-- What begins while another run tries already is one outage.
INSERT INTO outages (server_id, what, since, until)
VALUES (%(server_id)s, %(what)s, now() - make_interval(secs => %(since_s)s), now() + make_interval(secs => %(left_s)s))
ON CONFLICT (server_id) DO UPDATE SET what = EXCLUDED.what, until = EXCLUDED.until,
    since = CASE WHEN outages.until < now() THEN EXCLUDED.since ELSE least(outages.since, EXCLUDED.since) END

-- answers_again --
DELETE FROM outages WHERE server_id = %(server_id)s

-- outage --
SELECT what, since, until FROM outages WHERE server_id = %(server_id)s AND until >= now()

-- last_job --
-- The newest job that went well.
SELECT job_id FROM import_jobs
WHERE server_id = %(server_id)s AND status IN ('success', 'warning') AND job_id IS NOT NULL ORDER BY id DESC LIMIT 1

-- setting_changed --
INSERT INTO server_settings (server_id, name, old_value) VALUES (%(server_id)s, %(name)s, %(old_value)s::jsonb)
ON CONFLICT (server_id, name) DO NOTHING

-- settings_to_put_back --
SELECT name, old_value FROM server_settings WHERE server_id = %(server_id)s ORDER BY name

-- setting_put_back --
DELETE FROM server_settings WHERE server_id = %(server_id)s AND name = %(name)s

-- owe --
INSERT INTO finishing (server_id, task, object_id)
SELECT %(server_id)s, %(task)s, id FROM unnest(%(ids)s::text[]) AS t (id) ON CONFLICT DO NOTHING

-- owed --
SELECT object_id FROM finishing WHERE server_id = %(server_id)s AND task = %(task)s ORDER BY 1

-- paid --
DELETE FROM finishing WHERE server_id = %(server_id)s AND task = %(task)s AND object_id = ANY(%(ids)s)

-- heads --
-- Rows of some types, in one conversation or in all, without what Slack said.
SELECT id, entity_type, slack_id, '{}'::jsonb AS raw_data, status, mattermost_id, error_message, origin, target_name,
       content_sha256, channel_slack_id, parent_slack_id, user_slack_id, create_at, shard, attempts
FROM entities
WHERE workspace = %(workspace)s AND entity_type = ANY(%(entity_types)s) AND (%(channel)s::text IS NULL OR channel_slack_id = %(channel)s)

-- sent_posts --
-- Posts that a conversation's messages have on the server, or may have: id, ms, author there, ms of Slack's last edit.
WITH messages AS (
    SELECT m.slack_id, m.mattermost_id, m.create_at, u.mattermost_id AS author,
           CASE WHEN m.raw_data #>> '{edited,ts}' ~ '^[0-9]{1,12}(\.[0-9]+)?$'
                THEN floor((m.raw_data #>> '{edited,ts}')::numeric * 1000)::bigint ELSE 0 END AS edit_at
    FROM entities m LEFT JOIN entities u ON u.workspace = m.workspace AND u.entity_type = 'user' AND u.slack_id = m.user_slack_id
    WHERE m.workspace = %(workspace)s AND m.entity_type = 'message' AND m.channel_slack_id = %(channel)s AND m.create_at IS NOT NULL
)
SELECT mattermost_id, create_at, author, edit_at FROM messages WHERE mattermost_id IS NOT NULL OR author IS NOT NULL
UNION ALL
SELECT d.mattermost_id, d.create_at, m.author, 0 FROM derived_posts d JOIN messages m ON m.slack_id = d.slack_id
WHERE d.workspace = %(workspace)s AND (d.mattermost_id IS NOT NULL OR m.author IS NOT NULL)

-- forget_parts --
-- Parts of messages whose posts are on the server no more; made anew behind the message when that is sent again.
DELETE FROM derived_posts WHERE workspace = %(workspace)s AND slack_id = ANY(%(slack_ids)s)

-- move_stand_ins --
-- Posts for absent roots get another ms.
INSERT INTO stand_ins (workspace, slack_id, create_at)
SELECT %(workspace)s, s.slack_id, s.create_at FROM unnest(%(slack_ids)s::text[], %(times)s::bigint[]) AS s (slack_id, create_at)
ON CONFLICT (workspace, slack_id) DO UPDATE SET create_at = EXCLUDED.create_at

-- stand_in_time --
-- The ms of the post for an absent root, where it is not the root's own.
SELECT create_at FROM stand_ins WHERE workspace = %(workspace)s AND slack_id = %(slack_id)s

-- held_by_others --
-- Those of some of the server's things that another workspace of this database is, or stands on.
SELECT DISTINCT mattermost_id FROM entities
WHERE workspace <> %(workspace)s AND entity_type IN ('user', 'custom_emoji', 'channel') AND mattermost_id = ANY(%(ids)s)

-- remember_residue --
INSERT INTO residue (workspace, kind, object_id, name, fate, remains)
SELECT %(workspace)s, r.kind, r.object_id, r.name, r.fate, r.remains
FROM unnest(%(kinds)s::text[], %(object_ids)s::text[], %(names)s::text[], %(fates)s::text[], %(remains)s::text[])
  AS r (kind, object_id, name, fate, remains)
ON CONFLICT (workspace, kind, object_id) DO UPDATE SET name = EXCLUDED.name, fate = EXCLUDED.fate, remains = EXCLUDED.remains

-- forget_residue --
DELETE FROM residue WHERE workspace = %(workspace)s AND object_id = ANY(%(ids)s)

-- residue --
SELECT kind, object_id, name, fate, remains FROM residue WHERE workspace = %(workspace)s ORDER BY kind, name, object_id

-- began --
-- When the workspace's first step began, in ms; NULL if none did.
SELECT floor(extract(epoch FROM min(started_at)) * 1000)::bigint FROM steps WHERE workspace = %(workspace)s

-- rollback_began --
UPDATE targets SET rollback_began_at = clock_timestamp(), rollback_ended_at = NULL WHERE workspace = %(workspace)s

-- rollback_ended --
UPDATE targets SET rollback_ended_at = clock_timestamp() WHERE workspace = %(workspace)s AND rollback_began_at IS NOT NULL

-- rolled_back --
-- When the newest rollback began (ms), and whether it came to its end; no row where none did, or something was sent since.
SELECT floor(extract(epoch FROM rollback_began_at) * 1000)::bigint, rollback_ended_at IS NOT NULL
FROM targets t WHERE workspace = %(workspace)s AND rollback_began_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM steps s
                  WHERE s.workspace = t.workspace AND s.step = ANY(%(steps)s) AND s.started_at > t.rollback_began_at)

-- small_sample --
-- Of 300 times as many rows; the default of 100 takes 0.3 s.
SET LOCAL default_statistics_target = 25

-- analyze --
-- Without what Slack said: no plan depends on it, and it is most of the bytes.
ANALYZE entities (workspace, entity_type, slack_id, status, mattermost_id, error_message, origin, content_sha256, channel_slack_id,
                  parent_slack_id, user_slack_id, create_at, shard, raw_hash, sent_hash)
