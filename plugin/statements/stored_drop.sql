DROP TABLE IF EXISTS mm_pipeline_posts
