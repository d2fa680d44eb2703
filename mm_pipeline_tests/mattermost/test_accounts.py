"""New accounts on the real servers: everything that is known of a person arrives, in one job, and nobody else is touched."""

import io
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image

from mm_pipeline.http import Http
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.bots import PICTURES, Bots
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outcome import Done
from mm_pipeline.mattermost.outgoing import GUEST, NewAccount, NewChannel
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline.mattermost.time_zones import TIME_ZONES, owe_time_zones, set_time_zones
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import PASSWORD, http_of, new_person, session_of
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.push_sink import PushSink
from mm_pipeline_tests.mattermost_server.rest import ask
from mm_pipeline_tests.preflight.test_traps import set_to

StartStock = Callable[[MemoryJournal], MattermostAPI]


@pytest.fixture
def http(mattermost: Any) -> Iterator[Http]:
    http = http_of(mattermost.url, mattermost.token)
    yield http
    http.close()


@pytest.fixture
def rest(http: Http, team: str) -> Rest:
    return Rest(http, team)


@pytest.fixture
def stock_with(mattermost: Any, team: str, tmp_path: Path) -> StartStock:
    """Make a transport, as a new run would: only the journal is left of the one before."""
    return lambda journal: Stock(mattermost.url, mattermost.token, team, journal, work_folder=tmp_path / "work")


def own_picture(folder: Path, color: str) -> Path:
    path = folder / f"{color}.png"
    Image.new("RGB", (128, 128), color).save(path)
    return path


def shown(http: Http, user_id: str) -> Any:
    """Return the picture that people see of somebody."""
    with http.stream(f"{http.base_url}/users/{user_id}/image") as download:
        return Image.open(io.BytesIO(b"".join(download.chunks))).convert("RGB")


def person(key: int, name: str, **more: Any) -> NewAccount:
    return NewAccount(key=key, username=name, email=f"{name}@people.invalid", **more)


def room(name: str) -> NewChannel:
    return NewChannel(key=900, kind=ChannelKind.PUBLIC, name=name)


def jobs_of(server: Any) -> int:
    """Return how many import jobs the server has ever been given."""
    with psycopg.connect(server.database_url) as connection:
        found = connection.execute("SELECT count(*) FROM jobs WHERE type = 'import_process'").fetchone()
    assert found
    return int(found[0])


def test_a_person_comes_with_everything_that_slack_knows_of_them(
    mattermost: Any, http: Http, rest: Rest, stock_with: StartStock, tmp_path: Path, mail_sink: MailSink
) -> None:
    tail = secrets.token_hex(4)
    accounts = [
        person(
            *(1, f"fern.{tail}"),
            first_name="Fern",
            last_name="Ashgrove",
            nickname="Ferny",
            position="Keeps the bees",
            locale="pt-BR",
            time_zone="America/Halifax",
            picture=own_picture(tmp_path, "red"),
            channels=(f"room-{tail}",),
        ),
        person(2, f"moss.{tail}", time_zone="Asia/Calcutta", delete_at=1_700_000_000_000),
        person(3, f"reed.{tail}", picture=own_picture(tmp_path, "blue")),
    ]
    journal, before = MemoryJournal(), jobs_of(mattermost)
    stock = stock_with(journal)
    made = list(stock.create_accounts(accounts, [room(f"room-{tail}")]))
    assert {type(one) for one in made} == {Done}
    assert jobs_of(mattermost) == before + 1
    stock.finish()
    fern, moss, reed = (http.get(f"/users/username/{one.username}") for one in accounts)
    assert [fern[name] for name in ("first_name", "last_name", "nickname", "position", "locale")] == [
        *("Fern", "Ashgrove", "Ferny", "Keeps the bees", "pt-BR")
    ]
    zones = [one["timezone"]["automaticTimezone"] for one in (fern, moss, reed)]
    assert zones == ["America/Halifax", "Asia/Calcutta", ""]
    assert fern["timezone"]["useAutomaticTimezone"] == "true"
    assert moss["delete_at"] == 1_700_000_000_000
    assert shown(http, fern["id"]).getpixel((64, 64)) == (255, 0, 0)
    assert shown(http, reed["id"]).getpixel((64, 64)) == (0, 0, 255)
    assert shown(http, moss["id"]).getpixel((64, 64)) not in {(255, 0, 0), (0, 0, 255)}
    assert [one["status"] for one in http.post("/users/status/ids", [fern["id"], reed["id"]])] == ["offline"] * 2
    assert [mail for one in accounts for mail in mail_sink.to(one.email)] == []
    assert journal.owed(TIME_ZONES) == []


def test_pictures_that_are_too_much_for_one_archive_go_in_several(
    mattermost: Any, http: Http, team: str, tmp_path: Path
) -> None:
    tail = secrets.token_hex(4)
    noise = tmp_path / "noise.png"
    Image.effect_noise((128, 128), 90).save(noise)
    accounts = [person(key, f"p{key}.{tail}", picture=noise, channels=(f"room-{tail}",)) for key in range(1, 5)]
    limit = 3 * noise.stat().st_size
    stock = Stock(
        *(mattermost.url, mattermost.token, team, MemoryJournal()),
        max_archive_bytes=limit,
        work_folder=tmp_path / "work",
    )
    before = jobs_of(mattermost)
    assert {type(one) for one in stock.create_accounts(accounts, [room(f"room-{tail}")])} == {Done}
    assert jobs_of(mattermost) == before + 2
    found = Rest(http, team).channel_named(f"room-{tail}")
    assert found is not None
    ids = {http.get(f"/users/username/{one.username}")["id"] for one in accounts}
    assert Rest(http, team).members_of(found["id"], ids) == ids


def test_a_picture_that_the_server_cannot_read_would_cost_its_person_the_memberships_but_nobody_the_account(
    http: Http, rest: Rest, stock_with: StartStock, tmp_path: Path
) -> None:
    """Why pictures are made anew before they are sent (content/avatars.py)."""
    tail = secrets.token_hex(4)
    (tmp_path / "none.png").write_bytes(b"no picture")
    rooms = [room(f"room-{tail}")]
    pictures = (own_picture(tmp_path, "red"), tmp_path / "none.png", own_picture(tmp_path, "blue"))
    accounts = [person(n, f"p{n}.{tail}", picture=one, channels=(rooms[0].name,)) for n, one in enumerate(pictures)]
    outcomes = list(stock_with(MemoryJournal()).create_accounts(accounts, rooms))
    assert sorted(one.key for one in outcomes if isinstance(one, Done)) == [0, 1, 2]
    found = rest.channel_named(rooms[0].name)
    assert found is not None
    ids = [http.get(f"/users/username/{one.username}")["id"] for one in accounts]
    assert rest.members_of(found["id"], ids) == {ids[0], ids[2]}


# --- time zones


def test_a_run_that_was_killed_before_the_time_zones_leaves_them_to_the_next(
    http: Http, rest: Rest, stock_with: StartStock
) -> None:
    tail = secrets.token_hex(4)
    journal = MemoryJournal()
    list(stock_with(journal).create_accounts([person(1, f"fern.{tail}", time_zone="Europe/Oslo")], []))
    # The next run finds the account there, and only the journal knows that it is ours.
    list(stock_with(journal).create_accounts([person(1, f"fern.{tail}", time_zone="Europe/Oslo")], []))
    stock_with(journal).finish()
    assert http.get(f"/users/username/fern.{tail}")["timezone"]["automaticTimezone"] == "Europe/Oslo"


def test_no_time_zone_of_somebody_who_was_there_or_has_chosen_one_is_touched(
    mattermost: Any, http: Http, rest: Rest, stock_with: StartStock
) -> None:
    there, chooser, namesake = (new_person(http, name) for name in ("ida", "kit", "may"))
    own = {"useAutomaticTimezone": "false", "automaticTimezone": "", "manualTimezone": "Asia/Tokyo"}
    session_of(mattermost.url, chooser).put(f"/users/{chooser['id']}/patch", {"timezone": own})
    journal = MemoryJournal()
    wish = NewAccount(key=1, username=there["username"], email=there["email"], time_zone="Europe/Oslo")
    list(stock_with(journal).create_accounts([wish], []))
    assert journal.owed(TIME_ZONES) == []
    # As if they had come into being between the last look and the job.
    owe_time_zones(
        journal,
        [
            NewAccount(key=2, username=chooser["username"], email=chooser["email"], time_zone="Europe/Oslo"),
            NewAccount(key=3, username=namesake["username"], email="other@people.invalid", time_zone="Europe/Oslo"),
            person(4, "nobody.of.that.name", time_zone="Europe/Oslo"),
        ],
    )
    set_time_zones(rest, journal)
    zones = {one["username"]: http.get(f"/users/{one['id']}")["timezone"] for one in (there, chooser, namesake)}
    assert "Europe/Oslo" not in str(zones)
    assert zones[chooser["username"]] == own
    assert journal.owed(TIME_ZONES) == []


# --- guests


def test_a_guest_s_line_makes_a_guest_even_without_a_licence_and_there_he_could_not_sign_in(
    mattermost: Any, http: Http, rest: Rest, stock_with: StartStock
) -> None:
    """Why guests become members where the server lets none in, and what the line does where it lets them in."""
    tail = secrets.token_hex(4)
    accounts = [
        person(1, f"walter.{tail}", roles=GUEST, channels=(f"room-{tail}",)),
        person(2, f"lucia.{tail}", roles=GUEST),
        person(3, f"rosa.{tail}", channels=(f"room-{tail}",)),
    ]
    stock = stock_with(MemoryJournal())
    assert {type(one) for one in stock.create_accounts(accounts, [room(f"room-{tail}")])} == {Done}
    walter, lucia, rosa = (http.get(f"/users/username/{one.username}") for one in accounts)
    assert [one["roles"] for one in (walter, lucia, rosa)] == [GUEST, "system_user", "system_user"]
    channel = rest.channel_named(f"room-{tail}")
    assert channel is not None
    member = http.get(f"/channels/{channel['id']}/members/{walter['id']}")
    assert (member["scheme_guest"], member["scheme_user"], member["roles"]) == (True, False, "channel_guest")
    member = http.get(f"/teams/{rest.team_id}/members/{walter['id']}")
    assert (member["scheme_guest"], member["scheme_user"], member["roles"]) == (True, False, "team_guest")
    # He is in his one channel, and in none of those that everybody of the team is in.
    mine = http.get(f"/users/{walter['id']}/teams/{rest.team_id}/channels")
    assert [one["name"] for one in mine] == [f"room-{tail}"]
    assert http.get(f"/users/{lucia['id']}/teams") == []
    for one, status in ((walter, 401), (rosa, 200)):
        http.put(f"/users/{one['id']}/password", {"new_password": PASSWORD})
        wish = {"login_id": one["username"], "password": PASSWORD}
        assert ask(mattermost.url, "POST", "/users/login", wish).status == status


def test_the_server_refuses_a_guest_without_a_channel(mattermost_11_4: Any, tmp_path: Path) -> None:
    """So such a line would cost the person: `user_line` makes an account outside the team of it."""
    import msgspec

    from mm_pipeline.mattermost.archive_writer import ArchiveWriter
    from mm_pipeline.mattermost.jobs import ImportJobs

    http = http_of(mattermost_11_4.url, mattermost_11_4.token)
    name = f"guest.{secrets.token_hex(4)}"
    teams = [{"name": mattermost_11_4.create_team(), "roles": "team_guest", "channels": []}]
    fields = {"username": name, "email": f"{name}@people.invalid", "roles": GUEST, "teams": teams}
    writer = ArchiveWriter(tmp_path / "guest.zip", 1 << 20)
    writer.add("user", msgspec.json.encode({"type": "user", "user": fields}), {})
    writer.close()
    outcome = ImportJobs(http, MemoryJournal(), tmp_path).run(writer.path, 1)
    writer.release()
    http.close()
    assert not outcome.ok
    assert "guest" in outcome.error.lower()


# --- bots


def test_bots_made_here_get_their_pictures_and_those_that_were_there_keep_theirs(
    http: Http, rest: Rest, tmp_path: Path, mail_sink: MailSink, push_sink: PushSink
) -> None:
    tail = secrets.token_hex(4)
    red, blue = own_picture(tmp_path, "red"), own_picture(tmp_path, "blue")
    journal = MemoryJournal()
    gate = NewAccount(key=1, username=f"gate.{tail}", is_bot=True, picture=red)
    (made,) = Bots(rest, journal).create([gate])
    assert isinstance(made, Done)
    assert shown(http, made.id).getpixel((64, 64)) == (255, 0, 0)
    assert journal.owed(PICTURES) == []
    bell = NewAccount(key=2, username=f"bell.{tail}", is_bot=True, picture=blue)
    again = NewAccount(key=1, username=f"gate.{tail}", is_bot=True, picture=blue)
    assert len(list(Bots(rest, journal).create([again, bell]))) == 2
    assert shown(http, made.id).getpixel((64, 64)) == (255, 0, 0)


def test_a_bot_whose_run_was_killed_before_its_picture_gets_it_from_the_next(
    http: Http, rest: Rest, tmp_path: Path
) -> None:
    name = f"gate.{secrets.token_hex(4)}"
    journal = MemoryJournal()
    (made,) = Bots(rest, journal).create([NewAccount(key=1, username=name, is_bot=True)])
    assert isinstance(made, Done)
    journal.owe(PICTURES, [name])
    bot = NewAccount(key=1, username=name, is_bot=True, picture=own_picture(tmp_path, "red"))
    assert list(Bots(rest, journal).create([bot]))
    assert shown(http, made.id).getpixel((64, 64)) == (255, 0, 0)
    assert journal.owed(PICTURES) == []


def test_a_picture_that_the_server_refuses_costs_no_bot(http: Http, rest: Rest, tmp_path: Path) -> None:
    (tmp_path / "none.png").write_bytes(b"no picture")
    bot = NewAccount(key=1, username=f"gate.{secrets.token_hex(4)}", is_bot=True, picture=tmp_path / "none.png")
    journal = MemoryJournal()
    (made,) = Bots(rest, journal).create([bot])
    assert isinstance(made, Done)
    assert journal.owed(PICTURES) == []


def test_a_deactivated_account_joins_no_team_that_is_full(
    mattermost: Any, stock_with: StartStock, rest: Rest, http: Http
) -> None:
    """What plan/seats.py leaves room for: no such member is counted, and yet each needs a free place while it joins."""
    gone = person(1, f"gone.{secrets.token_hex(4)}", delete_at=1_700_000_000_000)
    full = http.get(f"/teams/{rest.team_id}/stats")["active_member_count"]
    with set_to(mattermost, TeamSettings={"MaxUsersPerTeam": full}):
        (made,) = stock_with(MemoryJournal()).create_accounts([gone], [])
    assert isinstance(made, Done)
    assert rest.members_of_team([made.id]) == set()
