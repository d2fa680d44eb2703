"""What a Mattermost server holds, told without ids and import times, so that two servers can be compared. Judges nothing."""

from typing import Any

import psycopg

from mm_pipeline_tests.mattermost_server.running import RunningServer

_NAMES = r"""
CREATE FUNCTION pg_temp.anywhere(words text) RETURNS text LANGUAGE sql AS
    $$ SELECT regexp_replace(words, 'http://127\.0\.0\.1:\d+/(\S+?)/pl/[a-z0-9]{26}', 'http://here/\1/pl/post', 'g') $$;
CREATE TEMP VIEW who AS SELECT id, username FROM users;
CREATE TEMP VIEW place AS
    SELECT c.id, CASE WHEN c.type IN ('D', 'G')
                      THEN (SELECT string_agg(w.username, ' ' ORDER BY w.username) FROM channelmembers m JOIN who w ON w.id = m.userid
                            WHERE m.channelid = c.id)
                      ELSE c.name END AS name
    FROM channels c
"""

#: Lists of rows, each in an order of its own content.
_CONTENT = {
    "accounts": """
        SELECT u.username, u.email, u.firstname, u.lastname, u.nickname, u.position, u.roles, u.locale, u.deleteat > 0,
               u.timezone::jsonb ->> 'automaticTimezone', u.lastpictureupdate > 0,
               b.userid IS NOT NULL, b.description, EXISTS (SELECT 1 FROM teammembers t WHERE t.userid = u.id AND t.deleteat = 0)
        FROM users u LEFT JOIN bots b ON b.userid = u.id ORDER BY 1""",
    "channels": """
        SELECT c.type::text, p.name, c.displayname, c.header, c.purpose, c.deleteat > 0, c.totalmsgcount, c.totalmsgcountroot
        FROM channels c JOIN place p ON p.id = c.id ORDER BY 1, 2""",
    "members": """
        SELECT p.name, w.username, m.msgcount, m.msgcountroot, m.mentioncount, m.mentioncountroot
        FROM channelmembers m JOIN place p ON p.id = m.channelid JOIN who w ON w.id = m.userid ORDER BY 1, 2""",
    "posts": """
        SELECT p.name, t.createat, w.username, pg_temp.anywhere(t.message), t.type, pg_temp.anywhere(t.props::text), t.ispinned,
               t.editat, t.deleteat > 0, root.createat, pg_temp.anywhere(root.message), t.hashtags
        FROM posts t JOIN place p ON p.id = t.channelid JOIN who w ON w.id = t.userid LEFT JOIN posts root ON root.id = t.rootid
        WHERE t.type NOT LIKE 'system_%' ORDER BY 1, 2, 3, 4""",
    "files": """
        SELECT p.name, t.createat, f.name, f.size, f.mimetype, w.username
        FROM fileinfo f JOIN posts t ON t.id = f.postid JOIN place p ON p.id = t.channelid JOIN who w ON w.id = f.creatorid
        WHERE f.deleteat = 0 ORDER BY 1, 2, 3, 4""",
    "files of no post": "SELECT name, size FROM fileinfo WHERE postid = '' AND path NOT LIKE 'import/%' ORDER BY 1",
    "import jobs": "SELECT status FROM jobs WHERE type = 'import_process' ORDER BY createat",
    "reactions": """
        SELECT p.name, t.createat, w.username, r.emojiname, r.createat
        FROM reactions r JOIN posts t ON t.id = r.postid JOIN place p ON p.id = t.channelid JOIN who w ON w.id = r.userid
        WHERE coalesce(r.deleteat, 0) = 0 ORDER BY 1, 2, 3, 4""",
    "threads": """
        SELECT p.name, t.createat, h.replycount, h.lastreplyat
        FROM threads h JOIN posts t ON t.id = h.postid JOIN place p ON p.id = t.channelid ORDER BY 1, 2, 3""",
    "followers": """
        SELECT p.name, t.createat, w.username, m.following, m.unreadmentions, m.lastviewed >= h.lastreplyat
        FROM threadmemberships m JOIN posts t ON t.id = m.postid JOIN threads h ON h.postid = t.id
        JOIN place p ON p.id = t.channelid JOIN who w ON w.id = m.userid ORDER BY 1, 2, 3""",
    "notices": """
        SELECT p.name, t.type, w.username FROM posts t JOIN place p ON p.id = t.channelid JOIN who w ON w.id = t.userid
        WHERE t.type LIKE 'system_%' AND t.deleteat = 0 ORDER BY 1, 2, 3""",
    "emoji": "SELECT e.name, w.username FROM emoji e JOIN who w ON w.id = e.creatorid WHERE e.deleteat = 0 ORDER BY 1",
}


def content_of(server: RunningServer) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that people would see, by kind."""
    with psycopg.connect(server.database_url) as connection:
        connection.execute(_NAMES.encode())
        return {what: connection.execute(query.encode()).fetchall() for what, query in _CONTENT.items()}
