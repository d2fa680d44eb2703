"""Five people of the export are on the server already: they get everything, and notice nothing of it. On both servers, by both transports.

Nor does a run that is killed while mail and push are switched off disturb them, nor does it leave them switched off.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.rows import dict_row
from pytest_httpserver import HTTPServer

from mm_pipeline.http import Http
from mm_pipeline.mattermost.read_state import unread_threads
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.outcome import EXPORT, pending, statuses
from mm_pipeline_tests.end_to_end.small_export import Files, message, person, write
from mm_pipeline_tests.mattermost.people_of import http_of, new_channel, new_person, session_of
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.push_sink import PushSink
from mm_pipeline_tests.mattermost_server.running import RunningServer

THERE = ("U0ADA", "U0BEN", "U0CLEO", "U0DORA", "U0EMIL")
NEW = ("U0FAY", "U0GUS")
ALL = [*THERE, *NEW]
#: What of the team and of conversations does not look read to people, archived channels too.
_UNREAD = """
SELECT m.userid, c.id, c.totalmsgcount - m.msgcount AS messages, c.totalmsgcountroot - m.msgcountroot AS roots,
       m.mentioncount, m.mentioncountroot
FROM channelmembers m JOIN channels c ON c.id = m.channelid
WHERE m.userid = ANY(%s) AND (c.totalmsgcount <> m.msgcount OR c.totalmsgcountroot <> m.msgcountroot
                              OR m.mentioncount <> 0 OR m.mentioncountroot <> 0)
ORDER BY 1, 2
"""
_NOTICES = "SELECT id, type FROM posts WHERE type LIKE 'system\\_%%' AND deleteat = 0 ORDER BY id"
#: The server mails and pushes from threads of its own, after it has answered.
LATE_S = 5
#: A webhook of the team hangs on it; a message of the export begins with it.
WORD = "ahoy"
_PATIENCE_S = 120


class Before(NamedTuple):
    """The five as they were, and what they had not read."""

    accounts: list[dict[str, Any]]
    unread: list[dict[str, Any]]
    threads: list[list[str]]
    notices: list[dict[str, Any]]
    config: Any


class Street:
    """A server with five people on their phones, two of them in the team, one with a message and a thread unread.

    What people would hear of, mails and pushes, is told of the five alone: the sinks are the whole session's.
    """

    def __init__(self, server: RunningServer, team: str, mail_sink: MailSink, push_sink: PushSink) -> None:
        self._mail_sink, self._push_sink = mail_sink, push_sink
        self.server, self.team = server, team
        self.http: Http = http_of(server.url, server.token)
        self.rest = Rest(self.http, team)
        self.people = [new_person(self.http, name[2:].lower()) for name in THERE]
        for one in self.people:
            wish = {"first_name": "Her own", "last_name": "Name", "nickname": "herself"}
            self.http.put(f"/users/{one['id']}/patch", wish)
            session_of(server.url, one, f"android:{one['id']}").close()
        self.rest.add_to_team([one["id"] for one in self.people[:2]])
        self.cellar = new_channel(self.http, self.rest.team_id)["id"]
        self.rest.add_to_channel(self.cellar, [self.people[0]["id"]], in_one_call=False)
        self.http.post("/posts", {"channel_id": self.cellar, "message": f"hello @{self.people[0]['username']}"})
        first = session_of(server.url, self.people[0])
        root = first.post("/posts?set_online=false", {"channel_id": self.cellar, "message": "who has the key?"})
        first.close()
        self.http.post("/posts", {"channel_id": self.cellar, "message": "I", "root_id": root["id"]})
        wait_until(lambda: unread_threads(self.rest, self.people[0]["id"]))
        self.tail = team.removeprefix("team-")
        time.sleep(LATE_S)
        mail_sink.clear()
        push_sink.clear()
        self.before = self.now()
        assert self.before.unread

    def mails(self) -> list[Any]:
        """Return the mails that the five got."""
        return [mail for one in self.people for mail in self._mail_sink.to(one["email"])]

    def pushes(self) -> list[Any]:
        """Return the pushes that the five would see; `clear` and `update_badge` take notices away."""
        phones = {one["id"] for one in self.people}
        mine = [push for push in self._push_sink.pushes if str(push.get("device_id")) in phones]
        return [push for push in mine if push.get("type") not in {"clear", "update_badge"}]

    def sql(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Ask the server's own database."""
        with psycopg.connect(self.server.database_url, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def now(self) -> Before:
        """Return everything that is to stay as it is."""
        ids = [one["id"] for one in self.people]
        return Before(
            accounts=[
                {name: value for name, value in row.items() if name != "updateat"}  # joining a team touches it
                for row in self.sql("SELECT * FROM users WHERE id = ANY(%s) ORDER BY id", ids)
            ],
            unread=self.sql(_UNREAD, ids),
            threads=[[thread["id"] for thread in unread_threads(self.rest, one)] for one in ids],
            notices=self.sql(_NOTICES),
            config=self.rest.config(),
        )

    def must_be_as_it_was(self) -> None:
        """Have everybody be in everything, and nobody have noticed."""
        time.sleep(LATE_S)
        assert self.mails() == []
        assert self.pushes() == []
        after = self.now()
        for what in Before._fields:
            assert getattr(after, what) == getattr(self.before, what), what
        there = {one["id"] for one in self.people}
        new = {
            account.id for account in self.rest.accounts_named(f"{one[2:].lower()}-{self.tail}" for one in NEW).values()
        }
        assert len(new) == len(NEW)
        told = self.http.post("/users/status/ids", sorted(there | new))
        assert {status["status"] for status in told} == {"offline"}
        for name in ("open", "past", "attic"):
            channel = self.rest.channel_named(f"{name}-{self.tail}")
            assert channel is not None
            assert (channel["delete_at"] > 0) == (name == "past")
            members = self.sql("SELECT userid FROM channelmembers WHERE channelid = %s", channel["id"])
            assert there | new <= {row["userid"] for row in members}


StartStreet = Callable[[RunningServer, str], Street]


@pytest.fixture
def start_street(mail_sink: MailSink, push_sink: PushSink) -> Iterator[StartStreet]:
    """Make a street on a team of a server."""
    with ExitStack() as ends:

        def start(server: RunningServer, team: str) -> Street:
            street = Street(server, team, mail_sink, push_sink)
            ends.callback(street.http.close)
            return street

        yield start


def export_of(people: list[dict[str, Any]], tail: str) -> Files:
    """The five, and two more: a public, a private, an archived, a direct and a group channel, full of mentions and threads."""
    there = [
        person(slack_id, one["username"].replace(".", "-"), profile={"email": one["email"].upper()})
        for slack_id, one in zip(THERE, people, strict=True)
    ]
    new = [person(slack_id, f"{slack_id[2:].lower()}-{tail}") for slack_id in NEW]
    crowd = "".join(f"<@{one}> " for one in ALL)

    def talk(start: int, members: list[str]) -> list[dict[str, Any]]:
        root = message(start, f"<!channel> {crowd}", members[0], reply_count=3)
        replies = [
            message(start + 1 + number, f"<!here> {crowd}", one, thread_ts=root["ts"])
            for number, one in enumerate(members)
        ]
        reactions = [{"name": "tada", "users": members, "count": len(members)}]
        return [root | {"thread_ts": root["ts"], "reactions": reactions}, *replies]

    pair, group = [ALL[0], ALL[5]], ALL[1:5]
    return {
        "users.json": there + new,
        "channels.json": [
            {"id": "C0OPEN", "name": f"open-{tail}", "creator": ALL[0], "members": ALL},
            {"id": "C0PAST", "name": f"past-{tail}", "creator": ALL[0], "members": ALL, "is_archived": True},
        ],
        "groups.json": [{"id": "G0ATTIC", "name": f"attic-{tail}", "creator": ALL[1], "members": ALL}],
        "dms.json": [{"id": "D0PAIR", "members": pair}],
        "mpims.json": [{"id": "G0GROUP", "name": f"mpdm-{tail}", "members": group}],
        f"open-{tail}/2024-05-01.json": [*talk(0, ALL), message(90, f"{WORD} all", ALL[6])],
        f"past-{tail}/2024-05-01.json": talk(100, ALL),
        f"attic-{tail}/2024-05-01.json": talk(200, ALL),
        "D0PAIR/2024-05-01.json": talk(300, pair),
        f"mpdm-{tail}/2024-05-01.json": talk(400, group),
    }


def wait_until(true: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.2)


def a_webhook(street: Street, sink: HTTPServer) -> None:
    """Have the team call the sink for each message that begins with the word."""
    sink.expect_request("/hook").respond_with_data("")
    wish = {"team_id": street.rest.team_id, "display_name": "bell", "trigger_words": [WORD], "trigger_when": 0}
    street.http.post(
        "/hooks/outgoing", wish | {"callback_urls": [sink.url_for("/hook")], "content_type": "application/json"}
    )


@pytest.mark.parametrize("transport", ["stock", "plugin"])
def test_five_existing_people_get_everything_and_notice_nothing(
    mattermost_with_plugin: RunningServer,
    team: str,
    start_street: StartStreet,
    httpserver: HTTPServer,
    tmp_path: Path,
    transport: str,
) -> None:
    mattermost = mattermost_with_plugin
    http = http_of(mattermost.url, mattermost.token)
    http.put("/config/patch", {"ServiceSettings": {"AllowedUntrustedInternalConnections": httpserver.host}})
    http.close()
    street = start_street(mattermost, team)
    a_webhook(street, httpserver)
    export = write(export_of(street.people, street.tail), tmp_path / "export.zip")
    run = Pipeline(tmp_path / "state", export, street.server, MM_TEAM=street.team, MM_TRANSPORT=transport)
    try:
        ended = run.call(*EXPORT)
        assert ended.returncode == 0, ended.stderr
        assert pending(statuses(run)) == 0
        assert statuses(run)["message"]["success"] == 33
        assert ("came through the plugin" in ended.stderr) == (transport == "plugin")
    finally:
        run.down()
    street.must_be_as_it_was()
    assert httpserver.log == []

    # Silence is worth something only where a word would have been heard.
    street.http.post("/posts", {"channel_id": street.cellar, "message": f"{WORD} @{street.people[0]['username']}"})
    wait_until(street.pushes)
    wait_until(street.mails)
    wait_until(lambda: httpserver.log)


def test_a_run_killed_while_all_is_switched_off_puts_it_on_again_and_still_disturbs_nobody(
    mattermost_11_4: RunningServer, start_street: StartStreet, tmp_path: Path
) -> None:
    street = start_street(mattermost_11_4, mattermost_11_4.create_team())
    export = write(export_of(street.people, street.tail), tmp_path / "export.zip")
    run = Pipeline(tmp_path / "state", export, street.server, MM_TEAM=street.team)
    try:
        job = run.start_job()
        wait_until(lambda: not mails_are_on(street) or job.poll() is not None, _PATIENCE_S)
        job.kill()
        assert job.wait() == -9
        assert not mails_are_on(street)
        # The next run puts it back before anything else, and begins where the other ended.
        ended = run.call(*EXPORT)
        assert ended.returncode == 0, ended.stderr
        assert pending(statuses(run)) == 0
    finally:
        run.down()
    street.must_be_as_it_was()


def mails_are_on(street: Street) -> bool:
    return bool(street.rest.config()["EmailSettings"]["SendEmailNotifications"])
