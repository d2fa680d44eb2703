-- The transactions of others that write posts at this moment and are not over; of those in $1 (a JSON list of them) alone, where it
-- is one. The server writes a reply first, and reads the count of its thread then, in one transaction (sqlstore/post_store.go,
-- SaveMultiple, 9.9 and 11.4 alike).
SELECT coalesce(json_agg(DISTINCT virtualtransaction), '[]')
FROM pg_locks
WHERE locktype = 'relation' AND relation = 'posts'::regclass AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ($1::json IS NULL OR virtualtransaction IN (SELECT json_array_elements_text($1::json)))
