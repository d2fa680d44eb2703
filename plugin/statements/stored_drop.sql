DROP TABLE IF EXISTS mm_pipeline_posts, mm_pipeline_files, mm_pipeline_accounts, mm_pipeline_channels
