"""Existing people come into team and channels, and notice nothing: on the real servers, with a mail and a push sink."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import Http
from mm_pipeline.mattermost.bots import GREETINGS, Bots
from mm_pipeline.mattermost.channel_lines import ARCHIVE, ChannelLines
from mm_pipeline.mattermost.on_server import ChannelKind, PostArrived
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, Post, PostChannel, Thread
from mm_pipeline.mattermost.quiet import MEMBER_READ, NOTICES, Quiet
from mm_pipeline.mattermost.read_state import MARK_READ, mark_read_for_all, unread_threads
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.settings import QUIET, changed, put_back
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import (
    http_of,
    new_channel,
    new_person,
    notices_in,
    session_of,
    unread_of,
    value_of,
)
from mm_pipeline_tests.mattermost_server.held_jobs import hold, release
from mm_pipeline_tests.mattermost_server.proxy import Answer as Said
from mm_pipeline_tests.mattermost_server.proxy import Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

PEOPLE, CHANNELS = 5, 30
DAY = 86_400_000  # ms
#: The server mails and pushes from threads of its own, after it has answered.
LATE_S = 3


class Killed(BaseException):
    """The process dies here: nothing after it runs but what a process that dies still runs, which is nothing."""


class DyingJournal(MemoryJournal):
    """Dies at the n-th thing that is paid, or when a setting is to be put back."""

    def __init__(self, survives: int) -> None:
        super().__init__()
        self.survives = survives

    def paid(self, task: str, object_ids: Any) -> None:
        if self.survives == 0:
            raise Killed
        self.survives -= 1
        super().paid(task, object_ids)

    def settings_to_put_back(self) -> dict[str, Any]:
        if self.survives == 0:
            raise Killed
        return super().settings_to_put_back()


@pytest.fixture
def rest(mattermost: Any, team: str) -> Iterator[Rest]:
    http = http_of(mattermost.url, mattermost.token)
    yield Rest(http, team)
    http.close()


def quiet_on(mattermost: Any, rest: Rest, journal: MemoryJournal) -> Quiet:
    return Quiet(rest, journal, many_at_once=mattermost.version != "9.9")


def phones(url: str, people: list[dict[str, Any]]) -> list[Http]:
    """Have each of them be logged in on a phone, so that there is something to push to."""
    return [session_of(url, person, f"android:{person['id']}") for person in people]


def loud(pushes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the pushes that people see; `clear` and `update_badge` take notices away."""
    return [push for push in pushes if push.get("type") not in {"clear", "update_badge"}]


def a_bot(rest: Rest, journal: MemoryJournal, name: str) -> Done:
    (outcome,) = Bots(rest, journal).create([NewAccount(key=1, username=name, is_bot=True)])
    assert isinstance(outcome, Done)
    return outcome


def homes_of(rest: Rest) -> list[str]:
    channels = (rest.channel_named(name) for name in ("town-square", "off-topic"))
    return [channel["id"] for channel in channels if channel]


class TestExistingPeople:
    def test_the_sinks_would_hear_it(self, mattermost: Any, rest: Rest, mail_sink: Any, push_sink: Any) -> None:
        """What the others prove is worth something only if a plain add is heard."""
        person = new_person(rest.http)
        phones(mattermost.url, [person])
        room = new_channel(rest.http, rest.team_id)["id"]
        time.sleep(LATE_S)
        mail_sink.clear(), push_sink.clear()
        rest.add_to_team([person["id"]])
        rest.add_to_channel(room, [person["id"]], in_one_call=False)
        wait_until(lambda: mail_sink.mails and notices_in(rest.http, room)[1:])
        wait_until(lambda: unread_of(rest.http, person["id"], rest.team_id))
        rest.http.post("/posts", {"channel_id": room, "message": f"hello @{person['username']}"})
        wait_until(lambda: loud(push_sink.pushes))

    def test_five_people_in_thirty_channels_notice_nothing(
        self, mattermost: Any, rest: Rest, mail_sink: Any, push_sink: Any
    ) -> None:
        people = [new_person(rest.http) for _ in range(PEOPLE)]
        phones(mattermost.url, people)
        rooms = [new_channel(rest.http, rest.team_id, "OP"[n % 2]) for n in range(CHANNELS)]
        rest.http.post("/posts", {"channel_id": rooms[0]["id"], "message": f"hello @{people[0]['username']}"})
        bystander, told_before = new_person(rest.http), new_channel(rest.http, rest.team_id)["id"]
        rest.add_to_team([bystander["id"]])
        rest.add_to_channel(told_before, [bystander["id"]], in_one_call=False)
        time.sleep(LATE_S)
        before, settings = unread_of(rest.http, bystander["id"], rest.team_id), rest.config()
        assert told_before in {channel_id for channel_id, *_ in before}
        homely = [sorted(notices_in(rest.http, home)) for home in homes_of(rest)]
        mail_sink.clear(), push_sink.clear()

        journal = MemoryJournal()
        wanted = {room["id"]: [person["id"] for person in people] for room in rooms}
        assert quiet_on(mattermost, rest, journal).add_members(wanted) == {}

        for room in rooms:
            assert rest.members_of(room["id"], wanted[room["id"]]) == set(wanted[room["id"]])
        time.sleep(LATE_S)
        assert mail_sink.mails == []
        assert loud(push_sink.pushes) == []
        # What was there before, the notice of the one who made the room, stays.
        assert [notices_in(rest.http, room["id"]) for room in rooms] == [["system_join_channel"]] * CHANNELS
        assert [sorted(notices_in(rest.http, home)) for home in homes_of(rest)] == homely
        assert [unread_of(rest.http, person["id"], rest.team_id) for person in people] == [[]] * PEOPLE
        assert unread_of(rest.http, bystander["id"], rest.team_id) == before
        assert rest.config() == settings
        assert journal.settings == {}
        assert journal.owed(NOTICES) == []

    def test_members_are_asked_for_and_nothing_is_sent_again(self, mattermost: Any, rest: Rest) -> None:
        person = new_person(rest.http)
        room = new_channel(rest.http, rest.team_id)["id"]
        journal = MemoryJournal()
        quiet = quiet_on(mattermost, rest, journal)
        assert quiet.add_members({room: [person["id"]]}) == {}
        owed, channel = journal.owed(MEMBER_READ), rest.channel(room)
        assert quiet.add_members({room: [person["id"], person["id"]]}) == {}
        assert (journal.owed(MEMBER_READ), rest.channel(room)) == (owed, channel)

    def test_who_cannot_be_added_is_named_and_the_others_come_in(self, mattermost: Any, rest: Rest) -> None:
        comes, gone = new_person(rest.http), new_person(rest.http)
        rest.http.delete(f"/users/{gone['id']}")
        room = new_channel(rest.http, rest.team_id)["id"]
        refused = quiet_on(mattermost, rest, MemoryJournal()).add_members({room: [gone["id"], comes["id"]]})
        assert refused.keys() == {room}
        assert refused[room].keys() == {gone["id"]}
        assert rest.members_of(room, [gone["id"], comes["id"]]) == {comes["id"]}

    @pytest.mark.parametrize("survives", [0, 1, 4])
    def test_after_a_crash_the_next_run_leaves_nothing(
        self, mattermost: Any, rest: Rest, mail_sink: Any, push_sink: Any, survives: int
    ) -> None:
        people = [new_person(rest.http) for _ in range(2)]
        phones(mattermost.url, people)
        rooms = [new_channel(rest.http, rest.team_id)["id"] for _ in range(4)]
        wanted = {room: [person["id"] for person in people] for room in rooms}
        settings = rest.config()
        time.sleep(LATE_S)
        mail_sink.clear(), push_sink.clear()
        journal = DyingJournal(survives)
        with pytest.raises(Killed):
            quiet_on(mattermost, rest, journal).add_members(wanted)
        assert rest.config() != settings

        journal.survives = 1000
        put_back(journal, rest)
        quiet = quiet_on(mattermost, rest, journal)
        with quiet.please():
            quiet.remove_notices()
            quiet.mark_members_read()
        assert quiet.add_members(wanted) == {}

        time.sleep(LATE_S)
        assert rest.config() == settings
        assert mail_sink.mails == []
        assert loud(push_sink.pushes) == []
        assert [notices_in(rest.http, room) for room in rooms] == [["system_join_channel"]] * 4
        assert [unread_of(rest.http, person["id"], rest.team_id) for person in people] == [[]] * 2


class TestBots:
    def test_a_new_bot_greets_nobody(self, rest: Rest, mail_sink: Any) -> None:
        journal = MemoryJournal()
        mail_sink.clear()
        bot = a_bot(rest, journal, f"bridge.{rest.team_name}")
        chat = rest.channel_of([bot.id, rest.me.id])
        assert chat is not None
        assert rest.posts_since(chat["id"], 0) == []
        assert journal.owed(GREETINGS) == []
        assert mail_sink.mails == []

    def test_bots_are_switched_on_for_a_moment_only(self, rest: Rest) -> None:
        old = value_of(rest.http, "ServiceSettings.EnableBotAccountCreation")
        rest.patch_config({"ServiceSettings": {"EnableBotAccountCreation": False}})
        try:
            assert a_bot(rest, MemoryJournal(), f"moment.{rest.team_name}").answer is Answer.CREATED
            assert value_of(rest.http, "ServiceSettings.EnableBotAccountCreation") is False
        finally:
            rest.patch_config({"ServiceSettings": {"EnableBotAccountCreation": old}})

    def test_a_bot_is_made_once(self, rest: Rest) -> None:
        name = f"bridge.{rest.team_name}"
        first, again = a_bot(rest, MemoryJournal(), name), a_bot(rest, MemoryJournal(), name)
        assert (first.answer, again.answer) == (Answer.CREATED, Answer.EXISTED)
        assert first.id == again.id

    def test_a_name_that_a_person_has_is_theirs(self, rest: Rest) -> None:
        person = new_person(rest.http)
        assert a_bot(rest, MemoryJournal(), person["username"]) == Done(key=1, answer=Answer.USERNAME_EXISTS)

    def test_a_bot_that_the_server_refuses_costs_no_other(self, rest: Rest) -> None:
        names = [f"good.{rest.team_name}", "all"]
        wishes = [NewAccount(key=key, username=name, is_bot=True) for key, name in enumerate(names)]
        outcomes = list(Bots(rest, MemoryJournal()).create(wishes))
        assert [type(outcome) for outcome in outcomes] == [Done, Refused]

    def test_a_bot_is_disabled_once(self, rest: Rest) -> None:
        bots = Bots(rest, MemoryJournal())
        bot = a_bot(rest, MemoryJournal(), f"old.{rest.team_name}")
        bots.disable(bot.id)
        bots.disable(bot.id)
        there = rest.account_named(f"old.{rest.team_name}")
        assert there is not None
        assert there.delete_at > 0


class TestSettings:
    def test_what_an_administrator_changed_meanwhile_is_left(self, rest: Rest) -> None:
        name = "EmailSettings.SendPushNotifications"
        journal = MemoryJournal()
        journal.setting_changed(name, False)  # an earlier run switched it on, died, and an administrator ...
        assert value_of(rest.http, name) is True  # ... has it on on purpose: it is not what a quiet run leaves
        put_back(journal, rest)
        assert value_of(rest.http, name) is True
        assert journal.settings == {}

    def test_an_error_inside_puts_back_and_is_told(self, rest: Rest) -> None:
        settings, journal = rest.config(), MemoryJournal()
        with pytest.raises(ZeroDivisionError), changed(rest, journal, QUIET):
            1 / (rest.config() == settings)
        assert rest.config() == settings
        assert journal.settings == {}

    def test_a_value_that_the_environment_fixes_stops_the_run(self, httpserver: HTTPServer) -> None:
        """The real servers answer 200 and keep the value, which MM_EMAILSETTINGS_... gave them (seen on both)."""
        fixed = {"EmailSettings": {"SendEmailNotifications": True, "SendPushNotifications": False}}
        httpserver.expect_request("/api/v4/config").respond_with_json(fixed)
        httpserver.expect_request("/api/v4/config/patch", method="PUT").respond_with_json(fixed)
        rest, journal = Rest(Http(httpserver.url_for("/api/v4"), "t" * 26)), MemoryJournal()
        stuck = r"SendEmailNotifications to false .* did not work.*MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS"
        with pytest.raises(AbortRun, match=stuck), changed(rest, journal, QUIET):
            raise AssertionError("nothing may be done loudly")
        assert journal.settings == {}


class TestArchiving:
    @pytest.mark.parametrize("kind", ["O", "P"])
    def test_a_channel_is_archived_without_a_word(self, rest: Rest, mail_sink: Any, tmp_path: Path, kind: str) -> None:
        room, stays = (new_channel(rest.http, rest.team_id, kind)["id"] for _ in range(2))
        rest.http.post("/posts", {"channel_id": room, "message": "what was said"})
        before, journal = rest.channel(room), MemoryJournal()
        assert before is not None
        mail_sink.clear()
        lines = ChannelLines(rest, journal, tmp_path)
        lines.archive_later(room)
        lines.archive()
        archived = rest.channel(room)
        assert archived is not None
        assert archived["delete_at"] > 0
        kept = ("name", "display_name", "type", "header", "purpose", "total_msg_count")
        assert [archived[name] for name in kept] == [before[name] for name in kept]
        assert notices_in(rest.http, room) == ["system_join_channel"]
        assert mail_sink.mails == []
        lines.archive_later(room)
        assert journal.owed(ARCHIVE) == []
        lines.archive()
        assert rest.channel(room) == archived
        untouched = rest.channel(stays)
        assert untouched is not None
        assert untouched["delete_at"] == 0
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("how", ["change", "retouch", "archive"])
    def test_a_channel_that_is_made_private_while_the_job_waits_stays_private(
        self, mattermost: RunningServer, rest: Rest, tmp_path: Path, how: str
    ) -> None:
        room, journal = new_channel(rest.http, rest.team_id), MemoryJournal()
        lines = ChannelLines(rest, journal, tmp_path)
        if how == "archive":
            lines.archive_later(room["id"])
        wish = NewChannel(key=1, kind=ChannelKind.PUBLIC, name=room["name"], display_name="Other", header="of Slack")
        work: dict[str, Callable[[], None]] = {
            "change": lambda: lines.change([wish]),
            "retouch": lambda: lines.retouch([(room, {"header": "of Slack"})]),
            "archive": lines.archive,
        }
        hold(mattermost.database_url)
        try:
            with ThreadPoolExecutor(1) as beside:
                done = beside.submit(work[how])
                wait_until(lambda: any(job.job_id for job in journal.jobs.values()))
                rest.http.put(f"/channels/{room['id']}/privacy", {"privacy": "P"})
                time.sleep(LATE_S)
                release(mattermost.database_url)
                done.result()
        finally:
            release(mattermost.database_url)
        now = rest.http.get(f"/channels/{room['id']}")
        assert now["type"] == "P"
        assert now["delete_at"] if how == "archive" else now["header"] == "of Slack"


class TestReadState:
    def test_imported_channels_are_read_for_all_and_others_are_not(self, mattermost: Any, rest: Rest) -> None:
        reader = new_person(rest.http)
        imported, other = (new_channel(rest.http, rest.team_id)["id"] for _ in range(2))
        rest.add_to_team([reader["id"]])
        for room in (imported, other):
            rest.add_to_channel(room, [reader["id"]], in_one_call=False)
            root = rest.http.post("/posts", {"channel_id": room, "message": f"look @{reader['username']}"})
            rest.http.post(
                "/posts", {"channel_id": room, "message": f"and @{reader['username']}", "root_id": root["id"]}
            )
        wait_until(lambda: len(unread_threads(rest, reader["id"])) == 2)
        mark_read_for_all(rest, [imported], threads=frozenset([imported]))
        homes = homes_of(rest)
        unread = [one for one, *_ in unread_of(rest.http, reader["id"], rest.team_id) if one not in homes]
        assert unread == [other]
        assert [one["post"]["channel_id"] for one in unread_threads(rest, reader["id"])] == [other]
        status = rest.http.get(f"/users/{reader['id']}/status")
        assert status["status"] == "offline"

    def test_what_people_had_unread_stays_so_and_nothing_of_ours_joins_it(
        self, mattermost: Any, rest: Rest, team: str, tmp_path: Path
    ) -> None:
        """One has never opened the channel, one has read four of six messages, one all."""
        people = [new_person(rest.http) for _ in range(3)]
        never, partly, all_read = (one["id"] for one in people)
        room = new_channel(rest.http, rest.team_id)
        rest.add_to_team([one["id"] for one in people])
        rest.add_to_channel(room["id"], [one["id"] for one in people], in_one_call=False)
        for number in range(6):
            rest.http.post("/posts", {"channel_id": room["id"], "message": f"{number} @{people[0]['username']}"})
            if number == 3:
                rest.mark_read(partly, [room["id"]])
        rest.mark_read(all_read, [room["id"]])

        def unread() -> list[list[int]]:
            found = [unread_of(rest.http, one["id"], rest.team_id) for one in people]
            return [[messages for channel_id, messages, _ in one if channel_id == room["id"]] for one in found]

        assert unread() == [[6], [2], []]
        place = PostChannel(id=room["id"], kind=ChannelKind.PUBLIC, name=room["name"])
        said = [
            Thread(
                channel=place, root=Post(key=n, username=people[1]["username"], message=f"then {n}", create_at=n * DAY)
            )
            for n in range(18_000, 18_009)
        ]
        stock = Stock(mattermost.url, mattermost.token, team, MemoryJournal(), work_folder=tmp_path / "work")
        assert len([one for one in stock.send_threads(said) if isinstance(one, PostArrived)]) == 9
        assert unread() == [[15], [11], [9]]
        stock.finish()
        assert unread() == [[6], [2], []]
        assert [mentions for one, _, mentions in unread_of(rest.http, never, rest.team_id) if one == room["id"]] == [6]
        assert {rest.http.get(f"/users/{one['id']}/status")["status"] for one in people} == {"offline"}

    @pytest.mark.parametrize("times", [2, 100])
    def test_the_servers_own_trouble_leaves_nobody_with_something_unread(
        self, mattermost: RunningServer, rest: Rest, team: str, tmp_path: Path, times: int
    ) -> None:
        """Its database has no connection free, a statement runs out of time: it answers 500, and what is asked is not done."""
        unlucky, lucky = (new_person(rest.http)["id"] for _ in range(2))
        room = new_channel(rest.http, rest.team_id)["id"]
        rest.add_to_team([unlucky, lucky])
        rest.add_to_channel(room, [unlucky, lucky], in_one_call=False)
        rest.http.post("/posts", {"channel_id": room, "message": "of Slack"})
        body = json.dumps({"id": "app.channel.update_last_viewed_at.app_error", "message": "We couldn't"}).encode()
        left = [Said(500, body, (("Content-Type", "application/json"),))] * times

        def troubled(request: Request, ask: Callable[[], Said]) -> Said:
            is_met = request.place.endswith(f"/channels/members/{unlucky}/mark_read") and left
            return left.pop() if is_met else ask()

        def is_unread_for(user_id: str) -> bool:
            return room in [channel_id for channel_id, *_ in unread_of(rest.http, user_id, rest.team_id)]

        journal, proxy = MemoryJournal(), Proxy(mattermost.url, troubled)
        journal.owe(MARK_READ, [room])
        stock = Stock(proxy.url, mattermost.token, team, journal, work_folder=tmp_path)
        try:
            stock.finish()
            assert not is_unread_for(lucky)
            assert is_unread_for(unlucky) == bool(left)
            assert f"{unlucky} {room}" in journal.owed(MEMBER_READ) or not left
            left.clear()
            stock.finish()
        finally:
            proxy.close()
        assert not is_unread_for(unlucky)
        assert (journal.owed(MARK_READ), journal.owed(MEMBER_READ)) == ([], [])


def wait_until(true: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.2)
