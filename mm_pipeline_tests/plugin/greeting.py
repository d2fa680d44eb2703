"""What a plugin that may write says of itself, for servers that only play one. Looks at no real one."""

from mm_pipeline.mattermost.importer import API_VERSION

GREETING = {"api": API_VERSION, "database": "postgres", "fingerprint": "f", "objections": []}
