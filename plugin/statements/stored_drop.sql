DROP TABLE IF EXISTS mm_pipeline_posts, mm_pipeline_files
