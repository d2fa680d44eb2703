DROP TABLE IF EXISTS mm_pipeline_posts, mm_pipeline_files, mm_pipeline_accounts, mm_pipeline_channels, mm_pipeline_turns;
DROP FUNCTION IF EXISTS mm_pipeline_together
