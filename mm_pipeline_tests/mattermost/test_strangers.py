"""What people make under planned names between our last look and the import job stays theirs, on real servers."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline.http import Http
from mm_pipeline.mattermost.first_sight import NEWCOMERS
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.ours import MADE_ACCOUNT, MADE_CHANNEL, OVERWRITTEN_ACCOUNT
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import PASSWORD, http_of, new_person
from mm_pipeline_tests.mattermost_server.proxy import Answer as Heard
from mm_pipeline_tests.mattermost_server.proxy import Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

_HOLD = """
    CREATE FUNCTION hold_imports() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER hold_imports BEFORE UPDATE ON jobs FOR EACH ROW
    WHEN (OLD.type = 'import_process' AND OLD.status = 'pending' AND NEW.status = 'in_progress')
    EXECUTE FUNCTION hold_imports();
"""
_ENDED = ("success", "error", "canceled")


class Window:
    """A rule of the proxy: no import begins until one is cancelled, and `strangers` come while the first one waits.

    Where `too_late`, that cancelling reaches the server when the job is over.
    """

    def __init__(self, server: RunningServer, http: Http, strangers: Callable[[], None], *, too_late: bool) -> None:
        self.server, self.http, self.strangers, self.too_late = server, http, strangers, too_late
        self.job_id = ""

    def __call__(self, request: Request, ask: Callable[[], Heard]) -> Heard:
        if request.method == "POST" and request.place.endswith("/jobs") and not self.job_id:
            answer = ask()
            self.job_id = self.http.get("/jobs/type/import_process", {"page": 0, "per_page": 1})[0]["id"]
            self.strangers()
            return answer
        if not request.place.endswith("/cancel"):
            return ask()
        if not self.too_late:
            answer = ask()
            release(self.server)
            return answer
        release(self.server)
        until = time.monotonic() + 60
        while self.http.get(f"/jobs/{self.job_id}")["status"] not in _ENDED:
            assert time.monotonic() < until
            time.sleep(0.1)
        return ask()


def release(server: RunningServer) -> None:
    with psycopg.connect(server.database_url) as connection:
        connection.execute("DROP FUNCTION IF EXISTS hold_imports CASCADE")


class Garden:
    """A team in which three people and two channels are to be made, and its Stock behind a proxy."""

    def __init__(self, server: RunningServer, work_folder: Path) -> None:
        self.server, self.work_folder = server, work_folder
        self.team = server.create_team()
        self.http = http_of(server.url, server.token)
        self.team_id = self.http.get(f"/teams/name/{self.team}")["id"]
        self.journal = MemoryJournal()
        self.tail = secrets.token_hex(4)
        self.rooms = [self.room(11, "attic"), self.room(12, "kitchen")]
        names = tuple(one.name for one in self.rooms)
        self.people = [self.person(1, "fern", names), self.person(2, "moss", names), self.person(3, "reed", names)]

    def person(self, key: int, name: str, rooms: tuple[str, ...]) -> NewAccount:
        username = f"{name}.{self.tail}"
        return NewAccount(
            key=key, username=username, email=f"{username}@people.invalid", channels=rooms, time_zone="Europe/Vienna"
        )

    def room(self, key: int, name: str) -> NewChannel:
        return NewChannel(key=key, kind=ChannelKind.PUBLIC, name=f"{name}-{self.tail}", purpose="of Slack")

    def somebodys_room(self, name: str, kind: str) -> None:
        wish = {"team_id": self.team_id, "name": name, "type": kind}
        self.made_room = self.http.post("/channels", wish | {"display_name": "Mine", "purpose": "my own"})

    def somebodys_account(self, username: str) -> None:
        wish = {"username": username, "email": f"another.{username}@people.invalid", "password": PASSWORD}
        self.made_account = self.http.post("/users", wish)

    @contextmanager
    def window(self, strangers: Callable[[], None], *, too_late: bool = False) -> Iterator[Stock]:
        """A Stock whose first job waits while strangers come."""
        with psycopg.connect(self.server.database_url) as connection:
            connection.execute(_HOLD)
        proxy = Proxy(self.server.url, Window(self.server, self.http, strangers, too_late=too_late))
        try:
            yield Stock(proxy.url, self.server.token, self.team, self.journal, work_folder=self.work_folder)
        finally:
            release(self.server)
            proxy.close()

    def inside(self, channel_id: str) -> set[str]:
        return {one["user_id"] for one in self.http.get(f"/channels/{channel_id}/members")}

    def outcomes(self, stock: Stock) -> dict[int, Done | Refused]:
        return {one.key: one for one in stock.create_accounts(self.people, self.rooms)}


@pytest.fixture
def garden(mattermost: RunningServer, tmp_path: Path) -> Garden:
    return Garden(mattermost, tmp_path / "work")


def test_what_people_make_while_the_job_waits_stays_theirs_and_all_else_arrives(garden: Garden) -> None:
    attic, kitchen = garden.rooms
    fern, moss, reed = garden.people
    signed_up: dict[str, Any] = {}

    def strangers() -> None:
        garden.somebodys_room(attic.name, "P")
        garden.somebodys_account(moss.username)
        signed_up.update(new_person(garden.http))
        garden.http.put(f"/users/{signed_up['id']}/patch", {"email": reed.email})

    with garden.window(strangers) as stock:
        outcomes = garden.outcomes(stock)
        opened = {one.key: one for one in stock.open_channels(garden.rooms)}
    said = {key: one.answer for key, one in outcomes.items() if isinstance(one, Done)}
    assert said == {1: Answer.CREATED, 2: Answer.USERNAME_EXISTS, 3: Answer.EMAIL_EXISTS}
    assert [status for status, _ in garden.journal.ended.values()][:2] == ["canceled", "error"]

    now = garden.http.get(f"/channels/{garden.made_room['id']}")
    kept = ("type", "display_name", "purpose", "header", "delete_at")
    assert {name: now[name] for name in kept} == {name: garden.made_room[name] for name in kept}
    assert garden.http.get(f"/users/{garden.made_account['id']}")["email"] == garden.made_account["email"]
    assert isinstance(opened[11], Refused)
    assert "left as it is" in str(opened[11].error)

    made = outcomes[1]
    assert isinstance(made, Done)
    assert isinstance(opened[12], Done)
    assert made.id in garden.inside(opened[12].id)
    assert made.id not in garden.inside(garden.made_room["id"])
    assert garden.journal.owed(MADE_ACCOUNT) == garden.journal.owed(NEWCOMERS) == [fern.username]
    assert garden.journal.owed(MADE_CHANNEL) == [f"{garden.team_id} {kitchen.name}"]


def test_what_a_job_overwrote_in_the_last_moment_is_closed_told_and_never_ours(
    garden: Garden, caplog: pytest.LogCaptureFixture
) -> None:
    attic, kitchen = garden.rooms
    fern, moss, reed = garden.people

    def strangers() -> None:
        garden.somebodys_room(attic.name, "P")
        garden.somebodys_account(moss.username)

    with garden.window(strangers, too_late=True) as stock:
        outcomes = garden.outcomes(stock)
        opened = {one.key: one for one in stock.open_channels(garden.rooms)}
    assert garden.http.get(f"/users/{garden.made_account['id']}")["email"] == moss.email  # so it was too late
    assert {key for key, one in outcomes.items() if isinstance(one, Done)} == {1, 3}
    assert isinstance(outcomes[2], Refused)
    assert "Give it its own address back" in str(outcomes[2].error)
    assert isinstance(opened[11], Refused)
    assert "has been made private" in str(opened[11].error)
    assert isinstance(opened[12], Done)
    now = garden.http.get(f"/channels/{garden.made_room['id']}")
    assert (now["type"], now["purpose"], now["delete_at"]) == ("P", "of Slack", 0)
    for key in (1, 3):
        made = outcomes[key]
        assert isinstance(made, Done)
        assert made.id in garden.inside(opened[12].id)
        assert made.id not in garden.inside(now["id"])
    assert sorted(garden.journal.owed(MADE_ACCOUNT)) == garden.journal.owed(NEWCOMERS) == [fern.username, reed.username]
    assert garden.journal.owed(MADE_CHANNEL) == [f"{garden.team_id} {kitchen.name}"]
    assert garden.journal.owed(OVERWRITTEN_ACCOUNT) == [garden.made_account["id"]]
    assert f"somebody made a channel {attic.name}" in caplog.text
