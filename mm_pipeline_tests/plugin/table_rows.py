"""The rows of the server's own tables that a world's channels and threads consist of, in words that are the same in every world.

Ids become names (of people, channels and posts), and what is of today becomes "now". Asks the database, and changes nothing.
"""

import json
import re
from typing import Any

from mm_pipeline_tests.mattermost.world import World

_IDS = re.compile(r"(\b[a-z0-9]{26}\b)")
#: Everything that happened in a world happened long before.
_TODAY_MS = 1_750_000_000_000
#: Table -> its rows of the channels of a world.
_OF_CHANNELS = {
    "posts": "SELECT * FROM posts WHERE channelid = ANY(%(ids)s)",
    "reactions": "SELECT * FROM reactions WHERE channelid = ANY(%(ids)s)",
    "threads": "SELECT * FROM threads WHERE channelid = ANY(%(ids)s)",
    "threadmemberships": "SELECT m.* FROM threadmemberships m JOIN posts p ON p.id = m.postid WHERE p.channelid = ANY(%(ids)s)",
    "channels": "SELECT * FROM channels WHERE id = ANY(%(ids)s)",
    "channelmembers": "SELECT * FROM channelmembers WHERE channelid = ANY(%(ids)s)",
    "fileinfo": "SELECT * FROM fileinfo WHERE channelid = ANY(%(ids)s)",
}
TABLES = tuple(_OF_CHANNELS)


def rows_of(world: World, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table, every column of them, in an order that does not hang on ids."""
    channels = {
        channel.id: name for name in ("room", "attic", "dm", "gm", "notes") for channel in [getattr(world, name)]
    }
    words = {user_id: name.partition(".")[0] for name, user_id in world.ids.items()} | channels
    words[world.server.team_id] = "team"
    ids = {"ids": list(channels)}
    words |= {post["id"]: f"<{post['message']}>" for post in world.rows(_OF_CHANNELS["posts"], **ids)}
    words |= {file["id"]: f"<{file['name']}>" for file in world.rows(_OF_CHANNELS["fileinfo"], **ids)}
    # In which order the files of a post stand is a matter of chance: the server has them by id.
    rows = [
        {name: _in_order(_word(value, words), name) for name, value in row.items()}
        for row in world.rows(_OF_CHANNELS[table], **ids)
    ]
    return sorted(rows, key=repr)


def _in_order(value: Any, column: str) -> Any:
    return sorted(json.loads(value)) if column == "fileids" else value


def _word(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, int) and value > _TODAY_MS:
        return "now"
    if isinstance(value, str):
        # Paths, and lists of files, hold ids in the midst of other words.
        return "".join(words.get(part, part) for part in _IDS.split(value))
    if isinstance(value, list):
        return [_word(one, words) for one in value]
    return value
