-- When what had gone to the server was taken back last: said until something is sent there again.
ALTER TABLE targets ADD COLUMN rollback_began_at timestamptz, ADD COLUMN rollback_ended_at timestamptz;
