"""What every transport promises of people and channels, on real servers: the stock one and the plugin alike."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.ours import GIVEN_CHANNEL, GIVEN_TEAM, MADE_ACCOUNT, MADE_CHANNEL
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import (
    PASSWORD,
    http_of,
    new_channel,
    new_person,
    notices_in,
    session_of,
    unread_of,
)
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.rest import ask
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

Start = Callable[[MemoryJournal], Stock]


@pytest.fixture(params=[Stock, Plugin], ids=["stock", "plugin"])
def kind(request: pytest.FixtureRequest) -> type[Stock]:
    transport: type[Stock] = request.param
    return transport


@pytest.fixture
def server(mattermost_with_plugin: RunningServer) -> RunningServer:
    return mattermost_with_plugin


@pytest.fixture
def rest(server: RunningServer) -> Iterator[Rest]:
    http = http_of(server.url, server.token)
    yield Rest(http, server.create_team())
    http.close()


@pytest.fixture
def http(rest: Rest) -> Http:
    return rest.http


@pytest.fixture
def start(kind: type[Stock], server: RunningServer, rest: Rest, tmp_path: Path) -> Start:
    """Make a transport, as a new run would: only the journal is left of the one before."""
    return lambda journal: kind(server.url, server.token, rest.team_name, journal, work_folder=tmp_path / "work")


@pytest.fixture
def tail() -> str:
    return secrets.token_hex(4)


def person(key: int, name: str, *rooms: str, **more: Any) -> NewAccount:
    fields = {"email": f"{name}@people.invalid", "slack_id": f"U-{name}"} | more
    return NewAccount(key=key, username=name, channels=rooms, **fields)


def room(key: int, name: str, *members: str, kind: ChannelKind = ChannelKind.PUBLIC, **more: Any) -> NewChannel:
    return NewChannel(key=key, kind=kind, name=name, members=members, slack_id=f"C-{name}", **more)


def jobs_of(server: RunningServer) -> int:
    with psycopg.connect(server.database_url) as connection:
        found = connection.execute("SELECT count(*) FROM jobs WHERE type = 'import_process'").fetchone()
    assert found
    return int(found[0])


def test_who_is_there_keeps_everything_and_costs_nobody_else(start: Start, http: Http, tail: str) -> None:
    there = new_person(http)
    namesake = new_person(http)
    accounts = [
        person(1, f"other.{tail}", email=there["email"].upper()),
        person(2, namesake["username"], email=f"another.{tail}@people.invalid"),
        person(3, "x" * 65),
        person(4, f"fern.{tail}", first_name="Fern"),
        person(5, f"reed.{tail}", auth_service="gitlab", auth_data=tail),
    ]
    journal = MemoryJournal()
    outcomes = {one.key: one for one in start(journal).create_accounts(accounts, [])}
    said = [one.answer if isinstance(one, Done) else type(one) for _, one in sorted(outcomes.items())]
    assert said == [Answer.EMAIL_EXISTS, Answer.USERNAME_EXISTS, Refused, Answer.CREATED, Answer.CREATED]
    for one in (there, namesake):
        now = http.get(f"/users/{one['id']}")
        assert {name: now[name] for name in ("username", "email", "update_at")} == {
            name: one[name] for name in ("username", "email", "update_at")
        }
    assert http.get(f"/users/username/fern.{tail}")["first_name"] == "Fern"
    assert http.get(f"/users/username/reed.{tail}")["auth_service"] == "gitlab"
    assert sorted(journal.owed(MADE_ACCOUNT)) == [f"fern.{tail}", f"reed.{tail}"]


def test_a_new_account_lets_nobody_in_until_its_password_is_reset(
    start: Start, server: RunningServer, http: Http, tail: str, mail_sink: MailSink
) -> None:
    name = f"fern.{tail}"
    (made,) = start(MemoryJournal()).create_accounts([person(1, name)], [])
    assert isinstance(made, Done)
    for password in ("", " ", name, PASSWORD):
        wish = {"login_id": name, "password": password}
        assert ask(server.url, "POST", "/users/login", wish).status in (400, 401), password
    assert mail_sink.to(f"{name}@people.invalid") == []
    start(MemoryJournal()).send_password_reset(f"{name}@people.invalid")
    with psycopg.connect(server.database_url) as connection:
        query = "SELECT token FROM tokens WHERE type = 'password_recovery' AND extra LIKE %s"
        (token,) = connection.execute(query, [f"%{made.id}%"]).fetchall()[0]
    wish = {"token": token, "new_password": PASSWORD}
    assert ask(server.url, "POST", "/users/password/reset", wish).status == 200
    assert ask(server.url, "POST", "/users/login", {"login_id": name, "password": PASSWORD}).status == 200


def test_a_run_that_was_killed_before_it_marked_anything_makes_nobody_twice(
    start: Start, rest: Rest, tail: str
) -> None:
    rooms = [room(1, f"room-{tail}", f"fern.{tail}"), room(2, f"attic-{tail}", kind=ChannelKind.PRIVATE)]
    accounts = [person(1, f"fern.{tail}", f"room-{tail}"), person(2, f"moss.{tail}", f"attic-{tail}")]
    journal = MemoryJournal()
    first = [one.id for one in start(journal).create_accounts(accounts, rooms) if isinstance(one, Done)]
    again = list(start(journal).create_accounts(accounts, rooms))
    assert {type(one) for one in again} == {Done}
    assert {one.answer for one in again if isinstance(one, Done)} <= {Answer.EMAIL_EXISTS, Answer.USERNAME_EXISTS}
    ids = [account.id for account in rest.accounts_named([one.username for one in accounts]).values()]
    assert sorted(ids) == sorted(first)
    assert sorted(journal.owed(MADE_CHANNEL)) == sorted(f"{rest.team_id} {one.name}" for one in rooms)


def test_channels_are_there_with_texts_and_people_and_the_second_time_nothing_happens(
    start: Start, kind: type[Stock], server: RunningServer, rest: Rest, tail: str
) -> None:
    names = [f"{name}.{tail}" for name in ("fern", "moss", "reed")]
    journal, jobs = MemoryJournal(), jobs_of(server)
    kitchen = room(1, f"kitchen-{tail}", *names, display_name="Küche", header="tea", purpose="to eat")
    attic = room(2, f"attic-{tail}", names[0], kind=ChannelKind.PRIVATE)
    direct = [
        NewChannel(key=3, kind=ChannelKind.DIRECT, members=(names[0], names[1]), header="of two", slack_id="D1"),
        NewChannel(key=4, kind=ChannelKind.DIRECT, members=(names[0],), slack_id="D2"),
        NewChannel(key=5, kind=ChannelKind.GROUP, members=tuple(names), slack_id="G1"),
    ]
    nobody = NewChannel(key=6, kind=ChannelKind.DIRECT, members=(names[0], "nobody.at.all"))
    api = start(journal)
    people = [
        person(n, name, *((kitchen.name, attic.name) if n == 0 else (kitchen.name,))) for n, name in enumerate(names)
    ]
    list(api.create_accounts(people, [kitchen]))
    outcomes = {one.key: one for one in api.open_channels([kitchen, attic, *direct, nobody])}
    assert isinstance(outcomes.pop(6), Refused)
    made = {key: one.id for key, one in outcomes.items() if isinstance(one, Done)}
    assert set(made) == {1, 2, 3, 4, 5}
    api.finish()
    there = rest.channel(made[1])
    assert there is not None
    assert [there[name] for name in ("display_name", "header", "purpose", "type")] == ["Küche", "tea", "to eat", "O"]
    ids = {name: account.id for name, account in rest.accounts_named(names).items()}
    assert set(rest.all_members_of(made[1])) == set(ids.values())
    assert set(rest.all_members_of(made[2])) == {ids[names[0]]}
    assert [notices_in(rest.http, made[key]) for key in (1, 2)] == [[], []]
    assert rest.http.get(f"/channels/{made[3]}")["header"] == "of two"
    assert len(set(rest.all_members_of(made[5]))) == 3
    assert [unread_of(rest.http, user_id, rest.team_id) for user_id in ids.values()] == [[]] * 3
    assert (jobs_of(server) > jobs) == (kind is Stock)

    # Another run finds everything there.
    before = rest.channel(made[1])
    again = list(start(journal).open_channels([kitchen, attic, *direct]))
    assert {one.key: one.id for one in again if isinstance(one, Done)} == made
    assert {one.answer for one in again if isinstance(one, Done)} == {Answer.EXISTED}
    assert rest.channel(made[1]) == before


def test_people_who_were_there_come_into_channels_and_notice_nothing(
    start: Start, server: RunningServer, rest: Rest, mail_sink: MailSink
) -> None:
    matched, stays = new_channel(rest.http, rest.team_id), new_person(rest.http)
    outside, gone = new_person(rest.http), new_person(rest.http)
    rest.add_to_team([stays["id"], gone["id"]])
    for _ in range(3):
        rest.http.post("/posts", {"channel_id": matched["id"], "message": "old news"})
    rest.http.put(f"/users/{gone['id']}/active", {"active": False})
    unread = unread_of(rest.http, stays["id"], rest.team_id)
    mail_sink.clear()
    journal = MemoryJournal()
    names = (stays["username"], outside["username"], gone["username"])
    wish = room(1, matched["name"], *names, id=matched["id"], matched=True, header="another", display_name="Another")
    (outcome,) = start(journal).open_channels([wish])
    assert outcome == Done(key=1, answer=Answer.EXISTED, id=matched["id"])
    start(journal).finish()
    now = rest.channel(matched["id"])
    assert now is not None
    assert (now["header"], now["display_name"]) == (matched["header"], matched["display_name"])
    assert rest.members_of(matched["id"], [stays["id"], outside["id"], gone["id"]]) == {stays["id"], outside["id"]}
    assert rest.members_of_team([outside["id"]]) == {outside["id"]}
    assert unread_of(rest.http, stays["id"], rest.team_id) == unread
    assert unread_of(rest.http, outside["id"], rest.team_id) == []
    assert [mail for one in (stays, outside) for mail in mail_sink.to(one["email"])] == []
    assert set(notices_in(rest.http, matched["id"])) <= {"system_join_channel"}
    home = rest.channel_named("town-square")
    assert home is not None
    assert rest.members_of(home["id"], [outside["id"]]) == {outside["id"]}
    assert journal.owed(GIVEN_TEAM) == [f"{rest.team_id} {outside['id']}"]
    given = {f"{matched['id']} {one['id']}" for one in (stays, outside)}
    assert set(journal.owed(GIVEN_CHANNEL)) == given
    # Who was there is as he was: he signs in with what he had.
    assert session_of(server.url, stays).get("/users/me")["id"] == stays["id"]


@contextmanager
def only_domain(rest: Rest, server: RunningServer, domain: str) -> Iterator[None]:
    """A team that takes addresses of one domain alone."""
    rest.http.put(f"/teams/{rest.team_id}/patch", {"allowed_domains": domain})
    yield


@contextmanager
def only_domain_of_server(rest: Rest, server: RunningServer, domain: str) -> Iterator[None]:
    """A server whose teams do."""
    rest.patch_config({"TeamSettings": {"RestrictCreationToDomains": f"@elsewhere.invalid, {domain}"}})
    try:
        yield
    finally:
        rest.patch_config({"TeamSettings": {"RestrictCreationToDomains": ""}})


@contextmanager
def only_group(rest: Rest, server: RunningServer, domain: str) -> Iterator[None]:
    """A team of a directory's group, whose people are those of the domain: without a licence no API makes one."""
    group = secrets.token_hex(13)
    with psycopg.connect(server.database_url) as connection:
        connection.execute("UPDATE teams SET groupconstrained = true WHERE id = %s", [rest.team_id])
        connection.execute(
            "INSERT INTO usergroups (id, name, displayname, source, remoteid, createat, updateat, deleteat, allowreference) "
            "VALUES (%s, %s, 'gardeners', 'ldap', %s, 1, 1, 0, false)",
            [group] * 3,
        )
        connection.execute(
            "INSERT INTO groupteams (groupid, autoadd, schemeadmin, createat, deleteat, updateat, teamid) "
            "VALUES (%s, false, false, 1, 0, 1, %s)",
            [group, rest.team_id],
        )
        connection.execute(
            "INSERT INTO groupmembers (groupid, userid, createat, deleteat) "
            "SELECT %s, id, 1, 0 FROM users WHERE email LIKE %s",
            [group, f"%@{domain}"],
        )
    rest.invalidate_caches()
    yield


@pytest.mark.parametrize("only", [only_domain, only_domain_of_server, only_group])
def test_whom_the_team_lets_nobody_add_does_not_come_into_it_and_is_named(
    start: Start, server: RunningServer, rest: Rest, tail: str, only: Callable[..., AbstractContextManager[None]]
) -> None:
    inside, comes, outside = (new_person(rest.http, name) for name in ("ines", "clara", "otto"))
    rest.add_to_team([inside["id"]])
    domain = f"{tail}.invalid"
    rest.http.put(f"/users/{comes['id']}/patch", {"email": f"{comes['username']}@{domain}"})
    journal = MemoryJournal()
    kitchen = room(1, f"kitchen-{tail}", *(one["username"] for one in (inside, comes, outside)))
    with only(rest, server, domain):
        (outcome,) = start(journal).open_channels([kitchen])
        # An import asks nobody's leave for new accounts.
        (made,) = start(journal).create_accounts([person(1, f"fern.{tail}", kitchen.name)], [kitchen])
    assert isinstance(outcome, Done)
    assert isinstance(made, Done)
    assert re.fullmatch(rf"{outside['username']} is not in it: the team takes .* alone", outcome.note)
    ids = [one["id"] for one in (inside, comes, outside)]
    assert rest.members_of(outcome.id, [*ids, made.id]) == {*ids[:2], made.id}
    assert rest.members_of_team([*ids, made.id]) == {*ids[:2], made.id}
    assert journal.owed(GIVEN_TEAM) == [f"{rest.team_id} {comes['id']}"]
    assert set(journal.owed(GIVEN_CHANNEL)) == {f"{outcome.id} {one}" for one in ids[:2]}


def test_a_channel_of_ours_becomes_what_it_is_to_be_and_is_archived_without_a_word(
    start: Start, rest: Rest, tail: str
) -> None:
    journal = MemoryJournal()
    first = room(1, f"kitchen-{tail}", display_name="Kitchen")
    (made,) = start(journal).open_channels([first])
    assert isinstance(made, Done)
    later = room(1, first.name, kind=ChannelKind.PRIVATE, display_name="Küche", header="tea")
    (outcome,) = start(journal).open_channels([later])
    assert outcome == Done(key=1, answer=Answer.EXISTED, id=made.id)
    there = rest.channel(made.id)
    assert there is not None
    assert [there[name] for name in ("display_name", "header", "type")] == ["Küche", "tea", "P"]
    api = start(journal)
    api.archive_channel(made.id)
    api.archive_channel(made.id)
    home = rest.channel_named("town-square")
    assert home is not None
    api.archive_channel(home["id"])
    api.finish()
    there = rest.channel(made.id)
    assert there is not None
    assert there["delete_at"] > 0
    assert notices_in(rest.http, made.id) == []
    home = rest.channel_named("town-square")
    assert home is not None
    assert home["delete_at"] == 0

    # Whoever is to be in it from now on is not: the server takes nobody into an archived channel, and the outcome says so.
    late = new_person(rest.http, "late")
    (outcome,) = start(journal).open_channels([msgspec.structs.replace(later, members=(late["username"],))])
    assert isinstance(outcome, Done)
    assert f"it is archived on the server, which lets nobody in there: {late['username']} is not in it" in outcome.note
    assert rest.members_of(made.id, [late["id"]]) == set()
    assert rest.channel(made.id) == there


def test_what_an_administrator_made_private_meanwhile_stays_private_and_the_row_says_so(
    start: Start, server: RunningServer, rest: Rest, tail: str
) -> None:
    journal, closed = MemoryJournal(), [room(1, f"hr-{tail}", f"fern.{tail}"), room(2, f"pay-{tail}")]
    list(start(journal).create_accounts([person(1, f"fern.{tail}")], closed))
    for there in rest.channels_named(one.name for one in closed).values():
        rest.http.put(f"/channels/{there['id']}/privacy", {"privacy": "P"})
    texts = msgspec.structs.replace(closed[1], display_name="Pay", header="of all")
    outcomes = list(start(journal).open_channels([closed[0], texts]))
    for outcome in outcomes:
        assert isinstance(outcome, Done)
        assert "was made private in Mattermost" in outcome.note
        assert rest.http.get(f"/channels/{outcome.id}")["type"] == "P"
    now = rest.channels_named(one.name for one in closed)
    assert [now[texts.name][name] for name in ("display_name", "header")] == ["Pay", "of all"]
    fern = rest.accounts_named([f"fern.{tail}"])[f"fern.{tail}"].id
    assert rest.members_of(now[closed[0].name]["id"], [fern]) == {fern}
    with psycopg.connect(server.database_url) as connection:
        query = "SELECT name FROM publicchannels WHERE name = ANY(%s)"
        assert connection.execute(query, [[one.name for one in closed]]).fetchall() == []

    # What is so already is not sent again.
    jobs = jobs_of(server)
    assert list(start(journal).open_channels([closed[0], texts])) == outcomes
    assert jobs_of(server) == jobs
