-- One batch at a time for each channel ($1: a sorted JSON list of numbers), until the transaction ends. Nobody else waits.
SELECT count(pg_advisory_xact_lock(key::bigint)) FROM json_array_elements_text($1::json) AS key
