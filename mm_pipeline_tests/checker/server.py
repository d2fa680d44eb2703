"""What a Mattermost server's database (9.9 to 11.4) holds, read by SQL alone. Writes nothing, compares nothing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row, dict_row

Row = TypeVar("Row")

TEAM = "SELECT id FROM teams WHERE name = %(team)s"

ACCOUNTS = """
    SELECT users.id, users.username, lower(users.email) AS email, users.createat AS create_at,
           users.deleteat AS delete_at, coalesce(firstname, '') AS first_name, coalesce(lastname, '') AS last_name,
           coalesce(nickname, '') AS nickname, bots.userid IS NOT NULL AS is_bot,
           EXISTS (SELECT 1 FROM teammembers WHERE teamid = %(team)s AND userid = users.id AND teammembers.deleteat = 0)
               AS in_team
    FROM users LEFT JOIN bots ON bots.userid = users.id ORDER BY users.username"""

CHANNELS = """
    SELECT id, type::text AS type, name, coalesce(displayname, '') AS display_name, coalesce(header, '') AS header,
           coalesce(purpose, '') AS purpose, createat AS create_at, deleteat AS delete_at,
           coalesce(teamid, '') AS team_id, coalesce(totalmsgcount, 0) AS messages,
           coalesce(totalmsgcountroot, 0) AS roots
    FROM channels WHERE teamid = %(team)s OR coalesce(teamid, '') = '' ORDER BY name"""

MEMBERS = """
    SELECT userid AS user_id, coalesce(msgcount, 0) AS seen, coalesce(msgcountroot, 0) AS seen_roots,
           coalesce(mentioncount, 0) AS mentions,
           coalesce((SELECT min(jointime) FROM channelmemberhistory AS history
                     WHERE history.channelid = channelmembers.channelid AND history.userid = channelmembers.userid), 0)
               AS joined_at
    FROM channelmembers WHERE channelid = %(channel)s"""

POSTS = """
    SELECT id, createat AS create_at, userid AS user_id, coalesce(rootid, '') AS root_id, message,
           coalesce(type, '') AS type, coalesce(props::text, '{}') AS props, coalesce(fileids, '') AS file_ids,
           coalesce(ispinned, false) AS is_pinned, coalesce(editat, 0) AS edit_at
    FROM posts WHERE channelid = %(channel)s AND deleteat = 0 AND coalesce(originalid, '') = '' ORDER BY createat, id"""

REACTIONS = """
    SELECT reactions.postid AS post_id, reactions.emojiname AS name, reactions.userid AS user_id
    FROM reactions JOIN posts ON posts.id = reactions.postid
    WHERE posts.channelid = %(channel)s AND coalesce(reactions.deleteat, 0) = 0"""

FILES = """
    SELECT fileinfo.id, fileinfo.postid AS post_id, fileinfo.name, fileinfo.size, fileinfo.path
    FROM fileinfo JOIN posts ON posts.id = fileinfo.postid
    WHERE posts.channelid = %(channel)s AND fileinfo.deleteat = 0 ORDER BY fileinfo.id"""

THREADS = """
    SELECT postid AS post_id, coalesce(replycount, 0) AS replies, coalesce(lastreplyat, 0) AS last_reply_at
    FROM threads WHERE channelid = %(channel)s AND coalesce(threaddeleteat, 0) = 0"""

UNREAD_THREADS = """
    SELECT threadmemberships.userid AS user_id, threads.postid AS post_id
    FROM threads JOIN threadmemberships ON threadmemberships.postid = threads.postid
    WHERE threads.channelid = %(channel)s AND threadmemberships.following
      AND (threadmemberships.lastviewed < threads.lastreplyat OR threadmemberships.unreadmentions > 0)"""

SAME_TIMES = """
    SELECT channelid, count(DISTINCT createat) FROM posts
    WHERE createat = ANY(%(times)s) AND deleteat = 0 GROUP BY channelid"""

EMOJI = "SELECT name FROM emoji WHERE deleteat = 0"


@dataclass(slots=True, kw_only=True)
class Account:
    """An account, a bot's too. Times in ms; `delete_at` 0: active."""

    id: str
    username: str
    email: str
    create_at: int
    delete_at: int
    first_name: str
    last_name: str
    nickname: str
    is_bot: bool
    in_team: bool


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel; `type` is O, P, D or G."""

    id: str
    type: str
    name: str
    display_name: str
    header: str
    purpose: str
    create_at: int
    delete_at: int
    team_id: str
    messages: int
    roots: int


@dataclass(slots=True, kw_only=True)
class Member:
    """Somebody in a channel, and how much of it counts as read."""

    user_id: str
    seen: int
    seen_roots: int
    mentions: int
    joined_at: int


@dataclass(slots=True, kw_only=True)
class File:
    """A file on a post; `path` leads to its bytes in the file store."""

    id: str
    post_id: str
    name: str
    size: int
    path: str


@dataclass(slots=True, kw_only=True)
class Post:
    """A post that is not deleted, with what hangs on it."""

    id: str
    create_at: int
    user_id: str
    root_id: str
    message: str
    type: str
    props: str
    file_ids: str
    is_pinned: bool
    edit_at: int
    reactions: list[tuple[str, str]] = field(default_factory=list)  #: (name, user id)
    files: list[File] = field(default_factory=list)

    def shown(self) -> str:
        """Everything of the post that is text for a reader: message, name it carries, attachments; all of a notice's props."""
        if self.props == "{}":
            return self.message
        props = json.loads(self.props)
        told = props if self.type.startswith("system_") else [props.get("override_username"), props.get("attachments")]
        return "\n".join((self.message, *_strings(told)))


@dataclass(slots=True, kw_only=True)
class Thread:
    """The server's own record of a thread."""

    post_id: str
    replies: int
    last_reply_at: int


class Server:
    """One team of a server, through one connection."""

    def __init__(self, connection: psycopg.Connection[Any], team: str) -> None:
        self.connection = connection
        row = connection.execute(TEAM, {"team": team}).fetchone()
        if row is None:
            raise LookupError(f"the server has no team named {team}")
        self.team_id: str = row[0]
        self.accounts = self._rows(Account, ACCOUNTS, team=self.team_id)
        self.channels = self._rows(Channel, CHANNELS, team=self.team_id)
        self.emoji = {name for (name,) in connection.execute(EMOJI)}

    def members(self, channel: Channel) -> list[Member]:
        """Return the channel's members."""
        return self._rows(Member, MEMBERS, channel=channel.id)

    def posts(self, channel: Channel) -> list[Post]:
        """Return the channel's posts with reactions and files, oldest first."""
        posts = self._rows(Post, POSTS, channel=channel.id)
        by_id = {post.id: post for post in posts}
        for post_id, name, user_id in self.connection.execute(REACTIONS, {"channel": channel.id}):
            if post_id in by_id:
                by_id[post_id].reactions.append((name, user_id))
        for file in self._rows(File, FILES, channel=channel.id):
            if file.post_id in by_id:
                by_id[file.post_id].files.append(file)
        return posts

    def threads(self, channel: Channel) -> dict[str, Thread]:
        """Return root id -> the server's record of the thread."""
        return {thread.post_id: thread for thread in self._rows(Thread, THREADS, channel=channel.id)}

    def unread_threads(self, channel: Channel) -> list[tuple[str, str]]:
        """Return (user id, root id) of followed threads that are not read to their end."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(UNREAD_THREADS, {"channel": channel.id}).fetchall()
        return [(row["user_id"], row["post_id"]) for row in rows]

    def channels_with(self, times: Iterable[int]) -> dict[str, int]:
        """Return channel id -> how many of these milliseconds have a post there."""
        return {row[0]: row[1] for row in self.connection.execute(SAME_TIMES, {"times": list(times)})}

    def _rows(self, row_class: type[Row], query: str, **parameters: object) -> list[Row]:
        with self.connection.cursor(row_factory=class_row(row_class)) as cursor:
            return cursor.execute(query, parameters).fetchall()


def _strings(value: Any) -> list[str]:
    """Every text in a JSON value, attachments and fields alike."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for entry in value for text in _strings(entry)] if isinstance(value, list) else []
