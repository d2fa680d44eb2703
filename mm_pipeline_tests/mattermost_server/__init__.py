"""A real, throw-away Mattermost server with its own PostgreSQL, for tests, people and benchmarks. Never a server to keep."""
