"""What people make under planned names between our last look and the import job stays theirs, on real servers."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest

from mm_pipeline.http import Http
from mm_pipeline.mattermost.first_sight import NEWCOMERS
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.ours import MADE_ACCOUNT, MADE_CHANNEL, MAKING_ACCOUNT, MAKING_CHANNEL, OVERWRITTEN_ACCOUNT
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import PASSWORD, http_of, new_person, session_of
from mm_pipeline_tests.mattermost_server.held_jobs import hold, release
from mm_pipeline_tests.mattermost_server.proxy import Answer as Heard
from mm_pipeline_tests.mattermost_server.proxy import Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

_ENDED = ("success", "error", "canceled")
TooLate = Literal["", "begun", "over"]


class Window:
    """A rule of the proxy: no import begins until one is cancelled, and `strangers` come while the first one waits.

    Where `too_late` says so, that cancelling reaches the server when it has begun the job, or when that is over.
    """

    def __init__(self, server: RunningServer, http: Http, strangers: Callable[[], None], *, too_late: TooLate) -> None:
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
            release(self.server.database_url)
            return answer
        with psycopg.connect(self.server.database_url) as connection:
            if self.too_late == "begun":
                connection.execute("LOCK TABLE users IN SHARE MODE")
            release(self.server.database_url)
            self.wait(("in_progress",) if self.too_late == "begun" else _ENDED)
            return ask()

    def wait(self, states: tuple[str, ...]) -> None:
        """Wait until the first job is in one of these states."""
        until = time.monotonic() + 60
        while self.http.get(f"/jobs/{self.job_id}")["status"] not in states:
            assert time.monotonic() < until
            time.sleep(0.1)


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
        session_of(self.server.url, self.made_account)

    @contextmanager
    def window(self, strangers: Callable[[], None], *, too_late: TooLate = "") -> Iterator[Stock]:
        """A Stock whose first job waits while strangers come."""
        hold(self.server.database_url)
        self.rule = Window(self.server, self.http, strangers, too_late=too_late)
        proxy = Proxy(self.server.url, self.rule)
        try:
            yield Stock(proxy.url, self.server.token, self.team, self.journal, work_folder=self.work_folder)
        finally:
            release(self.server.database_url)
            proxy.close()

    def strangers(self) -> None:
        """Somebody makes an attic and is called moss."""
        self.somebodys_room(self.rooms[0].name, "P")
        self.somebodys_account(self.people[1].username)

    def inside(self, channel_id: str) -> set[str]:
        return {one["user_id"] for one in self.http.get(f"/channels/{channel_id}/members")}

    def outcomes(self, stock: Stock) -> dict[int, Done | Refused]:
        return {one.key: one for one in stock.create_accounts(self.people, self.rooms)}


@pytest.fixture
def garden(mattermost: RunningServer, tmp_path: Path) -> Garden:
    return Garden(mattermost, tmp_path / "work")


def test_what_people_make_while_the_job_waits_stays_theirs_and_all_else_arrives(garden: Garden) -> None:
    kitchen = garden.rooms[1]
    fern, _, reed = garden.people
    signed_up: dict[str, Any] = {}

    def strangers() -> None:
        garden.strangers()
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

    with garden.window(garden.strangers, too_late="over") as stock:
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
    _is_shut_out(garden, opened[12].id)
    assert f"somebody made a channel {attic.name}" in caplog.text


# --- a run that is killed there


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours handles it."""


def _kill(place: str, garden: Garden, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the run end at a place of its withdrawing."""
    post, job_ended = Http.post, garden.journal.job_ended

    def cancel(http: Http, path: str, *wish: Any, **how: Any) -> Any:
        if not path.endswith("/cancel"):
            return post(http, path, *wish, **how)
        if place != "before the cancel":
            post(http, path, *wish, **how)
        raise Killed

    def ended(record: int, status: str, error: str = "") -> None:
        if place == "it is journalled":
            job_ended(record, status, error)
        raise Killed

    if "journal" in place:
        monkeypatch.setattr(garden.journal, "job_ended", ended)
    else:
        monkeypatch.setattr(Http, "post", cancel)


def _killed(stock: Stock, garden: Garden, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        _kill(place, garden, patched)
        with pytest.raises(Killed):
            garden.outcomes(stock)


@pytest.mark.parametrize(
    "place", ["before the cancel", "the cancel is not heard", "before it is journalled", "it is journalled"]
)
def test_a_run_that_was_killed_while_it_withdrew_a_job_goes_on_and_leaves_strangers_alone(
    garden: Garden, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    kitchen = garden.rooms[1]
    fern, _, reed = garden.people
    with garden.window(garden.strangers) as stock:
        _killed(stock, garden, place, monkeypatch)
        stock.resume()
        outcomes = garden.outcomes(stock)
        opened = {one.key: one for one in stock.open_channels(garden.rooms)}
    said = {key: one.answer for key, one in outcomes.items() if isinstance(one, Done)}
    assert said == {1: Answer.CREATED, 2: Answer.USERNAME_EXISTS, 3: Answer.CREATED}
    assert [status for status, _ in garden.journal.ended.values()] == ["canceled", "success"]
    now = garden.http.get(f"/channels/{garden.made_room['id']}")
    assert (now["type"], now["display_name"], now["purpose"]) == ("P", "Mine", "my own")
    assert garden.http.get(f"/users/{garden.made_account['id']}")["email"] == garden.made_account["email"]
    assert "left as it is" in str(opened[11].error)  # type: ignore[union-attr]
    assert isinstance(opened[12], Done)
    made = {one.id for one in outcomes.values() if isinstance(one, Done) and one.answer is Answer.CREATED}
    assert len(made) == 2
    assert made <= garden.inside(opened[12].id)
    assert not made & garden.inside(now["id"])
    _holds_what_was_made(garden, [fern, reed], kitchen)


@pytest.mark.parametrize(
    ("place", "too_late"),
    [("before the cancel", ""), ("the cancel is not heard", "begun"), ("before it is journalled", "over")],
)
def test_what_the_job_of_a_killed_run_overwrote_is_closed_told_and_never_ours(
    garden: Garden, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str, too_late: TooLate
) -> None:
    kitchen = garden.rooms[1]
    fern, moss, reed = garden.people
    with garden.window(garden.strangers, too_late=too_late) as stock:
        _killed(stock, garden, place, monkeypatch)
        if not too_late:  # it has its turn before the next run comes
            release(garden.server.database_url)
            garden.rule.wait(_ENDED)
        stock.resume()
        outcomes = garden.outcomes(stock)
        opened = {one.key: one for one in stock.open_channels(garden.rooms)}
    assert garden.http.get(f"/users/{garden.made_account['id']}")["email"] == moss.email  # so it was too late
    assert {one.answer for one in outcomes.values() if isinstance(one, Done)} == {Answer.EMAIL_EXISTS}
    assert garden.journal.owed(OVERWRITTEN_ACCOUNT) == [garden.made_account["id"]]
    assert [status for status, _ in garden.journal.ended.values()] == ["success"]
    now = garden.http.get(f"/channels/{garden.made_room['id']}")
    assert (now["type"], now["purpose"]) == ("P", "of Slack")
    ours = {one["id"] for one in garden.http.post("/users/usernames", [fern.username, reed.username])}
    assert isinstance(opened[12], Done)
    assert ours <= garden.inside(opened[12].id)
    assert not ours & garden.inside(now["id"])
    _is_shut_out(garden, opened[12].id)
    assert "has been made private" in str(opened[11].error)  # type: ignore[union-attr]
    assert f"somebody signed up as {moss.username}" in caplog.text
    _holds_what_was_made(garden, [fern, reed], kitchen)


def _is_shut_out(garden: Garden, channel_id: str) -> None:
    """The account that was overwritten is in no channel of the team, and nobody is signed in with it any more."""
    somebody = garden.made_account["id"]
    assert somebody not in garden.inside(channel_id)
    assert not garden.http.get(f"/users/{somebody}/sessions")
    assert garden.team_id not in {one["id"] for one in garden.http.get(f"/users/{somebody}/teams")}


def _holds_what_was_made(garden: Garden, people: list[NewAccount], room: NewChannel) -> None:
    names = sorted(one.username for one in people)
    assert sorted(garden.journal.owed(MADE_ACCOUNT)) == sorted(garden.journal.owed(NEWCOMERS)) == names
    assert garden.journal.owed(MADE_CHANNEL) == [f"{garden.team_id} {room.name}"]
    assert garden.journal.owed(MAKING_ACCOUNT) == garden.journal.owed(MAKING_CHANNEL) == []
