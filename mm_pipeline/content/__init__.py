"""Bytes: of files and emoji pictures, where they are kept and what fetches them. Knows no rows and no Mattermost."""
