-- $1: id, $2: whether more of the file may lie there than the server knows of.
UPDATE mm_pipeline_files SET isdoubtful = $2 WHERE id = $1
