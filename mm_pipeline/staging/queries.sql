-- lock_workspace --
-- Two stagings of one workspace go one after the other. Freed with the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('stage ' || %(workspace)s, 0))

-- is_staged --
SELECT EXISTS (SELECT 1 FROM entities WHERE workspace = %(workspace)s)

-- staged_before --
-- What the staging of this very export said.
SELECT result::text FROM staged_exports WHERE workspace = %(workspace)s AND fingerprint = %(fingerprint)s

-- is_fingerprint_staged --
SELECT EXISTS (SELECT 1 FROM staged_exports WHERE fingerprint = %(fingerprint)s)

-- remember_staged --
INSERT INTO staged_exports (workspace, fingerprint, result, staged_at) VALUES (%(workspace)s, %(fingerprint)s, %(result)s::jsonb, now())
ON CONFLICT (workspace, fingerprint) DO UPDATE SET result = EXCLUDED.result

-- copy_entities --
-- The first load of a workspace: no detour.
COPY entities (workspace, entity_type, slack_id, raw_data, raw_hash, shard, channel_slack_id, parent_slack_id, user_slack_id,
               create_at, status, error_message) FROM STDIN

-- create_incoming --
-- A further export first lies here; raw_data stays text, because most of it is known already.
CREATE TEMP TABLE incoming (
    n                bigint GENERATED ALWAYS AS IDENTITY,
    workspace        text,
    entity_type      text,
    slack_id         text,
    raw_data         text,
    raw_hash         text,
    shard            smallint,
    channel_slack_id text,
    parent_slack_id  text,
    user_slack_id    text,
    create_at        bigint,
    status           text,
    error_message    text
) ON COMMIT DROP

-- copy_incoming --
COPY incoming (workspace, entity_type, slack_id, raw_data, raw_hash, shard, channel_slack_id, parent_slack_id, user_slack_id,
               create_at, status, error_message) FROM STDIN

-- analyze_incoming --
ANALYZE incoming

-- insert_new --
-- Rows that no export brought before, in Slack's order. Returns how many per type.
WITH added AS (
    INSERT INTO entities (workspace, entity_type, slack_id, raw_data, raw_hash, shard, channel_slack_id, parent_slack_id,
                          user_slack_id, create_at, status, error_message)
    SELECT workspace, entity_type, slack_id, raw_data::jsonb, raw_hash, shard, channel_slack_id, parent_slack_id, user_slack_id,
           create_at, status, error_message
    FROM incoming i
    WHERE NOT EXISTS (SELECT 1 FROM entities e
                      WHERE e.workspace = i.workspace AND e.entity_type = i.entity_type AND e.slack_id = i.slack_id)
    ORDER BY n
    ON CONFLICT (workspace, entity_type, slack_id) DO NOTHING
    RETURNING entity_type
)
SELECT entity_type, count(*) FROM added GROUP BY 1

-- differing --
-- Rows that this export tells otherwise than what is stored.
SELECT e.id, e.entity_type, e.raw_data::text, i.raw_data, i.parent_slack_id, i.user_slack_id
FROM incoming i
JOIN entities e ON e.workspace = i.workspace AND e.entity_type = i.entity_type AND e.slack_id = i.slack_id
WHERE e.raw_hash <> i.raw_hash

-- keep_replaced --
-- What is about to change, as it is: staged_exports has the same moment.
INSERT INTO replaced (workspace, staged_at, entity_id, raw_data, raw_hash, parent_slack_id, user_slack_id, sent_data)
SELECT workspace, now(), id, raw_data, raw_hash, parent_slack_id, user_slack_id, sent_data FROM entities WHERE id = ANY(%(ids)s)
ON CONFLICT DO NOTHING

-- staged_last --
-- The export that was staged last, and when.
SELECT fingerprint, COALESCE(NULLIF(result ->> 'name', ''), 'an earlier export'), staged_at
FROM staged_exports WHERE workspace = %(workspace)s ORDER BY staged_at DESC NULLS LAST LIMIT 1

-- export_has_begun --
-- Whether a step that sends has begun since: what it sent is known for certain only when it was read back.
SELECT EXISTS (SELECT 1 FROM steps WHERE workspace = %(workspace)s AND step = ANY(%(steps)s) AND started_at >= %(staged_at)s)

-- restore_replaced --
UPDATE entities e
SET raw_data = r.raw_data, raw_hash = r.raw_hash, parent_slack_id = r.parent_slack_id, user_slack_id = r.user_slack_id,
    sent_data = r.sent_data, updated_at = now()
FROM replaced r WHERE r.workspace = %(workspace)s AND r.staged_at = %(staged_at)s AND e.id = r.entity_id

-- remove_added --
-- Rows that an export brought: all were created at the moment it was staged.
DELETE FROM entities WHERE workspace = %(workspace)s AND created_at = %(staged_at)s RETURNING entity_type

-- forget_replaced --
DELETE FROM replaced WHERE workspace = %(workspace)s AND staged_at = %(staged_at)s

-- forget_decisions --
-- Of rows that are no more.
DELETE FROM plans p WHERE p.workspace = %(workspace)s AND NOT EXISTS (
    SELECT 1 FROM entities e WHERE e.workspace = p.workspace AND e.entity_type = p.entity_type AND e.slack_id = p.slack_id)

-- forget_parts_of_none --
DELETE FROM derived_posts d WHERE d.workspace = %(workspace)s AND NOT EXISTS (
    SELECT 1 FROM entities e WHERE e.workspace = d.workspace AND e.entity_type = 'message' AND e.slack_id = d.slack_id)

-- look_at_plan_again --
-- Without the choices that a plan was made by it is made once more; what was decided and edited stays.
DELETE FROM plan_choices WHERE workspace = %(workspace)s

-- forget_staged --
DELETE FROM staged_exports WHERE workspace = %(workspace)s AND fingerprint = %(fingerprint)s

-- update_changed --
-- What changed in Slack. Status and time stay: the row was sent, or will be, as it is then. What was sent is kept beside it.
UPDATE entities e
SET sent_data = CASE WHEN e.sent_hash = e.raw_hash THEN e.raw_data ELSE e.sent_data END,
    raw_data = c.raw_data::jsonb, raw_hash = c.raw_hash, parent_slack_id = COALESCE(c.parent, e.parent_slack_id),
    user_slack_id = COALESCE(c.author, e.user_slack_id), updated_at = now()
FROM unnest(%(ids)s::bigint[], %(raw_data)s::text[], %(raw_hashes)s::text[], %(parents)s::text[], %(authors)s::text[])
     AS c (id, raw_data, raw_hash, parent, author)
WHERE e.id = c.id

-- staged_channels --
-- The folder of each conversation as it was called when it was staged.
SELECT slack_id, raw_data ->> 'name' FROM entities WHERE workspace = %(workspace)s AND entity_type = 'channel' ORDER BY id

-- staged_emoji --
SELECT slack_id FROM entities WHERE workspace = %(workspace)s AND entity_type = 'custom_emoji'

-- staged_times --
-- A channel's messages and their ms.
SELECT slack_id, create_at FROM entities
WHERE workspace = %(workspace)s AND entity_type = 'message' AND channel_slack_id = %(channel)s AND create_at IS NOT NULL

-- derived_times --
-- Ms that parts of a channel's messages took.
SELECT create_at FROM derived_posts WHERE workspace = %(workspace)s AND starts_with(slack_id, %(channel)s || ':')

-- add_tokens --
INSERT INTO export_tokens (workspace, token) SELECT %(workspace)s, unnest(%(tokens)s::text[]) ON CONFLICT DO NOTHING

-- told_anew --
-- Rows that this or these exports tell otherwise than what is stored, those of one row one after the other.
SELECT e.id, e.entity_type, e.slack_id, e.raw_data::text, i.raw_data, COALESCE(e.channel_slack_id, ''), e.sent_hash IS NOT NULL
FROM incoming i
JOIN entities e ON e.workspace = i.workspace AND e.entity_type = i.entity_type AND e.slack_id = i.slack_id
WHERE e.raw_hash <> i.raw_hash ORDER BY e.id, i.n

-- new_in_channels --
-- How many messages (of these: replies), files and reactions are new, per conversation.
SELECT channel_slack_id, entity_type, count(DISTINCT slack_id),
       count(DISTINCT slack_id) FILTER (WHERE entity_type = 'message' AND parent_slack_id IS NOT NULL)
FROM incoming i
WHERE channel_slack_id IS NOT NULL AND entity_type <> 'channel'
  AND NOT EXISTS (SELECT 1 FROM entities e WHERE e.workspace = i.workspace AND e.entity_type = i.entity_type AND e.slack_id = i.slack_id)
GROUP BY 1, 2

-- new_by_themselves --
-- New people, emoji and conversations, as the newest export tells of them.
SELECT DISTINCT ON (entity_type, slack_id) entity_type, slack_id, raw_data
FROM incoming i
WHERE entity_type IN ('user', 'custom_emoji', 'channel')
  AND NOT EXISTS (SELECT 1 FROM entities e WHERE e.workspace = i.workspace AND e.entity_type = i.entity_type AND e.slack_id = i.slack_id)
ORDER BY entity_type, slack_id, n DESC

-- names_of_channels --
-- What conversations are called by now.
SELECT slack_id, raw_data ->> 'name' FROM entities WHERE workspace = %(workspace)s AND entity_type = 'channel'
UNION ALL
SELECT slack_id, raw_data::jsonb ->> 'name' FROM incoming WHERE entity_type = 'channel'
