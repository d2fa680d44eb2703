-- All that a batch writes, by one statement: all of it or nothing, whether or not anybody is left to hear of it. the_locks: sorted
-- numbers, one for each thing that only one batch at a time may write; nobody else waits. the_turns: how often each of these
-- had been written when the batch looked. Returns false, and has written nothing, where that is not so any more. the_steps: the
-- statements, each with the number of its first argument; none has more than three.
CREATE OR REPLACE FUNCTION mm_pipeline_together(the_locks json, the_turns json, the_steps json, VARIADIC the_arguments text[])
RETURNS boolean LANGUAGE plpgsql AS $together$
DECLARE
    step json;
    n integer;
BEGIN
    PERFORM pg_advisory_xact_lock(key::bigint) FROM json_array_elements_text(the_locks) AS key;
    IF EXISTS (
        SELECT 1 FROM json_to_recordset(the_turns) AS seen(name text, turn bigint)
        LEFT JOIN mm_pipeline_turns AS now ON now.name = seen.name
        WHERE coalesce(now.turn, 0) <> seen.turn
    ) THEN
        RETURN false;
    END IF;
    INSERT INTO mm_pipeline_turns (name, turn)
    SELECT seen.name, seen.turn + 1 FROM json_to_recordset(the_turns) AS seen(name text, turn bigint)
    ON CONFLICT (name) DO UPDATE SET turn = excluded.turn;
    FOR step IN SELECT value FROM json_array_elements(the_steps) LOOP
        n := step ->> 'first';
        EXECUTE step ->> 'statement' USING the_arguments[n], the_arguments[n + 1], the_arguments[n + 2];
    END LOOP;
    RETURN true;
END
$together$
