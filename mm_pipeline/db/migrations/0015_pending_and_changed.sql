-- What is pending, and what was told otherwise after it was sent, are asked for apart, and of the second there is mostly nothing: by an
-- index of its own that is found at once, also while all rows are pending.
DROP INDEX entities_to_do;
CREATE INDEX entities_pending ON entities (workspace, entity_type) WHERE status = 'pending';
CREATE INDEX entities_changed ON entities (workspace, entity_type) WHERE status = 'success' AND sent_hash IS DISTINCT FROM raw_hash;
