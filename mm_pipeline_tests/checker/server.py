"""What a Mattermost server's database (9.9 to 11.4) holds, read by SQL alone. Writes nothing, compares nothing."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from mm_pipeline_tests.checker.rows import Account, Channel, File, Member, Post, Thread

Row = TypeVar("Row")

TEAM = "SELECT id FROM teams WHERE name = %(team)s"

#: A table that 9.9 lacks and 11.4 has: it came with the servers that keep all of an imported reply (10.5).
KEEPS_REPLIES = "SELECT to_regclass('propertyfields') IS NOT NULL"

ACCOUNTS = """
    SELECT users.id, users.username, lower(users.email) AS email, users.createat AS create_at,
           users.deleteat AS delete_at, coalesce(firstname, '') AS first_name, coalesce(lastname, '') AS last_name,
           coalesce(nickname, '') AS nickname, coalesce(position, '') AS position, coalesce(locale, '') AS locale,
           coalesce(users.roles, '') AS roles,
           coalesce(users.timezone ->> CASE users.timezone ->> 'useAutomaticTimezone' WHEN 'true'
                                       THEN 'automaticTimezone' ELSE 'manualTimezone' END, '') AS time_zone,
           bots.userid IS NOT NULL AS is_bot,
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

FOLLOWERS = """
    SELECT threads.postid, threadmemberships.userid
    FROM threads JOIN threadmemberships ON threadmemberships.postid = threads.postid
    WHERE threads.channelid = %(channel)s AND threadmemberships.following"""

UNREAD_THREADS = FOLLOWERS + (
    " AND (threadmemberships.lastviewed < threads.lastreplyat OR threadmemberships.unreadmentions > 0)"
)

#: What the server itself counts: deleted posts too, but nobody's coming and going (Post.IsJoinLeaveMessage).
COUNTED = """
    SELECT count(*), count(*) FILTER (WHERE coalesce(rootid, '') = '') FROM posts
    WHERE channelid = %(channel)s AND coalesce(originalid, '') = '' AND coalesce(type, '') <> ALL (ARRAY[
        'system_join_leave', 'system_add_remove', 'system_join_channel', 'system_leave_channel', 'system_join_team',
        'system_leave_team', 'system_add_to_channel', 'system_remove_from_channel', 'system_add_to_team',
        'system_remove_from_team'])"""

SAME_TIMES = """
    SELECT channelid, count(DISTINCT createat) FROM posts
    WHERE createat = ANY(%(times)s) AND deleteat = 0 GROUP BY channelid"""

NOTICES = """
    SELECT channels.name, posts.type FROM posts JOIN channels ON channels.id = posts.channelid
    WHERE posts.createat >= %(since)s AND posts.deleteat = 0 AND channels.id <> ALL (%(known)s)
      AND (posts.type LIKE 'system\\_%%' OR posts.type = 'add_bot_teams_channels')
      AND (channels.teamid = %(team)s OR posts.userid = ANY (%(people)s))"""

PRESENT = """
    SELECT userid, status FROM status
    WHERE userid = ANY (%(people)s) AND status <> 'offline' AND coalesce(lastactivityat, 0) >= %(since)s"""

SHOWN = """
    SELECT userid, name FROM preferences
    WHERE category = %(category)s AND value = 'true' AND userid = ANY (%(people)s)"""

EMOJI = "SELECT name, id FROM emoji WHERE deleteat = 0"


class Server:
    """One team of a server, through one connection."""

    def __init__(self, connection: psycopg.Connection[Any], team: str, *, keeps_replies: bool = False) -> None:
        self.connection = connection
        row = connection.execute(TEAM, {"team": team}).fetchone()
        if row is None:
            raise LookupError(f"the server has no team named {team}")
        self.team = team
        self.team_id: str = row[0]
        self.accounts = self._rows(Account, ACCOUNTS, team=self.team_id)
        self.channels = self._rows(Channel, CHANNELS, team=self.team_id)
        self.emoji: dict[str, str] = dict(self._tuples(EMOJI))  #: name -> id
        ((by_job,),) = self._tuples(KEEPS_REPLIES)
        self.keeps_replies: bool = keeps_replies or by_job  #: their props, and who follows their threads

    def members(self, channel: Channel) -> list[Member]:
        """Return the channel's members."""
        return self._rows(Member, MEMBERS, channel=channel.id)

    def posts(self, channel: Channel) -> list[Post]:
        """Return the channel's posts with reactions and files, oldest first."""
        posts = self._rows(Post, POSTS, channel=channel.id)
        by_id = {post.id: post for post in posts}
        for post_id, name, user_id in self._tuples(REACTIONS, channel=channel.id):
            if post_id in by_id:
                by_id[post_id].reactions.append((name, user_id))
        for file in self._rows(File, FILES, channel=channel.id):
            if file.post_id in by_id:
                by_id[file.post_id].files.append(file)
        return posts

    def threads(self, channel: Channel) -> dict[str, Thread]:
        """Return root id -> the server's record of the thread."""
        return {thread.post_id: thread for thread in self._rows(Thread, THREADS, channel=channel.id)}

    def followers(self, channel: Channel) -> dict[str, set[str]]:
        """Return root id -> the ids of those who follow the thread."""
        found: dict[str, set[str]] = {}
        for root_id, user_id in self._tuples(FOLLOWERS, channel=channel.id):
            found.setdefault(root_id, set()).add(user_id)
        return found

    def unread_threads(self, channel: Channel) -> list[tuple[str, str]]:
        """Return (root id, user id) of followed threads that are not read to their end."""
        return self._tuples(UNREAD_THREADS, channel=channel.id)

    def counted(self, channel: Channel) -> tuple[int, int]:
        """Return how many posts and how many roots the channel's totals must say."""
        ((posts, roots),) = self._tuples(COUNTED, channel=channel.id)
        return posts, roots

    def channels_with(self, times: Iterable[int]) -> dict[str, int]:
        """Return channel id -> how many of these milliseconds have a post there."""
        return dict(self._tuples(SAME_TIMES, times=list(times)))

    def notices(self, since_ms: int, known: Collection[str], people: Collection[str]) -> list[tuple[str, str]]:
        """Return (channel name, type) of notices since then, outside of known channels, in the team or by these people."""
        where = {"since": since_ms, "known": list(known), "people": list(people), "team": self.team_id}
        return self._tuples(NOTICES, **where)

    def present(self, people: Collection[str], since_ms: int) -> list[tuple[str, str]]:
        """Return (user id, status) of those people who are shown as present, and became so since then."""
        return self._tuples(PRESENT, people=list(people), since=since_ms)

    def shown_to(self, people: Collection[str], *, groups: bool) -> list[tuple[str, str]]:
        """Return (user id, what stands in the side bar): the other person of a direct channel, the id of a group channel."""
        category = "group_channel_show" if groups else "direct_channel_show"
        return self._tuples(SHOWN, category=category, people=list(people))

    def _rows(self, row_class: type[Row], query: str, **parameters: object) -> list[Row]:
        with self.connection.cursor(row_factory=class_row(row_class)) as cursor:
            return cursor.execute(query, parameters).fetchall()

    def _tuples(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, parameters).fetchall()
