"""What a new person finds who signs in first: the default channels and nothing unread, conversations in the side bar."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_pipeline.http import Http
from mm_pipeline.mattermost.first_sight import NEWCOMERS, SHOW_DIRECT
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outcome import Done
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import http_of, new_person, unread_of
from mm_pipeline_tests.mattermost_server.running import RunningServer


@pytest.fixture(params=[Stock, Plugin], ids=["stock", "plugin"])
def kind(request: pytest.FixtureRequest) -> type[Stock]:
    transport: type[Stock] = request.param
    return transport


@pytest.fixture
def rest(mattermost_with_plugin: RunningServer) -> Iterator[Rest]:
    http = http_of(mattermost_with_plugin.url, mattermost_with_plugin.token)
    yield Rest(http, mattermost_with_plugin.create_team())
    http.close()


def home(rest: Rest, name: str) -> str:
    """Return the id of one of the team's default channels, in which much was said before."""
    channel = rest.channel_named(name)
    assert channel is not None
    for _ in range(3):
        rest.http.post("/posts", {"channel_id": channel["id"], "message": "old news"})
    return str(channel["id"])


def newcomers(stock: Stock, how_many: int) -> dict[str, str]:
    """Create people; return id by username."""
    names = [f"new.{secrets.token_hex(4)}" for _ in range(how_many)]
    wishes = [NewAccount(key=key, username=name, email=f"{name}@people.invalid") for key, name in enumerate(names)]
    made = list(stock.create_accounts(wishes, []))
    return {names[one.key]: one.id for one in made if isinstance(one, Done)}


def shown_to(http: Http, user_id: str) -> set[tuple[str, str]]:
    """Return (category, name) of the conversations that the person's side bar shows."""
    return {
        (one["category"], one["name"])
        for one in http.get(f"/users/{user_id}/preferences")
        if one["category"] in ("direct_channel_show", "group_channel_show") and one["value"] == "true"
    }


def test_new_people_are_in_the_default_channels_and_have_nothing_to_read(
    kind: type[Stock], mattermost_with_plugin: RunningServer, rest: Rest, tmp_path: Path
) -> None:
    square, off_topic = home(rest, "town-square"), home(rest, "off-topic")
    stays = new_person(rest.http)
    rest.add_to_team([stays["id"]])
    unread = unread_of(rest.http, stays["id"], rest.team_id)
    assert {channel_id for channel_id, *_ in unread} == {square, off_topic}
    journal = MemoryJournal()
    stock = kind(
        mattermost_with_plugin.url, mattermost_with_plugin.token, rest.team_name, journal, work_folder=tmp_path
    )
    people = newcomers(stock, 2)
    assert sorted(journal.owed(NEWCOMERS)) == sorted(people)

    # A crash here: only the journal is left.
    kind(
        mattermost_with_plugin.url, mattermost_with_plugin.token, rest.team_name, journal, work_folder=tmp_path
    ).finish()

    assert journal.owed(NEWCOMERS) == []
    for user_id in people.values():
        there = rest.http.get(f"/users/{user_id}/teams/{rest.team_id}/channels/members")
        assert {one["channel_id"] for one in there} == {square, off_topic}
        assert unread_of(rest.http, user_id, rest.team_id) == []
    told = rest.http.post("/users/status/ids", list(people.values()))
    assert {status["status"] for status in told} == {"offline"}
    assert unread_of(rest.http, stays["id"], rest.team_id) == unread


def test_the_administrators_own_choice_of_default_channels_counts(
    kind: type[Stock], mattermost_with_plugin: RunningServer, rest: Rest, tmp_path: Path
) -> None:
    wish = {"team_id": rest.team_id, "name": "notices", "display_name": "Notices", "type": "O"}
    notices = rest.http.post("/channels", wish)["id"]
    secret = rest.http.post("/channels", wish | {"name": "secret", "type": "P"})["id"]
    before = rest.config()["TeamSettings"].get("ExperimentalDefaultChannels")
    rest.patch_config({"TeamSettings": {"ExperimentalDefaultChannels": ["notices", "secret", "nowhere"]}})
    try:
        stock = kind(
            mattermost_with_plugin.url,
            mattermost_with_plugin.token,
            rest.team_name,
            MemoryJournal(),
            work_folder=tmp_path,
        )
        (user_id,) = newcomers(stock, 1).values()
    finally:
        rest.patch_config({"TeamSettings": {"ExperimentalDefaultChannels": before or []}})
    square = rest.channel_named("town-square")
    there = rest.http.get(f"/users/{user_id}/teams/{rest.team_id}/channels/members")
    assert square is not None
    assert {one["channel_id"] for one in there} == {square["id"], notices}
    assert secret not in {one["channel_id"] for one in there}


def test_conversations_stand_in_the_side_bar_of_their_people(
    kind: type[Stock], mattermost_with_plugin: RunningServer, rest: Rest, tmp_path: Path
) -> None:
    journal = MemoryJournal()
    stock = kind(
        mattermost_with_plugin.url, mattermost_with_plugin.token, rest.team_name, journal, work_folder=tmp_path
    )
    people = newcomers(stock, 3)
    ada, bo, cy = people
    wishes = [
        NewChannel(key=1, kind=ChannelKind.DIRECT, members=(ada, bo)),
        NewChannel(key=2, kind=ChannelKind.DIRECT, members=(ada,)),
        NewChannel(key=3, kind=ChannelKind.GROUP, members=(ada, bo, cy)),
    ]
    made = {one.key: one.id for one in stock.open_channels(wishes) if isinstance(one, Done)}
    group = ("group_channel_show", made[3])
    expected = {
        ada: {("direct_channel_show", people[bo]), ("direct_channel_show", people[ada]), group},
        bo: {("direct_channel_show", people[ada]), group},
        cy: {group},
    }
    shown = {name: shown_to(rest.http, people[name]) for name in people}
    # 9.9 writes preferences under ids of channels besides, which no client looks for.
    assert {name: shown[name] & expected[name] for name in people} == expected
    assert journal.owed(SHOW_DIRECT) == []


def test_a_conversation_that_its_people_have_put_away_stays_away(
    kind: type[Stock], mattermost_with_plugin: RunningServer, rest: Rest, tmp_path: Path
) -> None:
    ada, bo = new_person(rest.http), new_person(rest.http)
    rest.http.post("/channels/direct", [ada["id"], bo["id"]])
    away = {"user_id": ada["id"], "category": "direct_channel_show", "name": bo["id"], "value": "false"}
    rest.http.put(f"/users/{ada['id']}/preferences", [away])
    stock = kind(
        mattermost_with_plugin.url, mattermost_with_plugin.token, rest.team_name, MemoryJournal(), work_folder=tmp_path
    )
    wish = NewChannel(key=1, kind=ChannelKind.DIRECT, members=(ada["username"], bo["username"]))
    assert [type(one) for one in stock.open_channels([wish])] == [Done]
    assert shown_to(rest.http, ada["id"]) == set()
