"""The plugin answers system administrators alone, and takes nothing that is not as it must be."""

import secrets
from typing import Any

import pytest
import requests

from mm_pipeline.mattermost.importer import PLUGIN_ID
from mm_pipeline_tests.mattermost.world import MORNING, World
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.test_statements import tables_watched

pytestmark = pytest.mark.server

_CALLS = [
    ("GET", "hello"),
    ("POST", "threads"),
    ("POST", "accounts"),
    ("POST", "channels"),
    ("POST", "read"),
    ("POST", "attached"),
    ("POST", "texts"),
    ("GET", f"channels/{'x' * 26}/posts"),
    ("POST", "files"),
    ("POST", "files/x"),
    ("DELETE", "stored"),
    ("POST", "anything"),
]
_SQL = "'; DROP TABLE posts; --"


@pytest.fixture(scope="module")
def world(mattermost_with_plugin: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(mattermost_with_plugin, tmp_path_factory.mktemp("work"))
    world.populate()
    return world


def ask(
    server: RunningServer, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
) -> requests.Response:
    """Send one request to the plugin, as the administrator if no token is given; bytes go as they are."""
    if token is None:
        token = server.token
    sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(
        method, f"{server.url}/plugins/{PLUGIN_ID}/api/v1/{path}", headers=headers, timeout=60, **sent
    )


def thread(world: World, **root: Any) -> dict[str, Any]:
    """A body with one post by ada in the room, with fields of it changed."""
    post = {
        "identity": secrets.token_hex(8),
        "user_id": world.ids[world.ada],
        "message": "hello",
        "create_at": MORNING,
    }
    return {"threads": [{"channel_id": world.room.id, "root": post | root}]}


def account(world: World, **fields: Any) -> dict[str, Any]:
    """A body with one person in the room, with fields changed."""
    name = f"p{secrets.token_hex(4)}"
    person = {"identity": name, "username": name, "email": f"{name}@people.invalid", "channel_ids": [world.room.id]}
    return {"team_id": world.server.team_id, "accounts": [person | fields]}


def channel(world: World, **fields: Any) -> dict[str, Any]:
    """A body with one room with ada in it, with fields changed."""
    name = f"c{secrets.token_hex(4)}"
    room = {"identity": name, "type": "O", "name": name, "display_name": "Room", "members": [world.ids[world.ada]]}
    return {"team_id": world.server.team_id, "channels": [room | fields]}


def bodies(world: World) -> dict[str, Any]:
    """A body of each call that would change something, were it taken."""
    posts = world.rows("SELECT id FROM posts WHERE channelid = %(id)s LIMIT 1", id=world.room.id)
    post_id = posts[0]["id"] if posts else "x" * 26
    changed = {"id": world.room.id, "set": {"header": "somebody was here", "archive": True}}
    return {
        "threads": thread(world),
        "accounts": account(world),
        "channels": {"team_id": world.server.team_id, "channels": [changed, *channel(world)["channels"]]},
        "read": {"channel_ids": [world.room.id]},
        "attached": {"posts": [{"id": post_id, "file_ids": []}]},
        "texts": {"texts": [{"id": post_id, "old": "hello", "new": "somebody was here", "edit_at": 0}]},
    }


#: What no call of ours makes: the server's own bot comes when it first looks for reminders, five minutes after its start.
_BUT = {
    "users": "WHERE username <> 'system-bot'",
    "bots": "WHERE userid NOT IN (SELECT id FROM users WHERE username = 'system-bot')",
}


def state_of(world: World) -> dict[str, str]:
    """What a call could change: of each table that the plugin reads or writes, and of its own, all rows as one word."""
    own = [
        row["name"]
        for row in world.rows(
            "SELECT relname AS name FROM pg_class WHERE relname ~ '^mm_pipeline_[a-z]+$' AND relkind = 'r'"
        )
    ]
    assert len(own) == 5
    word = "SELECT md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) AS word FROM {} AS row {}"
    return {
        table: world.rows(word.format(table, _BUT.get(table, "")))[0]["word"] for table in [*tables_watched(), *own]
    }


def how_many(world: World, table: str) -> int:
    return int(world.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


def token_of(server: RunningServer, user_id: str) -> str:
    return str(server.call("POST", f"/users/{user_id}/tokens", {"description": "of a test"})["token"])


def test_nobody_but_a_system_admin_is_answered(world: World) -> None:
    server, taken = world.running, bodies(world)
    team_admin, member, guest = world.ids[world.bo], world.ids[world.cy], world.ids[world.di]
    server.call(
        "PUT",
        f"/teams/{world.server.team_id}/members/{team_admin}/schemeRoles",
        {"scheme_admin": True, "scheme_user": True},
    )
    refused = {
        "": 401,
        "x" * 26: 401,
        token_of(server, member): 403,
        token_of(server, team_admin): 403,
        token_of(server, guest): 403,
    }
    # Without a licence nobody is made a guest by REST.
    world.execute("UPDATE users SET roles = 'system_guest' WHERE id = %(id)s", id=guest)
    world.rest.invalidate_caches()
    before = state_of(world)
    for token, status in refused.items():
        for method, path in _CALLS:
            # Headers that name somebody else, or another plugin, are not believed.
            claimed = {"Mattermost-User-Id": world.rest.me.id, "Mattermost-Plugin-ID": "com.mattermost.server"}
            said = ask(server, method, path, taken.get(path, {}), token, **claimed)
            assert (said.status_code, said.json()["status_code"]) == (status, status), (method, path)
    assert state_of(world) == before
    world.execute("UPDATE users SET roles = 'system_user' WHERE id = %(id)s", id=guest)
    world.rest.invalidate_caches()
    assert ask(server, "GET", "hello").json()["objections"] == []


def test_an_administrator_who_signed_in_is_answered_and_an_app_of_his_is_not(world: World) -> None:
    server, name, password = world.running, f"miller-{secrets.token_hex(4)}", secrets.token_hex(16)
    person = {"username": name, "email": f"{name}@people.invalid", "password": password}
    user_id = server.call("POST", "/users", person)["id"]
    server.call("PUT", f"/users/{user_id}/roles", {"roles": "system_user system_admin"})
    login = {"login_id": name, "password": password}
    signed_in = requests.post(f"{server.url}/api/v4/users/login", json=login, timeout=60).headers["Token"]
    assert ask(server, "GET", "hello", token=signed_in).status_code == 200
    # Who claims to be a plugin is still who he is.
    assert ask(server, "GET", "hello", token=signed_in, **{"Mattermost-Plugin-ID": "x"}).status_code == 200
    # The session of an app, as the server writes it when somebody lets one in by OAuth.
    world.execute("UPDATE sessions SET isoauth = TRUE WHERE token = %(token)s", token=signed_in)
    world.rest.invalidate_caches()
    taken = bodies(world)
    before = state_of(world)
    for method, path in _CALLS:
        said = ask(server, method, path, taken.get(path, {}), signed_in)
        assert (said.status_code, said.json()["message"]) == (
            403,
            "Apps may not ask the plugin: give a personal access token.",
        )
    assert state_of(world) == before


def test_rights_that_are_taken_away_are_gone_at_the_next_call(world: World) -> None:
    user_id = world.ids[world.di]
    world.running.call("PUT", f"/users/{user_id}/roles", {"roles": "system_user system_admin"})
    token = token_of(world.running, user_id)
    assert ask(world.running, "GET", "hello", token=token).status_code == 200
    world.running.call("PUT", f"/users/{user_id}/roles", {"roles": "system_user"})
    assert ask(world.running, "GET", "hello", token=token).status_code == 403


#: Call -> the list that its body consists of, and a field of an item that is text.
_LISTS = {
    "threads": ("threads", "channel_id"),
    "accounts": ("accounts", "username"),
    "channels": ("channels", "name"),
    "read": ("keep", "user_id"),
    "attached": ("posts", "id"),
    "texts": ("texts", "new"),
}
_NOT_AS_IT_MUST_BE: dict[str, tuple[str, int]] = {
    "empty": ("", 400),
    "cut": ("{", 400),
    "list": ("[]", 400),
    "null": ('{{"{items}": [null, 5]}}', 400),
    "type": ('{{"{items}": [{{"{text}": 5}}]}}', 400),
    "field": ('{{"{items}": [], "more": 1}}', 400),
    "bytes": ('{{"{items}": [{{"{text}": "\udcff"}}]}}', 400),
    "after": ('{{"{items}": []}} {{}}', 400),
    "deep": ("[" * 1_000_000, 400),
    "large": ('{{"{items}": [' + " " * (16 << 20) + "]}}", 413),
}


@pytest.mark.parametrize("path", _LISTS)
@pytest.mark.parametrize("case", _NOT_AS_IT_MUST_BE)
def test_a_body_that_is_not_as_it_must_be_is_refused(world: World, path: str, case: str) -> None:
    pattern, status = _NOT_AS_IT_MUST_BE[case]
    items, text = _LISTS[path]
    body = pattern.format(items=items, text=text) if "{items}" in pattern else pattern
    said = ask(world.running, "POST", path, body.encode(errors="surrogateescape"))
    assert (said.status_code, said.json()["status_code"]) == (status, status)
    assert ask(world.running, "GET", "hello").status_code == 200


def test_a_batch_of_more_than_a_transaction_holds_is_refused(world: World) -> None:
    people = [account(world)["accounts"][0] for _ in range(1001)]
    rooms = [channel(world)["channels"][0] for _ in range(1001)]
    before, team = state_of(world), {"team_id": world.server.team_id}
    for path, body in (("accounts", team | {"accounts": people}), ("channels", team | {"channels": rooms})):
        assert ask(world.running, "POST", path, body).status_code == 400
        twice = {name: rows[:1] * 2 if isinstance(rows, list) else rows for name, rows in body.items()}
        assert ask(world.running, "POST", path, twice).status_code == 400
    assert state_of(world) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"username": _SQL},
        {"username": ""},
        {"username": "system"},
        {"email": _SQL},
        {"email": ""},
        {"roles": _SQL},
        {"roles": "system_manager"},
        {"locale": _SQL},
        {"channel_ids": [_SQL]},
        {"channel_ids": ["x" * 26]},
        {"is_outside": True},
        {"delete_at": -1},
        {"first_name": "x" * 65},
        {"position": "x" * 129},
        {"nickname": "a\0b"},
        {"time_zone": "z" * 300},
        {"auth_service": "a" * 33, "auth_data": "b"},
    ],
    ids=str,
)
def test_a_person_that_cannot_be_is_refused_alone(world: World, fields: dict[str, Any]) -> None:
    before = how_many(world, "users")
    good = account(world)
    body = good | {"accounts": good["accounts"] + account(world, **fields)["accounts"]}
    first, second = ask(world.running, "POST", "accounts", body).json()["accounts"]
    assert (first["answer"], set(second)) == ("created", {"reason"})
    assert how_many(world, "users") == before + 1


@pytest.mark.parametrize(
    "fields",
    [
        {"type": _SQL},
        {"type": "X"},
        {"name": _SQL},
        {"name": "x" * 65},
        {"name": f"{'a' * 26}__{'b' * 26}"},
        {"display_name": "x" * 65},
        {"display_name": ""},
        {"header": "x" * 1025},
        {"purpose": "a\0b"},
        {"creator_id": _SQL},
        {"type": "D", "members": []},
        {"type": "D", "members": [_SQL]},
        {"type": "G", "members": ["x" * 26] * 3},
        {"create_at": -5},
    ],
    ids=str,
)
def test_a_channel_that_cannot_be_is_refused_alone(world: World, fields: dict[str, Any]) -> None:
    before = how_many(world, "channels")
    good = channel(world)
    body = good | {"channels": good["channels"] + channel(world, **fields)["channels"]}
    first, second = ask(world.running, "POST", "channels", body).json()["channels"]
    assert (first["answer"], set(second)) == ("created", {"reason"})
    assert how_many(world, "channels") == before + 1


def test_what_is_asked_of_a_channel_elsewhere_or_of_people_who_cannot_come_is_refused(world: World) -> None:
    other = World(world.running, world.work_folder)
    elsewhere = world.http.post(
        "/channels", {"team_id": other.server.team_id, "name": "else", "display_name": "Else", "type": "O"}
    )
    asked = [
        {"id": elsewhere["id"], "set": {"header": _SQL}},
        {"id": _SQL, "set": {"header": _SQL}},
        {"id": world.dm.id, "set": {"header": "other"}},
        {"id": world.gm.id, "members": [world.ids[world.di]]},
        {"id": world.room.id, "members": [_SQL, "x" * 26]},
        {"id": world.attic.id, "set": {"type": "D"}},
    ]
    said = ask(world.running, "POST", "channels", {"team_id": world.server.team_id, "channels": asked}).json()
    kinds = [
        "reason" if one.get("reason") else "refused" if one.get("refused_members") else "done"
        for one in said["channels"]
    ]
    assert kinds == ["reason", "reason", "reason", "refused", "refused", "reason"]
    nobody = ask(world.running, "POST", "channels", {"team_id": _SQL, "channels": []})
    assert nobody.status_code == 400
    # What names nothing that is there changes nothing.
    what = {"channel_ids": [_SQL], "threads_in": [_SQL], "besides": [{"channel_id": _SQL, "user_id": _SQL}]}
    assert ask(world.running, "POST", "read", what).status_code == 200
    post = {"posts": [{"id": _SQL, "file_ids": [_SQL]}]}
    assert set(ask(world.running, "POST", "attached", post).json()["posts"][0]) == {"reason"}
    text = {"texts": [{"id": _SQL, "old": "", "new": ""}]}
    assert ask(world.running, "POST", "texts", text).json()["texts"][0]["reason"] == "it was deleted in Mattermost"


def test_sql_in_what_people_are_called_stands_there_as_text(world: World) -> None:
    fields = dict.fromkeys(
        ("identity", "first_name", "last_name", "nickname", "position", "time_zone", "auth_data"), _SQL
    )
    body = account(world, **fields, auth_service="gitlab")
    (made,) = ask(world.running, "POST", "accounts", body).json()["accounts"]
    user = world.http.get(f"/users/{made['id']}")
    assert [user[name] for name in ("first_name", "last_name", "nickname", "position")] == [_SQL] * 4
    assert user["timezone"]["automaticTimezone"] == _SQL
    room = channel(world, identity=_SQL, display_name=_SQL, header=_SQL, purpose=_SQL)
    (made,) = ask(world.running, "POST", "channels", room).json()["channels"]
    there = world.http.get(f"/channels/{made['id']}")
    assert [there[name] for name in ("display_name", "header", "purpose")] == [_SQL] * 3


def test_sql_in_a_field_is_refused_or_stands_there_as_text(world: World) -> None:
    for field in ("user_id", "type"):
        said = ask(world.running, "POST", "threads", thread(world, **{field: _SQL}))
        assert said.status_code == 200
        assert set(said.json()["threads"][0][0]) == {"reason"}, field
    body = thread(world)
    body["threads"][0]["channel_id"] = _SQL
    assert set(ask(world.running, "POST", "threads", body).json()["threads"][0][0]) == {"reason"}
    assert set(
        ask(
            world.running, "POST", "threads", {"threads": [{"channel_id": world.room.id, "root": {"id": _SQL}}]}
        ).json()["threads"][0][0]
    ) == {"reason"}
    taken = thread(
        world,
        identity=_SQL,
        message=_SQL,
        props={_SQL: _SQL},
        reactions=[{"user_id": world.ids[world.bo], "emoji_name": _SQL, "create_at": MORNING}],
    )
    answer = ask(world.running, "POST", "threads", taken).json()["threads"][0][0]
    again = ask(world.running, "POST", "threads", taken).json()["threads"][0][0]
    assert again["id"] == answer["id"]
    post = next(one for one in world.posts_in(world.room) if one["message"] == _SQL)
    assert post["props"] == {_SQL: _SQL}
    assert [emoji for _, emoji in post["reactions"]] == [_SQL]


def test_a_character_that_no_database_takes_costs_its_thread_alone(world: World) -> None:
    good, bad = thread(world, message="good"), thread(world, message="bad", props={"a": "\0"})
    said = ask(world.running, "POST", "threads", {"threads": good["threads"] + bad["threads"]}).json()["threads"]
    assert set(said[0][0]) == {"id"}
    assert "U+0000" in said[1][0]["reason"]
