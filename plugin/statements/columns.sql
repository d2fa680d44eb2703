-- The columns of some tables ($1: a JSON list of names), as the server's connection sees them; one row of JSON, because
-- each row costs a call from the plugin to the server.
SELECT coalesce(json_agg(json_build_object(
    'table', table_name,
    'name', column_name,
    'type', udt_name,
    'length', coalesce(character_maximum_length, 0),
    'nullable', is_nullable = 'YES',
    'has_default', column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS'
)), '[]')
FROM information_schema.columns
WHERE table_schema = current_schema()
  AND table_name IN (SELECT json_array_elements_text($1::json))
