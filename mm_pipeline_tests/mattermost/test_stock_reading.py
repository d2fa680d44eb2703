"""The stock transport as exporters use it, on the real servers: what it finds, what it leaves alone, how it ends."""

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline.errors import RowFailed
from mm_pipeline.http import Http
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.on_server import ChannelKind, PostArrived, WantedPost
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, Post, PostChannel, Thread
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import (
    http_of,
    new_channel,
    new_person,
    notices_in,
    unread_of,
    value_of,
)

LATE_S = 3
THEN = 1_600_000_000_000  # September 2020, ms
#: Rows that a run which has nothing to do must not write (all of the server's, so no other test may run beside).
_ROWS = """
    SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM reactions), (SELECT count(*) FROM channelmembers),
           (SELECT count(*) FROM uploadsessions), (SELECT count(*) FROM jobs WHERE type = 'import_process'),
           (SELECT max(updateat) FROM posts), (SELECT max(updateat) FROM channels), (SELECT max(updateat) FROM users)
"""


@pytest.fixture
def http(mattermost: Any) -> Iterator[Http]:
    http = http_of(mattermost.url, mattermost.token)
    yield http
    http.close()


@pytest.fixture
def stock_with(mattermost: Any, team: str, tmp_path: Path) -> Callable[[MemoryJournal], MattermostAPI]:
    """Make a transport, as a new run would: only the journal is left of the one before."""
    return lambda journal: Stock(mattermost.url, mattermost.token, team, journal, work_folder=tmp_path / "work")


def rows(mattermost: Any) -> Any:
    with psycopg.connect(mattermost.database_url) as connection:
        return connection.execute(_ROWS).fetchone()


def name() -> str:
    return f"n-{secrets.token_hex(5)}"


def public(key: int, members: tuple[str, ...], **fields: Any) -> NewChannel:
    wish = {"kind": ChannelKind.PUBLIC, "name": name(), "display_name": "A room", **fields}
    return NewChannel(key=key, members=members, **wish)


def done(outcomes: Iterator[Done | Refused]) -> dict[int, Done]:
    found = list(outcomes)
    assert [one for one in found if isinstance(one, Refused)] == []
    return {one.key: one for one in found if isinstance(one, Done)}


def test_a_url_may_end_in_the_api_and_nothing_is_asked_before_it_must(
    mattermost: Any, team: str, tmp_path: Path
) -> None:
    Stock("http://nobody.invalid", "t" * 26, "x", MemoryJournal(), work_folder=tmp_path)
    stock = Stock(f"{mattermost.url}/api/v4/", mattermost.token, team, MemoryJournal(), work_folder=tmp_path)
    assert stock.server().team_name == team
    assert stock.me().username in {account.username for account in stock.accounts()}


class TestAccounts:
    def test_who_is_there_is_never_sent(self, stock_with: Any, http: Http, mattermost: Any) -> None:
        there = [new_person(http) for _ in range(2)]
        bot = name()
        http.post("/bots", {"username": bot})
        stock = stock_with(MemoryJournal())
        wishes = [
            NewAccount(key=1, username=name(), email=there[0]["email"].upper()),
            NewAccount(key=2, username=there[1]["username"], email=f"{name()}@people.invalid"),
            NewAccount(key=3, username=bot, is_bot=True),
            NewAccount(key=4, username=there[0]["username"], is_bot=True),
        ]
        before = rows(mattermost)
        outcomes = done(stock.create_accounts(wishes, []))
        assert rows(mattermost) == before
        answers = {key: outcome.answer for key, outcome in outcomes.items()}
        assert answers == {
            1: Answer.EMAIL_EXISTS,
            2: Answer.USERNAME_EXISTS,
            3: Answer.EXISTED,
            4: Answer.USERNAME_EXISTS,
        }

    def test_new_people_come_with_their_channels(self, stock_with: Any, http: Http) -> None:
        room = public(9, (), header="Welcome", purpose="Bread")
        person = NewAccount(key=1, username=name(), email=f"{name()}@people.invalid", channels=(room.name,))
        stock = stock_with(MemoryJournal())
        outcome = done(stock.create_accounts([person], [room]))[1]
        assert outcome.answer is Answer.CREATED
        found = stock.channel_named(room.name)
        assert found is not None
        members = {one["user_id"] for one in http.get(f"/channels/{found.id}/members")}
        assert members == {outcome.id}
        assert notices_in(http, found.id) == []


class TestChannels:
    def test_every_kind_comes_into_being_with_its_people(self, stock_with: Any, http: Http, mail_sink: Any) -> None:
        people = [new_person(http) for _ in range(4)]
        names = tuple(person["username"] for person in people)
        mail_sink.clear()
        wishes = [
            public(1, names, header="Welcome", purpose="Bread"),
            public(2, names[:2], kind=ChannelKind.PRIVATE),
            NewChannel(key=3, kind=ChannelKind.DIRECT, members=names[:2], header="Us"),
            NewChannel(key=4, kind=ChannelKind.DIRECT, members=names[:1]),
            NewChannel(key=5, kind=ChannelKind.GROUP, members=names),
        ]
        stock = stock_with(MemoryJournal())
        made = done(stock.open_channels(wishes))
        assert {outcome.answer for outcome in made.values()} == {Answer.CREATED}
        for wish in wishes:
            channel = http.get(f"/channels/{made[wish.key].id}")
            members = {one["user_id"] for one in http.get(f"/channels/{channel['id']}/members")}
            assert members == {person["id"] for person in people if person["username"] in wish.members}
            assert (channel["type"], channel["header"], channel["purpose"]) == (wish.kind, wish.header, wish.purpose)
            assert notices_in(http, channel["id"]) == []
        found = stock.channel_of([person["id"] for person in people])
        assert found is not None
        assert (found.id, found.kind) == (made[5].id, ChannelKind.GROUP)
        time.sleep(LATE_S)
        assert mail_sink.mails == []
        again = done(stock.open_channels(wishes))
        assert {key: outcome.id for key, outcome in again.items()} == {key: one.id for key, one in made.items()}
        assert {outcome.answer for outcome in again.values()} == {Answer.EXISTED}

    def test_a_channel_that_was_there_is_only_added_to(self, stock_with: Any, http: Http, team: str) -> None:
        person = new_person(http)
        team_id = http.get(f"/teams/name/{team}")["id"]
        room = new_channel(http, team_id)
        wish = public(1, (person["username"],), name=room["name"], matched=True, header="other", display_name="Other")
        assert done(stock_with(MemoryJournal()).open_channels([wish]))[1] == Done(
            key=1, answer=Answer.EXISTED, id=room["id"]
        )
        after = http.get(f"/channels/{room['id']}")
        kept = ("name", "display_name", "header", "purpose", "type", "total_msg_count")
        assert [after[field] for field in kept] == [room[field] for field in kept]
        assert person["id"] in {one["user_id"] for one in http.get(f"/channels/{room['id']}/members")}

    def test_a_channel_that_somebody_made_since_the_plan_is_theirs(
        self, stock_with: Any, http: Http, team: str
    ) -> None:
        person, newcomer = new_person(http), name()
        room = new_channel(http, http.get(f"/teams/name/{team}")["id"], "P")
        wish = public(1, (person["username"], newcomer), name=room["name"], header="Welcome")
        stock = stock_with(MemoryJournal())
        account = NewAccount(key=2, username=newcomer, email=f"{newcomer}@people.invalid", channels=(room["name"],))
        made = done(stock.create_accounts([account], [wish]))[2]
        (outcome,) = stock.open_channels([wish])
        assert isinstance(outcome, Refused)
        assert "taken by a channel of somebody else since the plan was made" in str(outcome.error)
        after = http.get(f"/channels/{room['id']}")
        kept = ("type", "display_name", "header", "purpose", "total_msg_count")
        assert [after[field] for field in kept] == [room[field] for field in kept]
        inside = {one["user_id"] for one in http.get(f"/channels/{room['id']}/members")}
        assert not inside & {person["id"], made.id}

    def test_a_channel_of_ours_gets_what_it_lacks_and_keeps_its_posts(self, stock_with: Any, http: Http) -> None:
        stock = stock_with(MemoryJournal())
        bare = public(1, ())
        channel_id = done(stock.open_channels([bare]))[1].id
        http.post("/posts", {"channel_id": channel_id, "message": "hello"})
        whole = NewChannel(
            key=1, kind=bare.kind, name=bare.name, display_name="Bakery", header="Welcome", purpose="Bread"
        )
        assert done(stock.open_channels([whole]))[1].id == channel_id
        channel = http.get(f"/channels/{channel_id}")
        assert (channel["display_name"], channel["header"], channel["purpose"]) == ("Bakery", "Welcome", "Bread")
        assert channel["total_msg_count"] == 1
        assert notices_in(http, channel_id) == []

    def test_who_is_not_there_costs_a_direct_channel_and_no_other(self, stock_with: Any, http: Http, team: str) -> None:
        person = new_person(http)["username"]
        room = new_channel(http, http.get(f"/teams/name/{team}")["id"])["name"]
        wishes = [
            NewChannel(key=1, kind=ChannelKind.DIRECT, members=(person, "nobody.at.all")),
            public(2, (person, "nobody.at.all"), name=room, matched=True),
            public(3, (person,), name="Not A Name!"),
        ]
        outcomes = {one.key: one for one in stock_with(MemoryJournal()).open_channels(wishes)}
        assert isinstance(outcomes[2], Done)
        for key, words in ((1, "no account nobody.at.all"), (3, "its name is not")):
            refused = outcomes[key]
            assert isinstance(refused, Refused)
            assert isinstance(refused.error, RowFailed)
            assert words in str(refused.error)


class TestTheWholeWay:
    def test_nobody_notices_and_a_second_run_sends_nothing(
        self, stock_with: Any, http: Http, mattermost: Any, team: str, mail_sink: Any
    ) -> None:
        here_before = new_person(http)
        settings = http.get("/config")
        mail_sink.clear()
        journal = MemoryJournal()
        stock = stock_with(journal)
        room = public(1, ())
        newcomer = NewAccount(key=2, username=name(), email=f"{name()}@people.invalid", channels=(room.name,))
        bot = NewAccount(key=3, username=name(), is_bot=True, nickname="Bridge")
        members = (here_before["username"], newcomer.username, bot.username)
        whole = NewChannel(key=1, kind=room.kind, name=room.name, display_name=room.display_name, members=members)
        direct = NewChannel(key=4, kind=ChannelKind.DIRECT, members=members[:2])

        def run(stock: MattermostAPI) -> dict[int, PostArrived | Done]:
            stock.resume()
            ids = done(stock.create_accounts([newcomer, bot], [room]))
            opened = done(stock.open_channels([whole, direct]))
            found = stock.account_named(newcomer.username)
            assert found is not None
            places = {
                1: PostChannel(id=opened[1].id, kind=whole.kind, name=whole.name),
                4: PostChannel(id=opened[4].id, kind=direct.kind, members=direct.members),
            }
            wanted = {
                key: [WantedPost(key=key * 10 + n, create_at=THEN + n, user_id=found.id) for n in range(2)]
                for key in places
            }
            arrived = {one.key: one for key in places for one in stock.find_posts(places[key], wanted[key])}
            if not arrived:
                threads = [
                    Thread(
                        channel=place,
                        root=Post(key=key * 10, username=newcomer.username, message="root", create_at=THEN),
                        replies=(
                            Post(key=key * 10 + 1, username=newcomer.username, message="reply", create_at=THEN + 1),
                        ),
                        followers=(newcomer.username, here_before["username"]),
                    )
                    for key, place in places.items()
                ]
                sent = list(stock.send_threads(threads))
                arrived = {one.key: one for one in sent if isinstance(one, PostArrived)}
            assert sorted(arrived) == [10, 11, 40, 41]
            stock.finish()
            return {**ids, **opened, **arrived}

        first = run(stock)
        time.sleep(LATE_S)
        team_id = http.get(f"/teams/name/{team}")["id"]
        for person in (here_before["id"], first[2].id):
            assert unread_of(http, person, team_id) == []
            assert http.get(f"/users/{person}/teams/{team_id}/threads", {"unread": "true"})["total_unread_threads"] == 0
        assert notices_in(http, first[1].id) == []
        assert mail_sink.mails == []
        assert http.get("/config") == settings
        # What was made and given stays remembered: it may be taken back.
        owed = [task for task, left in journal.debts.items() if left and not task.startswith(("made_", "given_"))]
        assert (journal.settings, owed) == ({}, [])

        before = rows(mattermost)
        second = run(stock_with(journal))
        assert rows(mattermost) == before
        assert {key: one.id for key, one in second.items() if key not in {2, 3}} == {
            key: one.id for key, one in first.items() if key not in {2, 3}
        }

    def test_archiving_waits_for_the_end(self, stock_with: Any, http: Http, team: str) -> None:
        journal = MemoryJournal()
        room = new_channel(http, http.get(f"/teams/name/{team}")["id"])["id"]
        stock_with(journal).archive_channel(room)
        assert http.get(f"/channels/{room}")["delete_at"] == 0
        stock_with(journal).finish()
        assert http.get(f"/channels/{room}")["delete_at"] > 0
        assert notices_in(http, room) == ["system_join_channel"]

    def test_what_a_crash_left_changed_is_put_back_first(self, stock_with: Any, http: Http) -> None:
        setting = "EmailSettings.SendEmailNotifications"
        old = value_of(http, setting)
        assert old is True
        journal = MemoryJournal()
        journal.setting_changed(setting, old)
        http.put("/config/patch", {"EmailSettings": {"SendEmailNotifications": False}})
        stock_with(journal).resume()
        assert value_of(http, setting) is True
        assert journal.settings == {}

    def test_what_another_run_needs_while_it_reads_back_is_put_back_at_the_end(self, stock_with: Any) -> None:
        journal = MemoryJournal()
        journal.setting_changed("ServiceSettings.EnableLinkPreviews", False)
        stock_with(journal).resume()
        assert journal.settings == {"ServiceSettings.EnableLinkPreviews": False}
        stock_with(journal).finish()
        assert journal.settings == {}

    def test_nothing_owed_is_nothing_sent(self, httpserver: Any, tmp_path: Path) -> None:
        stock = Stock(httpserver.url_for(""), "t" * 26, "team", MemoryJournal(), work_folder=tmp_path)
        stock.finish()
        assert httpserver.log == []
