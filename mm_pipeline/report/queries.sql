-- messages_by_month --
-- Messages as they were staged: per conversation, month (UTC; '' where Slack gives no time that is one) and status. By days first:
-- to write the month of each row down took as long as all the rest.
SELECT conversation, COALESCE(to_char(to_timestamp(day * 86400) AT TIME ZONE 'UTC', 'YYYY-MM'), ''), status, sum(messages)::bigint
FROM (SELECT COALESCE(channel_slack_id, '') AS conversation,
             CASE WHEN create_at BETWEEN 0 AND 253402300799999 THEN create_at / 86400000 END AS day, status, count(*) AS messages
      FROM entities WHERE workspace = %(workspace)s AND entity_type = 'message' GROUP BY 1, 2, 3) AS days
GROUP BY 1, 2, 3

-- arrived --
-- What was read back when it was sent: messages, the posts that carry parts of them, files and reactions, per conversation and month.
WITH parts AS (
    SELECT slack_id, count(*) AS posts FROM derived_posts WHERE workspace = %(workspace)s AND mattermost_id IS NOT NULL GROUP BY 1
), days AS (
    SELECT COALESCE(channel_slack_id, '') AS conversation,
           CASE WHEN e.create_at BETWEEN 0 AND 253402300799999 THEN e.create_at / 86400000 END AS day,
           count(*) FILTER (WHERE entity_type = 'message') AS messages,
           COALESCE(sum(p.posts) FILTER (WHERE entity_type = 'message'), 0) AS parts,
           count(*) FILTER (WHERE entity_type = 'attachment') AS files, count(*) FILTER (WHERE entity_type = 'reaction') AS reactions
    FROM entities e LEFT JOIN parts p USING (slack_id)
    WHERE workspace = %(workspace)s AND status = 'success'
      AND (entity_type = 'message' AND mattermost_id IS NOT NULL OR entity_type IN ('attachment', 'reaction'))
    GROUP BY 1, 2
)
SELECT conversation, COALESCE(to_char(to_timestamp(day * 86400) AT TIME ZONE 'UTC', 'YYYY-MM'), ''),
       sum(messages)::bigint, sum(parts)::bigint, sum(files)::bigint, sum(reactions)::bigint
FROM days GROUP BY 1, 2

-- settled_at --
-- When the newest row was settled (s since 1970): what the server was asked after that is still true of our rows.
SELECT COALESCE(extract(epoch FROM max(updated_at)), 0)::float8 FROM entities WHERE workspace = %(workspace)s

-- posts_of_conversations --
-- Which post each message of some conversations became.
SELECT mattermost_id, channel_slack_id FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'message' AND channel_slack_id = ANY(%(conversations)s) AND mattermost_id IS NOT NULL

-- parts --
-- Posts that carry a part of a message: the rest of a long text, files beyond ten.
SELECT mattermost_id FROM derived_posts WHERE workspace = %(workspace)s AND mattermost_id IS NOT NULL

-- objects --
-- What rows of a type became on the server: (Slack id, id there, name there).
SELECT slack_id, mattermost_id, COALESCE(target_name, '') FROM entities
WHERE workspace = %(workspace)s AND entity_type = %(entity_type)s AND status = 'success' AND mattermost_id IS NOT NULL ORDER BY slack_id

-- became --
-- What came of rows that the plan decides on, but for what is chosen to be left out: (id, status, origin, reason).
SELECT id, status, COALESCE(origin, ''), COALESCE(error_message, '') FROM entities
WHERE workspace = %(workspace)s AND entity_type IN ('user', 'custom_emoji', 'channel') AND status <> 'pending'
  AND NOT (status = 'skipped' AND COALESCE(error_message, '') LIKE %(left_out)s || '%%')

-- aliases --
-- The names of the emoji that other names of Slack's stand for.
SELECT COALESCE(target_name, '') FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'custom_emoji' AND status = 'success' AND mattermost_id IS NULL

-- not_there --
-- Every failed and every skipped row, with its reason.
SELECT entity_type, status, slack_id, COALESCE(channel_slack_id, ''), create_at, COALESCE(error_message, 'no reason was recorded'), attempts
FROM entities WHERE workspace = %(workspace)s AND status IN ('failed', 'skipped')
ORDER BY array_position(%(entity_types)s::text[], entity_type), status, channel_slack_id, create_at, id

-- newcomers --
-- The accounts that were made: (Slack id, id on the server, name there, what Slack calls the person).
SELECT slack_id, mattermost_id, target_name, COALESCE(NULLIF(raw_data #>> '{profile,real_name}', ''), NULLIF(raw_data ->> 'real_name', ''), raw_data ->> 'name', '')
FROM entities WHERE workspace = %(workspace)s AND entity_type = 'user' AND status = 'success' AND origin = 'created' AND mattermost_id IS NOT NULL
ORDER BY target_name

-- threads_worth_a_look --
-- Threads of some conversations that show much of what there is: with replies, files, reactions and blocks; always the same ones.
WITH hanging AS (
    SELECT parent_slack_id, count(*) FILTER (WHERE entity_type = 'message') AS replies,
           count(*) FILTER (WHERE entity_type = 'attachment') AS files, count(*) FILTER (WHERE entity_type = 'reaction') AS reactions
    FROM entities
    WHERE workspace = %(workspace)s AND status = 'success' AND channel_slack_id = ANY(%(conversations)s) AND parent_slack_id IS NOT NULL
    GROUP BY 1
), ranked AS (
    SELECT m.mattermost_id, m.channel_slack_id, m.create_at, h.replies,
           (h.replies BETWEEN 1 AND 20)::int * 2 + (h.files > 0)::int + (h.reactions > 0)::int + (m.raw_data ? 'blocks')::int AS worth
    FROM hanging h JOIN entities m
      ON m.workspace = %(workspace)s AND m.entity_type = 'message' AND m.slack_id = h.parent_slack_id
    WHERE m.status = 'success' AND m.mattermost_id IS NOT NULL AND m.parent_slack_id IS NULL AND h.replies <= 40
), of_each AS (
    SELECT *, row_number() OVER (PARTITION BY channel_slack_id ORDER BY worth DESC, md5(mattermost_id)) AS place FROM ranked
)
SELECT mattermost_id, channel_slack_id FROM of_each ORDER BY place > 2, worth DESC, place, md5(mattermost_id) LIMIT %(most)s

-- subtypes --
-- Messages on the server by Slack's subtype.
SELECT raw_data ->> 'subtype', count(*) FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'success' AND raw_data ? 'subtype' GROUP BY 1

-- elements --
-- Parts of messages on the server by the type that Slack's blocks give them.
SELECT kind #>> '{}', count(*)
FROM entities, jsonb_path_query(raw_data, 'strict $.blocks[*].** ? (exists(@.type)).type', '{}', true) AS kind
WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'success' AND raw_data ? 'blocks' GROUP BY 1

-- messages_with --
-- How many messages on the server have something of which Mattermost has no like.
SELECT count(*) FILTER (WHERE raw_data ? 'edited') AS edited,
       count(*) FILTER (WHERE raw_data ? 'room') AS huddle,
       count(*) FILTER (WHERE raw_data ->> 'subtype' = 'tombstone') AS deleted_root,
       count(*) FILTER (WHERE raw_data ? 'blocks' AND jsonb_path_exists(raw_data,
           '$.blocks[*].**.style ? (@.underline == true || @.highlight == true || @.client_highlight == true)')) AS underlined,
       count(*) FILTER (WHERE raw_data ? 'blocks' AND jsonb_path_exists(raw_data,
           '$.blocks[*].** ? (@.type == "rich_text_list" && @.style == "ordered" && @.indent > 0)')) AS lettered,
       count(*) FILTER (WHERE raw_data ? 'attachments' AND jsonb_path_exists(raw_data,
           '$.attachments[*] ? (@.is_share == true || @.is_msg_unfurl == true || @.is_reply_unfurl == true)')) AS shared,
       count(*) FILTER (WHERE raw_data ? 'attachments' AND jsonb_path_exists(raw_data,
           '$.attachments[*] ? (@.color like_regex "." && !exists(@.from_url) && !exists(@.original_url))')) AS coloured,
       count(*) FILTER (WHERE raw_data ? 'attachments' AND EXISTS (
           SELECT FROM jsonb_path_query(raw_data,
               '$.attachments[*] ? ((exists(@.from_url) || exists(@.original_url)) && !exists(@.blocks) && !exists(@.is_app_unfurl)
                                    && !exists(@.is_share) && !exists(@.is_msg_unfurl) && !exists(@.is_reply_unfurl))') AS card
           WHERE strpos(replace(concat(raw_data ->> 'text', raw_data -> 'blocks'), '&amp;', '&'),
                        replace(NULLIF(rtrim(COALESCE(NULLIF(card ->> 'from_url', ''), card ->> 'original_url'), '/'), ''), '&amp;', '&')) > 0))
           AS unfurled,
       count(*) FILTER (WHERE raw_data ->> 'text' LIKE '%%<!date^%%') AS dates,
       count(*) FILTER (WHERE raw_data ->> 'text' LIKE '%%<!subteam^%%') AS user_groups,
       count(*) FILTER (WHERE starts_with(error_message, %(stale)s)) AS stale,
       count(*) FILTER (WHERE parent_slack_id IS NOT NULL) AS replies
FROM entities WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'success'

-- threads_with --
-- How many threads have replies here, and how many of them a first message that no export holds. Beside the messages' own counts:
-- to tell what is distinct, PostgreSQL would sort them with all that they hold.
SELECT count(*) AS threads,
       count(*) FILTER (WHERE NOT EXISTS (
           SELECT FROM entities m WHERE m.workspace = %(workspace)s AND m.entity_type = 'message' AND m.slack_id = roots.slack_id)) AS without_root
FROM (SELECT DISTINCT parent_slack_id AS slack_id FROM entities
      WHERE workspace = %(workspace)s AND entity_type = 'message' AND status = 'success' AND parent_slack_id IS NOT NULL) AS roots

-- others_with --
-- How many people, conversations and emoji that are on the server lost something on their way.
SELECT count(*) FILTER (WHERE entity_type = 'user' AND (COALESCE(raw_data #>> '{profile,status_text}', '') <> ''
                              OR COALESCE(raw_data #>> '{profile,status_emoji}', '') <> '')) AS status_texts,
       count(*) FILTER (WHERE entity_type = 'channel' AND origin = 'created') AS channels_made,
       count(*) FILTER (WHERE entity_type = 'custom_emoji' AND origin = 'created' AND parent_slack_id IS NULL) AS emoji_made,
       count(*) FILTER (WHERE entity_type = 'custom_emoji' AND parent_slack_id IS NOT NULL) AS aliases
FROM entities WHERE workspace = %(workspace)s AND entity_type IN ('user', 'channel', 'custom_emoji') AND status = 'success'

-- files_that_are_lost --
-- Files whose bytes are not on the server though their message is, and nobody chose so, by what Slack says of them.
SELECT COALESCE(f.raw_data ->> 'mode', ''),
       CASE WHEN starts_with(f.error_message, %(too_large)s) THEN 'too_large' ELSE COALESCE(f.raw_data ->> 'file_access', '') END, count(*)
FROM entities f JOIN entities m ON m.workspace = f.workspace AND m.entity_type = 'message' AND m.slack_id = f.parent_slack_id
WHERE f.workspace = %(workspace)s AND f.entity_type = 'attachment' AND f.status IN ('skipped', 'failed')
  AND NOT starts_with(COALESCE(f.error_message, ''), %(left_out)s) AND m.status = 'success' GROUP BY 1, 2

-- slack_address --
-- The first part of the workspace's address in Slack, by the links of its files; a few, as files that others shared have theirs.
SELECT substring(link from '^https://([a-z0-9-]+)[.a-z0-9-]*[.]slack[.]com/') AS address
FROM (SELECT raw_data ->> 'permalink' AS link FROM entities
      WHERE workspace = %(workspace)s AND entity_type = 'attachment' AND raw_data ? 'permalink' LIMIT 200) AS few
WHERE link ~ '^https://[.a-z0-9-]+[.]slack[.]com/' AND link !~ '^https://(files|app)[.]'
GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1

-- exports --
-- The exports that were staged, by the fingerprint of their bytes.
SELECT fingerprint FROM staged_exports WHERE workspace = %(workspace)s ORDER BY 1

-- run_times --
-- When the first step began and the last one ended (ms).
SELECT (extract(epoch FROM min(started_at)) * 1000)::bigint, (extract(epoch FROM max(ended_at)) * 1000)::bigint
FROM steps WHERE workspace = %(workspace)s

-- version --
SELECT current_setting('server_version')
