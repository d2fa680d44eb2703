-- raw_data as it was sent, where a newer export told otherwise since: whoever writes another raw_data keeps the old one here.
ALTER TABLE entities ADD COLUMN sent_data jsonb;
